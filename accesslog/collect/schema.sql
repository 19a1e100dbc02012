-- How far the recorder's footage is in the diary. Not governed: each row changes with an entry collect, and the
-- manifests say the same in a chain of hashes, against which each start holds the first table. Times are nanoseconds since 1970-01-01 00:00:00 UTC.

CREATE TABLE collected (
    camera  TEXT PRIMARY KEY,   -- id of the camera
    seq     INTEGER NOT NULL,   -- number of its last piece
    until   INTEGER NOT NULL,   -- end of that piece
    hash    BLOB NOT NULL,      -- SHA-256 of its manifest
    streams TEXT NOT NULL       -- streams that were ever in a piece, sorted, with commas between
) STRICT;

-- The segments whose root is in a piece, so that it is in no other. A row goes when its segment has left the index
-- and is older than any footage.
CREATE TABLE collected_segments (
    id  BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- of the segment
    seq INTEGER NOT NULL                                   -- number of the piece, among those of its camera
) STRICT, WITHOUT ROWID;

-- Segments that were listed as open, since their hour could not wait for them any longer.
CREATE TABLE collected_open (
    id     BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- of the segment
    camera TEXT NOT NULL                                      -- id of its camera
) STRICT, WITHOUT ROWID;
