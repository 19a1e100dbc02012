-- Requests for footage: governed state of the diary. Who asks, for what and in which case is in the bodies of the
-- entries; no row names anybody. Times are nanoseconds since 1970-01-01 00:00:00 UTC, days are text such as 2026-11-22.
-- No row of a request or of a step is deleted.

CREATE TABLE requests (
    id        TEXT PRIMARY KEY,    -- eight hexadecimal digits
    kind      TEXT NOT NULL CHECK (kind IN ('authority', 'own initiative', 'other', 'subject')),
    way       TEXT NOT NULL CHECK (way IN ('paper', 'token', 'oral')),
    state     TEXT NOT NULL CHECK (state IN ('incomplete', 'complete', 'extended', 'own law', 'approved', 'refused', 'silent',
                  'withdrawn', 'built', 'handed over', 'confirmed')),
    basis     TEXT NOT NULL,       -- id of the legal basis; '' while it is missing
    form      TEXT NOT NULL CHECK (form IN ('', 'folder', 'zip', 'view', 'masked')), -- '' while it is missing
    received  INTEGER NOT NULL,
    completed INTEGER NOT NULL,    -- when it became complete; 0: not yet
    missing   TEXT NOT NULL,       -- fields, with commas between; '' for none
    signed    INTEGER NOT NULL CHECK (signed IN (0, 1)), -- 1: there is a signature, or a token
    paper     INTEGER NOT NULL CHECK (paper IN (0, 1)),  -- 1: the paper of an oral request is awaited
    due       TEXT NOT NULL,       -- day that was agreed, or that another law gives; '' for none
    single    INTEGER NOT NULL CHECK (single IN (0, 1)), -- 1: approved single-handed
    decided   INTEGER NOT NULL,    -- when it was approved or refused the last time; 0: not yet
    handed    INTEGER NOT NULL,    -- when the package was handed over, or the footage shown; 0: not yet
    package   TEXT NOT NULL,       -- SHA-256 of its manifest, in hexadecimal; '' for none
    released  INTEGER NOT NULL CHECK (released IN (0, 1)),
    token     TEXT NOT NULL,       -- id of the authority's token by which it came; '' for none
    entry     INTEGER NOT NULL,    -- request.receive
    content   INTEGER NOT NULL,    -- the entry that has what it says now
    handover  INTEGER NOT NULL,    -- request.handover or request.shown; 0: none
    last      INTEGER NOT NULL     -- the entry of its last step
) STRICT;

-- Footage that is asked for now.
CREATE TABLE request_wanted (
    request TEXT NOT NULL,
    camera  TEXT NOT NULL,         -- '' for all
    "from"  INTEGER NOT NULL,
    "to"    INTEGER NOT NULL CHECK ("to" > "from"),
    PRIMARY KEY (request, camera, "from", "to")
) STRICT;

-- Holds that were set for it.
CREATE TABLE request_holds (
    hold    TEXT PRIMARY KEY,      -- id; the hold itself may have ended
    request TEXT NOT NULL,
    camera  TEXT NOT NULL,
    "from"  INTEGER NOT NULL,
    "to"    INTEGER NOT NULL
) STRICT;

-- Accounts that entered the request or a part of it: ids of persons or tokens.
CREATE TABLE request_entrants (
    request TEXT NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (request, account)
) STRICT;

-- Footage that is in the package, or that was entered as shown.
CREATE TABLE request_delivered (
    request TEXT NOT NULL,
    camera  TEXT NOT NULL,
    "from"  INTEGER NOT NULL,
    "to"    INTEGER NOT NULL CHECK ("to" > "from"),
    PRIMARY KEY (request, camera, "from", "to")
) STRICT;

-- By what footage of a request may have left: each delivery that is not known to have given nothing, and each viewing by which
-- it was shown. Without a row nothing has; but what is shown while a request is approved has its rows from the next step on.
CREATE TABLE request_left (
    delivery INTEGER PRIMARY KEY,  -- handover or view.start
    request  TEXT NOT NULL,
    at       INTEGER NOT NULL,
    manifest TEXT NOT NULL         -- SHA-256 of the manifest of the package, in hexadecimal; '' where it was shown
) STRICT;

-- Footage that may have left by that.
CREATE TABLE request_left_footage (
    delivery INTEGER NOT NULL,
    camera   TEXT NOT NULL,
    "from"   INTEGER NOT NULL,
    "to"     INTEGER NOT NULL CHECK ("to" > "from"),
    PRIMARY KEY (delivery, camera, "from", "to")
) STRICT;

-- What was done with a request, its receipt included, and which scan of a paper came with it.
CREATE TABLE request_steps (
    entry   INTEGER PRIMARY KEY,
    request TEXT NOT NULL,
    op      TEXT NOT NULL,         -- of the entry
    at      INTEGER NOT NULL,
    scan    TEXT NOT NULL,         -- SHA-256 of the scan, in hexadecimal; '' for none
    place   TEXT NOT NULL,         -- where the scan lies, encrypted; '' for nowhere
    media   TEXT NOT NULL          -- its media type; '' for none
) STRICT;

-- Idempotency keys of tokens.
CREATE TABLE request_keys (
    hash    TEXT PRIMARY KEY,      -- SHA-256 of token and key, in hexadecimal
    content TEXT NOT NULL,         -- HMAC-SHA256 of what was asked, under the key, in hexadecimal
    request TEXT NOT NULL
) STRICT;
