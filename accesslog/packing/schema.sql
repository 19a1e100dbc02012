-- Packages for requests: governed state of the diary. Whoever could change a row would let a package out by an address of
-- his own, once more than it was granted, or under the request of another; the entries, which are encrypted, would not show
-- it while all is locked. Rows come with an entry package.order and change with the entries that they name, in one
-- transaction. They name no person but by id. Times are nanoseconds since 1970-01-01 00:00:00 UTC. No row is deleted.

CREATE TABLE packages (
    id        INTEGER PRIMARY KEY, -- index of package.order
    request   TEXT NOT NULL,       -- id
    person    TEXT NOT NULL,       -- id of who ordered it
    sound     INTEGER NOT NULL CHECK (sound IN (0, 1)), -- 1: with sound, where that was lawful
    ground    TEXT NOT NULL,       -- on which restricted footage is taken; '': it is left out
    object    TEXT NOT NULL,       -- place of the sealed object; '' until it is finished
    bytes     INTEGER NOT NULL,    -- of its files; 0 until then
    disclose  INTEGER NOT NULL,    -- its entry; 0 until then
    stage     INTEGER NOT NULL,    -- package.stage; 0 until then
    manifest  TEXT NOT NULL,       -- SHA-256 of the manifest, in hexadecimal; '' until then
    delivered TEXT NOT NULL,       -- footage that is in it, as JSON; '' until then
    segments  TEXT NOT NULL,       -- that it is made of, as JSON, by which its term is told anew each time; '' until then, and once it has ended
    ended     INTEGER NOT NULL,    -- the entry that ended it: package.fail, package.cancel, erase.package; 0: it is there or to be built
    why       TEXT NOT NULL        -- why it ended: cancelled, failed, handed over, term, undone, lost; '' while it has not
) STRICT;

-- Secret addresses by which outsiders fetch a package. Neither the secret nor the passphrase is here, only their SHA-256 in
-- hexadecimal: both have more than 120 random bits.
CREATE TABLE package_links (
    id         INTEGER PRIMARY KEY, -- index of package.link, which says for whom it is
    package    INTEGER NOT NULL,
    secret     TEXT NOT NULL UNIQUE,
    passphrase TEXT NOT NULL,
    until      INTEGER NOT NULL,
    uses       INTEGER NOT NULL CHECK (uses >= 0), -- that are left
    ended      INTEGER NOT NULL     -- package.link.end; 0: nobody has ended it
) STRICT;

-- What left, or was prepared to: a row comes with its entry handover, and is closed with handover.end.
CREATE TABLE package_deliveries (
    id       INTEGER PRIMARY KEY, -- index of handover, which says for whom it is
    package  INTEGER NOT NULL,
    way      TEXT NOT NULL CHECK (way IN ('download', 'folder', 'link')),
    link     INTEGER NOT NULL,    -- by which; 0: by none
    at       INTEGER NOT NULL,
    ended    INTEGER NOT NULL,    -- handover.end; 0: it is under way, or nobody has fetched it yet
    finished INTEGER NOT NULL,    -- when it ended; 0: not yet
    result   TEXT NOT NULL CHECK (result IN ('', 'whole', 'cut off', 'not fetched', 'unknown')), -- '': not yet
    bytes    INTEGER NOT NULL,    -- of its files that left
    files    INTEGER NOT NULL     -- that left whole
) STRICT;
