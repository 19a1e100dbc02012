-- How far the recorder's footage is in the diary. Not governed: each row changes with an entry collect, and the
-- manifests say the same in a chain of hashes. Times are nanoseconds since 1970-01-01 00:00:00 UTC.

CREATE TABLE collected (
    camera  TEXT PRIMARY KEY,   -- id of the camera
    seq     INTEGER NOT NULL,   -- number of its last piece
    until   INTEGER NOT NULL,   -- end of that piece
    hash    BLOB NOT NULL,      -- SHA-256 of its manifest
    streams TEXT NOT NULL       -- streams that were ever in a piece, sorted, with commas between
) STRICT;
