package proof

// Operations that a verifier knows, see FORMAT.md. Of others it checks the form alone.
const (
	OpRotate   = "key.rotate"
	OpPrune    = "prune"
	OpConfirm  = "prune.confirm"
	OpBegin    = "origin.begin"
	OpRollback = "incident.rollback"
	OpCollect  = "collect"
)

// The kinds of what went back: what an incident.rollback, or an origin.begin, has as kind in its data.
const (
	FaultRollback  = "rollback"  // somebody remembers more entries than there are
	FaultRewritten = "rewritten" // somebody remembers other entries
	FaultState     = "state"     // governed tables are not as the last entry about them says
	FaultCut       = "cut"       // the first entries are gone, and no prune took them
	FaultPinned    = "pinned"    // entries that are kept past their term are gone, or not what they were
	FaultKey       = "key"       // the signing key is not the diary's: nothing can be written
	FaultUntold    = "untold"    // an entry says that something went back; what it was is gone from the database
)
