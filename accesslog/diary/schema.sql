-- varuh.db: the diary's own tables. Those of governed state are made by the packages that own them.
--
-- Times are milliseconds since 1970-01-01 00:00:00 UTC. An index is an entry's number in the log; a size
-- counts entries. STRICT makes SQLite refuse a value of another type, so that a damaged row is an error.

PRAGMA application_id = 0x76726462; -- "vrdb"
PRAGMA user_version = 1;            -- raised with every change of this file

-- The origins the log has had. More than one only after the diary went back and two persons said so.
CREATE TABLE diary_origins (
    first  INTEGER PRIMARY KEY,  -- index of the entry origin.begin: from here on bodies are bound to this origin
    origin TEXT NOT NULL UNIQUE  -- name of the log in its checkpoints
) STRICT;

-- The public signing keys the log has had. The last row is in force.
CREATE TABLE diary_signers (
    first      INTEGER PRIMARY KEY,   -- index of the entry that put it in force: origin.begin or key.rotate
    vkey       TEXT NOT NULL UNIQUE,  -- verifier key of golang.org/x/mod/sumdb/note
    leaf       TEXT,                  -- of the key.rotate; this and the following are NULL for an origin.begin
    manifest   TEXT,                  -- of the key.rotate
    inclusion  BLOB,                  -- of that leaf in the tree that ends with it, hashes of 32 bytes
    checkpoint TEXT                   -- over that tree, signed by both keys; outlasts the entry's term
) STRICT;

-- The leaves, byte for byte as they were hashed. They are apart from the bodies so that a start reads
-- them densely.
CREATE TABLE diary_leaves (
    i    INTEGER PRIMARY KEY,    -- index
    leaf TEXT NOT NULL           -- one line of JSON without its newline
) STRICT;

-- What people read, encrypted.
CREATE TABLE diary_bodies (
    i        INTEGER PRIMARY KEY,  -- index
    key      INTEGER NOT NULL,     -- id of the content key of body and manifest; SQLite need not check it at each prune
    body     BLOB NOT NULL,        -- nonce of 24 bytes and XChaCha20-Poly1305 of the body
    manifest BLOB,                 -- the same for what the leaf's obj is the hash of, NULL without one
    clear    INTEGER NOT NULL      -- 1: manifest is not encrypted, so that it can be read while nobody holds a key
) STRICT;

-- Content keys. The key itself is in memory only, while it is in use.
CREATE TABLE diary_keys (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice
    name BLOB NOT NULL UNIQUE,               -- 16 random bytes that its boxes are bound to
    year INTEGER NOT NULL,                   -- calendar year of its first entry
    pin  INTEGER REFERENCES diary_pins (id)  -- the pin whose bodies it encrypts, NULL for all other bodies
) STRICT;

-- Content keys, sealed by HPKE to the public keys of the diary.
CREATE TABLE diary_sealed (
    key INTEGER NOT NULL REFERENCES diary_keys (id) ON DELETE CASCADE,
    "to" BLOB NOT NULL,          -- id of the public key, 8 bytes
    box BLOB NOT NULL,           -- encapsulated key and ciphertext, 80 bytes
    PRIMARY KEY (key, "to")
) STRICT;

-- Hashes of whole subtrees of at least 256 leaves; smaller ones are computed from the leaves. Before the
-- last cut only those are left, of any size, that joining with what left the appliance needs.
CREATE TABLE diary_hashes (
    id   INTEGER PRIMARY KEY,    -- tlog.StoredHashIndex of level and number
    hash BLOB NOT NULL           -- 32 bytes
) STRICT;

-- The last checkpoint, and where the tree begins.
CREATE TABLE diary_head (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    size       INTEGER NOT NULL, -- entries
    checkpoint TEXT NOT NULL,    -- signed note over that size
    cut        INTEGER NOT NULL, -- entries before it are pruned
    state      TEXT NOT NULL     -- manifest of the governed state: its hash is the obj of the last governed entry
) STRICT;

-- Checkpoints that left the appliance, and those that end with a key.rotate: they can be joined with
-- every later one for ever.
CREATE TABLE diary_released (
    size       INTEGER NOT NULL, -- entries under it
    checkpoint TEXT NOT NULL,    -- the signed note
    PRIMARY KEY (size, checkpoint)
) STRICT;

-- Outside parties whose word about the diary counts. Governed state.
CREATE TABLE diary_parties (
    name  TEXT PRIMARY KEY,      -- key name of a witness, subject of a time-stamping authority
    kind  TEXT NOT NULL,         -- 'witness' or 'tsa'
    key   TEXT NOT NULL,         -- verifier key, or certificate in PEM
    first INTEGER NOT NULL       -- index of the entry party.add
) STRICT;

-- What outside parties gave: cosignatures and timestamps over released checkpoints.
CREATE TABLE diary_anchors (
    i     INTEGER PRIMARY KEY,   -- index of the entry anchor
    size  INTEGER NOT NULL,      -- of the checkpoint it is over
    kind  TEXT NOT NULL,         -- 'witness', 'tsa' or 'print'
    party TEXT NOT NULL,         -- who gave it
    time  INTEGER NOT NULL,      -- the time it states
    data  BLOB NOT NULL          -- a cosigned checkpoint, or a timestamp token
) STRICT;
CREATE INDEX diary_anchors_size ON diary_anchors (size);

-- Why entries outlast their term: holds, and restrictions that ended less than two years ago. Governed state.
CREATE TABLE diary_pins (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    name   TEXT NOT NULL UNIQUE, -- of the hold or restriction
    until  INTEGER               -- NULL while it holds; then the time from which it does not
) STRICT;

-- The entries of a pin. Governed state.
CREATE TABLE diary_pinned (
    pin   INTEGER NOT NULL REFERENCES diary_pins (id) ON DELETE CASCADE,
    i     INTEGER NOT NULL,      -- index of an entry
    PRIMARY KEY (pin, i)
) STRICT;
CREATE INDEX diary_pinned_i ON diary_pinned (i);

-- Years that are closed. An entry's year is that of the interval its index lies in, never its time.
-- Governed state.
CREATE TABLE diary_years (
    i    INTEGER PRIMARY KEY,    -- index of the entry year.close, the last one of its year
    year INTEGER NOT NULL        -- the calendar year that it closes
) STRICT;

-- What was found to have gone back. A row stays when it was accepted. Governed state.
CREATE TABLE diary_faults (
    i        INTEGER PRIMARY KEY, -- index of the incident entry
    kind     TEXT NOT NULL,       -- as in Fault
    seen_by  TEXT NOT NULL,       -- who remembered otherwise; the tables, for a fault of the state
    there    INTEGER NOT NULL,    -- size remembered there
    here     INTEGER NOT NULL,    -- size of this diary when it was found
    accepted INTEGER              -- index of the entry origin.begin that ended it, NULL until then
) STRICT;

-- The prune that is under way, if any.
CREATE TABLE diary_prune (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    i     INTEGER NOT NULL,      -- index of the entry prune
    cut   INTEGER NOT NULL,      -- what lies before it goes
    time  INTEGER NOT NULL       -- the time by which pins are judged
) STRICT;
