-- Copies of keys that are not on this appliance. Rows come with an entry backup and go with an entry backup.removed or
-- backup.destroyed, in one transaction; the diary itself is what proves them: each start holds them against it. Times are milliseconds since 1970 UTC.
CREATE TABLE copies (
    id     INTEGER PRIMARY KEY, -- index of the entry that registered it
    dir    TEXT NOT NULL,       -- folder it was made in, absolute
    name   TEXT NOT NULL,       -- of the file, without ".part"
    made   INTEGER NOT NULL,    -- when it was begun: it has no key that was destroyed before
    until  INTEGER NOT NULL,    -- by when it is to be gone
    bytes  INTEGER NOT NULL,    -- of the file; 0 if it is not known
    sha256 TEXT NOT NULL,       -- of the file, in hexadecimal; '' if it is not known
    key    TEXT NOT NULL,       -- id of the recovery key that opens it; '' if it is not known
    apart  INTEGER NOT NULL,    -- 1: the folder was on another file system than the state folder
    cut    INTEGER NOT NULL     -- 1: it was cut off, and could not be removed
) STRICT;
