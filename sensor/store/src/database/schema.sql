-- Schema 1 of weir.db. Times are nanoseconds since 1970-01-01T00:00:00Z. No column holds a sensitive value in clear.
-- `record` columns hold the line of the JSON Lines file of the same name, so that both always say the same.

-- What the database is and how far its writing came.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,  -- Name: `state` (`writing` or `whole`), `exchanges`, `first`, `last`.
    value TEXT NOT NULL      -- Value as text.
) STRICT, WITHOUT ROWID;

-- Exchanges, one a row, in order of time, flow, start of the flow and number.
CREATE TABLE exchanges (
    id             INTEGER PRIMARY KEY,  -- Position in exchanges.jsonl, from 1.
    time           INTEGER NOT NULL,     -- First byte.
    flow           TEXT    NOT NULL,     -- Community ID of the flow.
    number         INTEGER NOT NULL,     -- Number within the flow.
    client         TEXT    NOT NULL,     -- Address of the caller.
    server         TEXT    NOT NULL,     -- Address of the provider.
    server_port    INTEGER NOT NULL,     -- Port of the provider.
    method         TEXT,                 -- Method; null where the request was not seen.
    host           TEXT,                 -- Authority; null where the request was not seen.
    target         TEXT,                 -- Target, masked; null where the request was not seen.
    status         INTEGER,              -- Status code; null where no response was seen.
    request_bytes  INTEGER NOT NULL,     -- Decoded bytes of the request's body.
    response_bytes INTEGER NOT NULL,     -- Decoded bytes of the response's body.
    duration       INTEGER NOT NULL,     -- Nanoseconds from first to last byte.
    interface      TEXT,                 -- Id of the interface; null where it belongs to none.
    account        TEXT,                 -- Name of the account; null where none is known.
    level          INTEGER NOT NULL,     -- Highest grade of the data in it, 1 where there is none.
    data           TEXT    NOT NULL,     -- Data found, as JSON: the `data` field of the record.
    complete       INTEGER NOT NULL      -- 1 where both halves were seen whole, else 0.
) STRICT;
CREATE INDEX exchanges_interface ON exchanges (interface, time);
CREATE INDEX exchanges_client    ON exchanges (client, time);
CREATE INDEX exchanges_account   ON exchanges (account, time) WHERE account IS NOT NULL;

-- Interfaces.
CREATE TABLE interfaces (
    position INTEGER PRIMARY KEY,   -- Line of interfaces.jsonl, from 1.
    id       TEXT NOT NULL UNIQUE,  -- Stable id.
    method   TEXT NOT NULL,         -- Method.
    host     TEXT NOT NULL,         -- Host of the site.
    template TEXT NOT NULL,         -- Path template.
    state    TEXT NOT NULL,         -- `active` or `noise`.
    level    INTEGER NOT NULL,      -- Highest grade of its data.
    record   TEXT NOT NULL          -- The record.
) STRICT;

-- Accounts.
CREATE TABLE accounts (
    position INTEGER PRIMARY KEY,   -- Line of accounts.jsonl, from 1.
    id       TEXT NOT NULL UNIQUE,  -- Stable id.
    name     TEXT NOT NULL,         -- Name as the site knows it.
    site     TEXT NOT NULL,         -- Host of the site.
    record   TEXT NOT NULL          -- The record.
) STRICT;

-- Risk sources.
CREATE TABLE risk_sources (
    position  INTEGER PRIMARY KEY,   -- Line of risk-sources.jsonl, from 1.
    key       TEXT NOT NULL UNIQUE,  -- Stable id of this risk source.
    id        TEXT NOT NULL,         -- Catalogue id.
    severity  TEXT NOT NULL,         -- Highest severity sighted.
    interface TEXT,                  -- Id of the interface, where it is one interface's.
    caller    TEXT,                  -- Address of the caller, where it is one caller's doing.
    account   TEXT,                  -- Name of the account, where it is one account's.
    record    TEXT NOT NULL          -- The record.
) STRICT;

-- Exchanges that risk sources rest on; joins to `exchanges` by flow, time and number.
CREATE TABLE evidence (
    source   TEXT NOT NULL REFERENCES risk_sources (key) ON DELETE CASCADE,  -- Risk source.
    position INTEGER NOT NULL,      -- Position in the record's list, from 0.
    time     INTEGER NOT NULL,      -- Time of the exchange.
    flow     TEXT NOT NULL,         -- Community ID of its flow.
    number   INTEGER NOT NULL,      -- Number within its flow.
    note_zh  TEXT NOT NULL,         -- What shows it, in Chinese, masked.
    note_en  TEXT NOT NULL,         -- What shows it, in English, masked.
    PRIMARY KEY (source, position)
) STRICT, WITHOUT ROWID;

-- Risks.
CREATE TABLE risks (
    position  INTEGER PRIMARY KEY,   -- Line of risks.jsonl, from 1.
    id        TEXT NOT NULL UNIQUE,  -- Stable id.
    type      TEXT NOT NULL,         -- Risk type of the catalogue.
    level     TEXT NOT NULL,         -- Level.
    interface TEXT,                  -- Id of the interface; null for one of the whole site.
    record    TEXT NOT NULL          -- The record.
) STRICT;

-- The ledger, one row.
CREATE TABLE ledger (
    position INTEGER PRIMARY KEY CHECK (position = 1),  -- Always 1.
    balanced INTEGER NOT NULL,                          -- 1 where every layer sums to what entered it.
    record   TEXT NOT NULL                              -- The record: ledger.json.
) STRICT;
