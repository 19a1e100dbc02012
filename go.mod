module varuh

go 1.26.0

require (
	codeberg.org/go-pdf/fpdf v0.12.0 // papers as PDF, fonts within; no dependencies of its own in what is linked
	filippo.io/age v1.2.1 // the format of backups: anybody's age opens it with the recovery words
	github.com/alecthomas/kong v1.17.0 // the command line, told by structs; no dependencies of its own
	github.com/bluenviron/gortsplib/v5 v5.6.5 // RTSP; v5 because its author ended v4 with an empty release (v4.16.3)
	github.com/bluenviron/mediacommon/v2 v2.9.4 // parameter sets of H.264, H.265 and AAC, and the MPEG-TS of test clips; the version gortsplib v5.6.5 selects
	github.com/chromedp/cdproto v0.159.0 // in tests: what chromedp's browser tells of its pages
	github.com/chromedp/chromedp v0.23.0 // in tests: a real browser plays what the API offers
	github.com/coreos/go-systemd/v22 v22.7.0 // readiness and watchdog of the service
	github.com/fsnotify/fsnotify v1.10.1 // notices that a configuration file was saved
	github.com/goccy/go-yaml v1.19.2 // the configuration, strictly, with line and column of each mistake
	github.com/mattn/go-sqlite3 v1.14.53 // the index of footage, and the diary's with all state that its entries change
	github.com/pion/rtcp v1.2.17 // gortsplib's type for the reports that tell a camera's clock
	github.com/pion/rtp v1.10.6 // gortsplib's type for packets over UDP
	github.com/prometheus/client_golang v1.25.0 // metrics on loopback
	github.com/rogpeppe/go-internal v1.16.0 // testscript: the program tested from outside
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // in tests: holds what the API answers against the schemas that describe it
	github.com/transparency-dev/formats v0.1.2-0.20260710124811-af9e607161b6 // in tests: somebody else's checkpoints and proofs
	github.com/transparency-dev/merkle v0.0.2 // in tests: somebody else's Merkle trees
	golang.org/x/crypto v0.58.0 // (X)ChaCha20-Poly1305 for footage and the diary, Argon2id for passwords, cryptobyte for headers and seals of segments
	golang.org/x/image v0.47.0 // the Go fonts, for papers, with their licence
	golang.org/x/mod v0.42.0 // sumdb: Merkle trees over the diary and over each segment (tlog), and signed checkpoints (note)
	golang.org/x/sys v0.49.0 // fdatasync, syncfs, adjtimex, SO_RCVLOWAT and other system calls
	golang.org/x/term v0.47.0 // asks for words and passwords without echo, knows the width of a terminal
	golang.org/x/text v0.43.0 // takes letters and their accents apart, so that one person's name in two spellings is not two persons
	rsc.io/qr v0.2.0 // QR codes on papers and of the second factor; no dependencies of its own
)

require (
	filippo.io/mldsa v0.0.0-20260215214346-43d0283efc3e // indirect
	github.com/abema/go-mp4 v1.7.1 // indirect
	github.com/asticode/go-astikit v0.30.0 // indirect
	github.com/asticode/go-astits v1.16.0 // indirect
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/gorilla/websocket v1.5.3 // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/pion/logging v0.2.4 // indirect
	github.com/pion/randutil v0.1.0 // indirect
	github.com/pion/sdp/v3 v3.0.19 // indirect
	github.com/pion/srtp/v3 v3.0.13 // indirect
	github.com/pion/transport/v4 v4.1.0 // indirect
	github.com/prometheus/client_model v0.6.3 // indirect
	github.com/prometheus/common v0.72.0 // indirect
	github.com/prometheus/procfs v0.22.0 // indirect
	golang.org/x/net v0.60.0 // indirect
	golang.org/x/tools v0.51.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)
