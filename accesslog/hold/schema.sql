-- Holds and restrictions that are in force: governed state of the diary. Who set them, for whom and why is in
-- the bodies of their entries. Times are nanoseconds since 1970-01-01 00:00:00 UTC.

CREATE TABLE holds (
    id        TEXT PRIMARY KEY,    -- eight hexadecimal digits
    kind      TEXT NOT NULL CHECK (kind IN ('rights', 'order', 'disclosure', 'incident', 'provisional')),
    camera    TEXT NOT NULL,       -- '' for every camera
    "from"    INTEGER NOT NULL,    -- footage that overlaps ["from", "to")
    "to"      INTEGER NOT NULL CHECK ("to" > "from"),
    past_term INTEGER NOT NULL CHECK (past_term IN (0, 1)),
    review    INTEGER NOT NULL,    -- day on which it is looked at again; a provisional one ends on it
    entry     INTEGER NOT NULL     -- of hold.set
) STRICT;

CREATE TABLE restrictions (
    id        TEXT PRIMARY KEY,    -- eight hexadecimal digits
    ground    TEXT NOT NULL CHECK (ground IN ('accuracy', 'unlawful', 'claims', 'objection')),
    camera    TEXT NOT NULL,       -- '' for every camera
    "from"    INTEGER NOT NULL,
    "to"      INTEGER NOT NULL CHECK ("to" > "from"),
    review    INTEGER NOT NULL,
    entry     INTEGER NOT NULL     -- of restrict.set
) STRICT;

-- How far the diary was looked through for entries about what is held or restricted, which outlast their term. No row:
-- nobody looked yet, since no key of the diary was at hand.
CREATE TABLE hold_pins (
    id     TEXT PRIMARY KEY,       -- of the hold or restriction
    camera TEXT NOT NULL,          -- as there: a restriction's row is gone when it ends
    "from" INTEGER NOT NULL,
    "to"   INTEGER NOT NULL CHECK ("to" > "from"),
    below  INTEGER NOT NULL,       -- of the entries before it, those that are about it are pinned
    until  INTEGER NOT NULL        -- 0 while it is in force; then, of a restriction, the end of the two years
) STRICT;
