-- Who may log in, and what for. All but the last two tables are governed state of the diary: who changed them and why
-- is in the bodies of their entries. Times are nanoseconds since 1970-01-01 00:00:00 UTC, keys are in package people.

CREATE TABLE persons (
    id       TEXT PRIMARY KEY,      -- eight hexadecimal digits
    login    TEXT NOT NULL UNIQUE,  -- name to log in with, in small letters
    name     TEXT NOT NULL,         -- as people know the person
    language TEXT NOT NULL CHECK (language IN ('sl', 'en')),
    salt     BLOB NOT NULL CHECK (length(salt) = 16), -- of argon2id over the password
    memory   INTEGER NOT NULL,      -- its cost: KiB,
    passes   INTEGER NOT NULL,      -- passes
    lanes    INTEGER NOT NULL,      -- and lanes
    verifier BLOB NOT NULL CHECK (length(verifier) = 32), -- derived from it
    renew    INTEGER NOT NULL CHECK (renew IN (0, 1)),    -- 1: the password is to be changed at the next log-in
    second   BLOB,                  -- secret of the second factor, encrypted under a key from the password; NULL: none
    reset    INTEGER,               -- entry by which somebody else set the password, until it is changed; else NULL,
    reset_at INTEGER,               -- its time
    reset_by TEXT,                  -- and the name of who did it
    entry    INTEGER NOT NULL       -- of person.add
) STRICT;

CREATE TABLE authorisations (
    id         TEXT PRIMARY KEY,    -- eight hexadecimal digits
    person     TEXT NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    role       TEXT NOT NULL CHECK (role IN ('administrator', 'approver', 'caretaker', 'auditor', 'maintainer', 'guard', 'inspector')),
    cameras    TEXT CHECK (cameras <> ''), -- ids with commas between, sorted; NULL: all
    "from"     INTEGER NOT NULL,
    "to"       INTEGER CHECK ("to" > "from"), -- NULL: without end
    paper      INTEGER,             -- beginning of the day on which its paper was signed; NULL: not yet
    granted_by TEXT NOT NULL CHECK (granted_by <> person), -- id of a person; '' on the console
    deputy_of  TEXT NOT NULL CHECK (deputy_of <> person),  -- id of an approver; '' for nobody
    outside    INTEGER NOT NULL CHECK (outside IN (0, 1)), -- 1: also from outside the premises
    back       INTEGER NOT NULL CHECK (back >= 0), -- a guard's look-back, in nanoseconds
    entry      INTEGER NOT NULL     -- of authorise, or of the person.add of the first person
) STRICT;

-- Private reading keys, each encrypted under a key that only the password of its person gives.
CREATE TABLE person_wraps (
    person TEXT NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    which  TEXT NOT NULL CHECK (which IN ('footage', 'diary')),
    key    TEXT NOT NULL,           -- id of the key pair
    blob   BLOB NOT NULL,
    PRIMARY KEY (person, which)
) STRICT;

-- One-time codes, in place of a second factor that was lost.
CREATE TABLE person_codes (
    person TEXT NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    hash   BLOB NOT NULL CHECK (length(hash) = 32), -- SHA-256, of 80 random bits
    PRIMARY KEY (person, hash)
) STRICT;

-- The link by which the first person comes in: at most one.
CREATE TABLE person_link (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    hash    BLOB NOT NULL CHECK (length(hash) = 32), -- of its token
    expires INTEGER NOT NULL,
    entry   INTEGER NOT NULL        -- of person.link
) STRICT;

-- Tokens of authorities.
CREATE TABLE tokens (
    id      TEXT PRIMARY KEY,       -- eight hexadecimal digits
    name    TEXT NOT NULL,          -- of the authority
    holder  TEXT NOT NULL,          -- name of the person who answers for its use
    hash    BLOB NOT NULL UNIQUE CHECK (length(hash) = 32), -- of the token
    role    TEXT NOT NULL CHECK (role IN ('auditor', 'inspector', 'applicant')),
    cameras TEXT CHECK (cameras <> ''), -- ids with commas between, sorted; NULL: all
    "from"  INTEGER NOT NULL,
    "to"    INTEGER NOT NULL CHECK ("to" > "from"),
    outside INTEGER NOT NULL CHECK (outside IN (0, 1)), -- 1: also from outside the premises
    entry   INTEGER NOT NULL        -- of token.issue
) STRICT;

-- Who could act in the name of an account: who added the person, set his password, or issued the token. What has to be
-- decided by two is not decided by one who is both. No row is deleted, with the account neither.
CREATE TABLE account_makers (
    account TEXT NOT NULL,          -- id of a person, or token- and that of a token
    maker   TEXT NOT NULL,          -- id of a person
    at      INTEGER NOT NULL,
    entry   INTEGER NOT NULL        -- of person.add, person.reset or token.issue
) STRICT;

-- Not governed: each row changes with an entry login, so that people can log in to see to a fault of the diary. Whoever
-- writes here as root makes a code good again, and the diary doesn't tell.

-- The last time step whose code was used, so that no code is used twice.
CREATE TABLE person_steps (
    person TEXT PRIMARY KEY REFERENCES persons (id) ON DELETE CASCADE,
    step   INTEGER NOT NULL         -- 30 s each, since 1970
) STRICT;

-- One-time codes that were used.
CREATE TABLE person_used (
    person TEXT NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    hash   BLOB NOT NULL,
    PRIMARY KEY (person, hash)
) STRICT;
