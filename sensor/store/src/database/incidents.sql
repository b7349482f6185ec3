-- Schema 3 of weir.db: incidents.

-- Incidents.
CREATE TABLE incidents (
    position INTEGER PRIMARY KEY,   -- Line of incidents.jsonl, from 1.
    id       TEXT NOT NULL UNIQUE,  -- Stable id.
    type     TEXT NOT NULL,         -- Type of GB/T 20986-2023, by its key.
    level    TEXT NOT NULL,         -- Level.
    site     TEXT NOT NULL,         -- Host of the site.
    found    INTEGER NOT NULL,      -- When it was found.
    record   TEXT NOT NULL          -- The record.
) STRICT;
