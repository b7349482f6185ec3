//! Schema versions: `PRAGMA user_version` counts the steps taken.

use crate::StoreError;
use rusqlite::Connection;
use std::path::Path;

/// The steps, each from the version of its position to the next. Steps that were published are never changed: add one.
pub(super) const STEPS: &[&str] =
    &[include_str!("schema.sql"), include_str!("live.sql"), include_str!("incidents.sql")];

/// The version that `steps` lead to.
pub(super) fn newest(steps: &[&str]) -> i64 {
    i64::try_from(steps.len()).unwrap_or(i64::MAX)
}

/// The version of a database; 0 for an empty one.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Takes the steps that are due, each in a transaction of its own with its version: an interrupted migration goes on where it was.
pub(super) fn migrate(connection: &mut Connection, path: &Path, steps: &[&str]) -> Result<(), StoreError> {
    let fail = |e| StoreError::database(path, "bringing the database up to date", e);
    let found = version(connection).map_err(fail)?;
    let known = newest(steps);
    let Some(due) = usize::try_from(found).ok().and_then(|from| steps.get(from..)) else {
        return Err(StoreError::TooNew { path: path.to_path_buf(), found, known });
    };
    for (step, next) in due.iter().zip(found + 1..) {
        let transaction = connection.transaction().map_err(fail)?;
        transaction.execute_batch(step).map_err(fail)?;
        transaction.pragma_update(None, "user_version", next).map_err(fail)?;
        transaction.commit().map_err(fail)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn takes_only_the_steps_due() {
        let mut c = Connection::open_in_memory().unwrap();
        let path = Path::new("weir.db");
        let v1 = ["CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (7);"];
        migrate(&mut c, path, &v1).unwrap();
        migrate(&mut c, path, &v1).unwrap();
        assert_eq!(version(&c).unwrap(), 1);
        let v2 = [v1[0], "ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 1;"];
        migrate(&mut c, path, &v2).unwrap();
        assert_eq!(version(&c).unwrap(), 2);
        let sum: i64 = c.query_row("SELECT x + y FROM a", [], |r| r.get(0)).unwrap();
        assert_eq!(sum, 8);
        assert!(matches!(migrate(&mut c, path, &v1), Err(StoreError::TooNew { found: 2, known: 1, .. })));
    }

    #[test]
    fn a_failed_step_leaves_nothing() {
        let mut c = Connection::open_in_memory().unwrap();
        let broken = ["CREATE TABLE a (x INTEGER) STRICT; CREATE TABLE a (x INTEGER) STRICT;"];
        assert!(migrate(&mut c, Path::new("weir.db"), &broken).is_err());
        assert_eq!(version(&c).unwrap(), 0);
        let tables: i64 = c.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0)).unwrap();
        assert_eq!(tables, 0);
    }

    #[test]
    fn every_column_has_a_sentence() {
        for step in STEPS {
            let columns = step
                .lines()
                .filter(|l| l.starts_with("    ") && !l.trim_start().starts_with("PRIMARY KEY ("));
            for line in columns {
                assert!(line.split_once("-- ").is_some_and(|(_, s)| s.ends_with('.')), "{line}");
            }
            let tables = step.matches("CREATE TABLE").count();
            assert_eq!(step.matches("STRICT").count(), tables);
        }
    }
}
