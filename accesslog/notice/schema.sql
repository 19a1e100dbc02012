-- Notices on video surveillance: governed state of the diary. A row says what hangs, or hung, on the wall. Who
-- entered it, who stated that it hung there, and who was informed is in the bodies of the entries. Times are
-- nanoseconds since 1970-01-01 00:00:00 UTC, days are text such as 2026-11-22. No row is deleted, but where a version
-- is withdrawn before it began.

CREATE TABLE notices (
    id      TEXT PRIMARY KEY,    -- eight hexadecimal digits
    content TEXT NOT NULL,       -- JSON, in the one form that the program writes
    entered INTEGER NOT NULL,    -- by the appliance's clock
    entry   INTEGER NOT NULL     -- of notice.add
) STRICT;

CREATE TABLE notice_cameras (
    notice TEXT NOT NULL,
    camera TEXT NOT NULL,
    "from" INTEGER NOT NULL,     -- in force from then on, until the next one of the camera begins
    "to"   INTEGER CHECK ("to" > "from"), -- or until it was ended; NULL: it was not
    PRIMARY KEY (notice, camera)
) STRICT;

CREATE TABLE notice_decisions (
    entry   INTEGER NOT NULL,    -- of notice.decide
    camera  TEXT NOT NULL,
    number  TEXT NOT NULL,       -- of the head's written decision
    day     TEXT NOT NULL,       -- on which it was taken
    reasons TEXT NOT NULL,
    PRIMARY KEY (entry, camera)
) STRICT;

CREATE TABLE notice_informed (
    entry  INTEGER PRIMARY KEY,  -- of notice.informed, which has the names
    notice TEXT NOT NULL,
    day    TEXT NOT NULL,        -- of the last signature
    count  INTEGER NOT NULL CHECK (count >= 0), -- employees who signed
    "all"  INTEGER NOT NULL CHECK ("all" IN (0, 1)) -- 1: nobody who works in the area is left
) STRICT;
