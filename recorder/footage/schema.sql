-- The index of footage: which camera has what when. See FORMAT.md.
--
-- All times are nanoseconds since 1970-01-01 00:00:00 UTC, all lengths nanoseconds. A time called
-- header_* is as the segment file has it and never changes; its twin without the prefix is what
-- people see, corrected once the clock of the boot was set.
--
-- STRICT makes SQLite refuse a value of another type, so that a damaged row is an error, not a guess.

PRAGMA application_id = 0x76726675; -- "vrfu"
PRAGMA user_version = 2;            -- raised with every change of this file; Open refuses all others

-- The stores whose files all have a row: those that a rebuild walked, or a start that met them for the
-- first time. A store that is not listed may hold footage that nobody sees, so OpenOrRebuild walks it.
CREATE TABLE stores (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16) -- as segments.store
) STRICT, WITHOUT ROWID;

-- What others want to find again beside the rows, such as how far the diary was when it was last looked at.
-- A rebuilt index has none: it cannot say what it was told before.
CREATE TABLE marks (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    mark BLOB NOT NULL CHECK (length(mark) <= 4096) -- opaque to the index
) STRICT;

-- One stream of one camera. Rows stay when the last segment goes.
CREATE TABLE streams (
    id              INTEGER PRIMARY KEY,
    camera          TEXT NOT NULL,               -- id of the camera
    stream          TEXT NOT NULL,               -- 'main' or 'sub'
    longest_segment INTEGER NOT NULL DEFAULT 0,  -- no segment ever seen was longer: how far before a span a query must look
    longest_gap     INTEGER NOT NULL DEFAULT 0,  -- the same for gaps that a segment carries
    UNIQUE (camera, stream)
) STRICT;

-- Descriptions of formats, kept once: a year repeats a handful of them.
CREATE TABLE formats (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE                    -- Header.Format
) STRICT;

-- Starts of the machine. What corrects a time is here: unset plus CLOCK_BOOTTIME is what the clock
-- showed before it was set, origin plus CLOCK_BOOTTIME what it should have shown.
CREATE TABLE boots (
    id         INTEGER PRIMARY KEY,
    boot       BLOB NOT NULL UNIQUE CHECK (length(boot) = 16), -- the kernel's boot id
    origin     INTEGER,                          -- UTC at which CLOCK_BOOTTIME was zero; NULL while the clock was never set
    origin_age INTEGER,                          -- boot_time of the segment that origin comes from; NULL if Redate was told
    unset      INTEGER,                          -- the same instant by the clock not yet set; NULL if nothing was recorded by it
    unset_age  INTEGER                           -- boot_time of the segment that unset comes from
) STRICT;

-- One segment file.
CREATE TABLE segments (
    id           BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- keyring.ID, sorts by age
    store        BLOB NOT NULL CHECK (length(store) = 16),          -- the disk it lies on
    slot         INTEGER NOT NULL,               -- number of its key slot in the slot file of its day
    stream       INTEGER NOT NULL REFERENCES streams,
    run          BLOB NOT NULL CHECK (length(run) = 16),            -- segments of a run join without a seam
    start        INTEGER NOT NULL,               -- first frame
    "end"        INTEGER NOT NULL,               -- end of the last record; start while open
    bytes        INTEGER NOT NULL,               -- of the file; 0 while open
    records      INTEGER NOT NULL,               -- the init segment included; 0 while open
    sealed       INTEGER NOT NULL CHECK (sealed IN (0, 1)),    -- 0 while it is being written
    recovered    INTEGER NOT NULL CHECK (recovered IN (0, 1)), -- 1: sealed after a crash
    loss         INTEGER NOT NULL CHECK (loss IN (0, 1)),      -- 1: a record has the loss flag
    format       INTEGER NOT NULL REFERENCES formats,
    boot         INTEGER NOT NULL REFERENCES boots,
    boot_time    INTEGER NOT NULL,               -- CLOCK_BOOTTIME of the first frame
    header_start INTEGER NOT NULL,               -- first frame, as the file has it
    clock        INTEGER NOT NULL CHECK (clock IN (0, 1)),     -- 0: header_start is from a clock not yet set
    root         BLOB NOT NULL CHECK (length(root) = 32)       -- Merkle root over the leaves; zeros while open
) STRICT, WITHOUT ROWID;

-- What a timeline asks for; it covers sums of time and bytes, so that they need no row.
CREATE INDEX segments_by_start ON segments (stream, start, "end", bytes);

-- What correcting a boot asks for. Few rows ever qualify.
CREATE INDEX segments_undated ON segments (boot) WHERE clock = 0;

-- What is being written now, one row a stream.
CREATE INDEX segments_open ON segments (stream) WHERE sealed = 0;

-- Spans in which a stream was not recorded. A gap is pending until a segment begins after it;
-- then the header of that segment carries it.
CREATE TABLE gaps (
    id          INTEGER PRIMARY KEY,
    stream      INTEGER NOT NULL REFERENCES streams,
    "from"      INTEGER NOT NULL,                -- end of the last frame before
    "to"        INTEGER,                         -- first frame after; NULL while it lasts
    cause       TEXT NOT NULL,                   -- one word of the recorder's list
    header_from INTEGER NOT NULL,                -- "from" as the header has it, or as it was told
    header_to   INTEGER,                         -- "to" likewise
    carrier     BLOB REFERENCES segments ON DELETE CASCADE, -- whose header tells of it; NULL while pending
    boot        INTEGER REFERENCES boots,        -- pending: the boot in which it was first told; else NULL
    clock       INTEGER CHECK (clock IN (0, 1))  -- pending: the state of the clock then; else NULL
) STRICT;

CREATE INDEX gaps_by_from ON gaps (stream, "from");
CREATE INDEX gaps_by_carrier ON gaps (carrier) WHERE carrier IS NOT NULL;
CREATE UNIQUE INDEX gaps_pending ON gaps (stream, header_from) WHERE carrier IS NULL;
