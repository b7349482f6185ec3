//! Records on disk: JSON Lines and SQLite.
