-- Schema 2 of weir.db: what a sensor needs that runs for months. Every index costs a tenth of the rate at which exchanges can be
-- kept, so the hot table has one.
DROP INDEX exchanges_client;
DROP INDEX exchanges_account;

-- Exchanges summed up by the minute, also those that have no row in `exchanges` (too many a second, or removed for space).
CREATE TABLE calls (
    interface      TEXT    NOT NULL,  -- Id of the interface; empty where they belong to none.
    minute         INTEGER NOT NULL,  -- Minutes since 1970-01-01T00:00:00Z.
    account        TEXT    NOT NULL,  -- Name of the account; empty where none is known.
    class          INTEGER NOT NULL,  -- First digit of the status code, 0 where no response was seen.
    count          INTEGER NOT NULL,  -- Exchanges.
    unlisted       INTEGER NOT NULL,  -- Of those, exchanges that never had a row in `exchanges`.
    request_bytes  INTEGER NOT NULL,  -- Decoded bytes of their requests' bodies.
    response_bytes INTEGER NOT NULL,  -- Decoded bytes of their responses' bodies.
    duration       INTEGER NOT NULL,  -- Sum of their durations, in nanoseconds.
    level          INTEGER NOT NULL,  -- Highest grade of the data in them.
    PRIMARY KEY (interface, minute, account, class)
) STRICT, WITHOUT ROWID;

-- Runs of a live sensor into this directory, oldest first.
CREATE TABLE runs (
    id      INTEGER PRIMARY KEY,  -- Number, from 1.
    version TEXT NOT NULL,        -- Version of weir.
    started INTEGER NOT NULL,     -- When it began, by the clock on the wall.
    ended   INTEGER,              -- When it ended; null while it runs, and where it was killed.
    state   TEXT NOT NULL,        -- `running`, `ended`, or `killed` where the next one found it unended.
    ledger  TEXT                  -- Its ledger as of its last save: the record of ledger.json.
) STRICT;
