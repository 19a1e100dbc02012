// Package cost guards the promise that recording is cheap: it measures the real varuh against
// ffmpeg -c copy, side by side in one run on one machine. It has a benchmark and no code of its own:
//
//	go test -run '^$' -bench RecordingCost -benchtime 1x ./cmd/varuh/cost
//
// Each round plays the same cameras, with each pacing of [fleet.Pacing], first to ffmpeg, one
// process a camera writing MP4, then to varuh serve, built by go build and initialised with keys of
// its own, which encrypts, hashes and syncs. Rounds alternate, so that a machine that is busy with
// something else is busy for both. The figures are medians over the rounds, the ratio of CPU is the
// median of each round's ratio. Targets are told as met or not met; they are stated for 32 streams
// of 4 Mbit/s. The benchmark fails if any stream was not recorded whole.
//
// How it counts, over a window that begins once every camera plays and the recorder has warmed up:
//
//  1. CPU is the kernel's nanosecond clock of each process, the sum of what
//     /proc/PID/task/*/schedstat tells, but with the threads that ended. The source is a process of
//     its own. On loopback the kernel receives in the sender's context and writes back in its own
//     threads, so both recorders are spared that alike.
//  2. Memory is PSS (/proc/PID/smaps_rollup) at the end of the window, which shares what 32 ffmpegs
//     have in common. varuh is not dumpable, so other accounts but root cannot read it.
//  3. Bytes written, per byte that the source sent in the window: by the process
//     (/proc/PID/io write_bytes), and by the disk (its sectors, the whole machine's; the file system
//     is synced before and after, so that all that was written in the window is in it, and no more).
//  4. Wake-ups are voluntary context switches.
//
// Settings in the environment, for shorter runs and closer looks:
//
//	VARUH_COST_STREAMS  cameras (32)
//	VARUH_COST_WINDOW   measured time of each run (15s)
//	VARUH_COST_WARMUP   time before it (6s)
//	VARUH_COST_ROUNDS   (3)
//	VARUH_COST_DIR      where recordings go for the time of a run (the account's cache folder); it
//	                    must be on a disk, with room for 20 MB per stream and minute, twice
//	VARUH_COST_PPROF    a folder that takes varuh's profiles (CPU, memory) of each pacing
//
// For a profile, varuh is built with one file more (testdata/profile.go, through go build -overlay);
// varuh itself has no way in for a profiler.
package cost
