package web

import (
	"varuh/accesslog"
	"varuh/accesslog/packing"
)

// PackageAsked is how the package of an approved request is to be built.
type PackageAsked struct {
	Sound  bool             `json:"sound,omitempty"`  // with sound, where that was lawful
	Ground accesslog.Ground `json:"ground,omitempty"` // of art. 18(2) GDPR, on which restricted footage is taken; if it is missing that is left out
	Remark string           `json:"remark,omitempty"`
}

// PackageInfo is a package with how far it has come. Progress is told by events, too: as packages in a Pulse.
type PackageInfo struct {
	Request   string       `json:"request"`
	Entry     int64        `json:"entry"` // package.order
	Step      packing.Step `json:"step"`
	Done      int64        `json:"done"`             // bytes that are written
	Of        int64        `json:"of,omitempty"`     // that it will have, about; none: not known yet
	Clips     int          `json:"clips,omitempty"`  // that are written, while it is built
	Since     moment       `json:"since,omitzero"`   // when its building began, while that goes on
	Failed    string       `json:"failed,omitempty"` // why the last try came to nothing, in the language asked for; it can be asked for again
	Bytes     int64        `json:"bytes,omitempty"`
	Manifest  string       `json:"manifest,omitempty"` // SHA-256, in hexadecimal
	Disclose  int64        `json:"disclose,omitempty"` // its entry
	Delivered []Footage    `json:"delivered"`          // that is in it
	Sound     bool         `json:"sound"`
	Taken     bool         `json:"taken"`             // all of it left, or by a network nobody knows: the handover can be entered
	Until     moment       `json:"until,omitzero"`    // when it is destroyed at the latest; none: nothing says so yet
	Ended     int64        `json:"ended,omitempty"`   // the entry that ended it
	Why       packing.Why  `json:"why,omitempty"`     // it ended
	BuildBy   moment       `json:"build_by,omitzero"` // until when it has to be built
	Warning   string       `json:"warning"`           // that every recipient is told expressly
	Links     bool         `json:"links"`             // an outsider can be given a secret address

	Deliveries []Delivery `json:"deliveries"` // of all packages of the request, in order
}

// Delivery is a package that left, or may leave, once.
type Delivery struct {
	Entry     int64          `json:"entry"`               // handover
	Package   int64          `json:"package"`             // package.order of what left
	Way       packing.Way    `json:"way"`                 // by which it left
	Link      int64          `json:"link,omitempty"`      // package.link, if it was by a secret address
	At        moment         `json:"at"`                  // when that was entered
	End       int64          `json:"end,omitempty"`       // handover.end; none: it is under way, or nobody has fetched it yet
	Over      moment         `json:"over,omitzero"`       // when it ended; none: not yet
	Result    packing.Result `json:"result,omitempty"`    // how it ended; none: it has not
	Bytes     int64          `json:"bytes,omitempty"`     // of its files that left
	Files     int64          `json:"files,omitempty"`     // that left whole
	Recipient string         `json:"recipient,omitempty"` // for whom it was: only for who reads the disclosure register with its names
}

// PackageList are packages that are there or to be built, and those that ended, in the order in which they were asked for.
type PackageList struct {
	Packages []PackageInfo `json:"packages"`
}

// PackageTaking is for whom a package is downloaded.
type PackageTaking struct {
	Recipient string `json:"recipient"`        // name of who is to have it, and of what body
	Medium    string `json:"medium,omitempty"` // such as a USB disk, with its mark
	Encrypted bool   `json:"encrypted"`        // as a ZIP that takes a passphrase (WinZip AES-256); else a plain one
	Warned    bool   `json:"warned"`           // the warning was read
	Remark    string `json:"remark,omitempty"`
}

// PackageReady is a package that can be downloaded once.
type PackageReady struct {
	Entry      int64  `json:"entry"`                // handover
	Download   string `json:"download"`             // path of the download, behind the prefix of the API
	Passphrase string `json:"passphrase,omitempty"` // shown once, and stored nowhere: it goes by another way than the package
	Until      moment `json:"until"`
	Warning    string `json:"warning"`
}

// PackageHandover is how a package that was taken out is handed over.
type PackageHandover struct {
	Recipient string `json:"recipient"`
	Known     string `json:"known"`  // how his identity is known, such as by his service card
	Medium    string `json:"medium"` // such as a USB disk, with its mark
	Warned    bool   `json:"warned"` // he was told for what alone he may use it
	Remark    string `json:"remark,omitempty"`
}
