//! What stands in the files after a run.

use crate::fixture::{CLEAR, catalogue, write};
use std::fs;
use std::path::Path;
use weir_store::{Completeness, Data, Options, StoreError};

const NO_DATABASE: Options = Options { database: false, keep_targets: false, spool_bytes: 8 << 20 };

fn read(dir: &Path, file: &str) -> String {
    fs::read_to_string(dir.join(file)).unwrap()
}

#[test]
fn the_rows_are_golden() {
    let dir = tempfile::tempdir().unwrap();
    let outcome = write(dir.path(), Options::default(), 1);
    assert!(outcome.errors.is_empty() && outcome.written == 1, "{outcome:?}");
    for file in [
        "exchanges.jsonl",
        "interfaces.jsonl",
        "accounts.jsonl",
        "risk-sources.jsonl",
        "risks.jsonl",
        "incidents.jsonl",
    ] {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(file);
        let got = read(dir.path(), file);
        if std::env::var_os("WEIR_BLESS").is_some() {
            fs::write(&golden, &got).unwrap();
        }
        assert_eq!(got, fs::read_to_string(&golden).unwrap(), "{file}: WEIR_BLESS=1 accepts the new rows");
    }
    let ledger = read(dir.path(), "ledger.json");
    assert!(ledger.starts_with(
        r#"{"v":1,"received":{"bytes":0,"frames":0},"accounts":{"body:binary":{"layer":"body""#
    ));
    assert!(ledger.contains(r#""balanced":true,"stages":{"decode":{"vlan":4}}}"#));
}

#[test]
fn no_value_reaches_a_file_in_clear() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), Options { spool_bytes: 1, ..Options::default() }, 200);
    for entry in fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        for value in CLEAR {
            let found = bytes.windows(value.len()).any(|w| w == value.as_bytes());
            assert!(!found, "{value} in {}", path.display());
        }
        // Nor fingerprints, in any notation.
        for text in ["deadbeefdeadbeef", "16045690984503098046"] {
            assert!(!bytes.windows(text.len()).any(|w| w == text.as_bytes()), "{}", path.display());
        }
    }
}

#[test]
fn targets_stay_only_where_asked() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), Options { keep_targets: true, ..NO_DATABASE }, 1);
    assert!(read(dir.path(), "exchanges.jsonl").contains("password=S3cret!pw"));
}

#[test]
fn order_and_bytes_do_not_depend_on_memory() {
    let (small, large) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(small.path(), Options { spool_bytes: 2_000, ..NO_DATABASE }, 500);
    write(large.path(), NO_DATABASE, 500);
    let rows = read(small.path(), "exchanges.jsonl");
    assert_eq!(rows, read(large.path(), "exchanges.jsonl"));
    assert_eq!(rows.lines().count(), 500);
    assert!(rows.lines().is_sorted(), "the time leads each line");
    let left: Vec<_> = fs::read_dir(small.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.iter().all(|n| !n.to_string_lossy().contains(".run")), "{left:?}");
}

#[test]
fn readers_leave_no_files_behind() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), Options::default(), 30);
    assert!(!Data::open(dir.path()).unwrap().interfaces().unwrap().is_empty());
    assert!(!dir.path().join("weir.db-wal").exists() && !dir.path().join("weir.db-shm").exists());
}

#[test]
fn both_ways_of_reading_agree() {
    let (with, without) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(with.path(), Options::default(), 30);
    write(without.path(), NO_DATABASE, 30);
    let (a, b) = (Data::open(with.path()).unwrap(), Data::open(without.path()).unwrap());
    assert_eq!(a.interfaces().unwrap(), b.interfaces().unwrap());
    assert_eq!(a.accounts().unwrap(), b.accounts().unwrap());
    assert_eq!(a.risk_sources().unwrap(), b.risk_sources().unwrap());
    assert_eq!(a.risks().unwrap(), b.risks().unwrap());
    assert_eq!(a.ledger().unwrap(), b.ledger().unwrap());
    assert_eq!(a.completeness().unwrap(), Completeness::Whole);
    assert_eq!(b.completeness().unwrap(), Completeness::Whole);
    let interfaces = a.interfaces().unwrap();
    assert_eq!(interfaces.len(), 1, "the united interface is gone");
    assert_eq!(a.risk_sources().unwrap()[0].interface.as_deref(), Some("if-000000000001"));
}

#[test]
fn a_run_replaces_the_one_before() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), Options::default(), 30);
    write(dir.path(), Options::default(), 3);
    assert_eq!(read(dir.path(), "exchanges.jsonl").lines().count(), 3);
    let c = rusqlite::Connection::open(dir.path().join("weir.db")).unwrap();
    let n: i64 = c
        .query_row("SELECT count(*) FROM exchanges WHERE level = 3 AND complete = 1", [], |r| r.get(0))
        .unwrap();
    assert_eq!(n, 3);
    let joined = "SELECT count(*) FROM risk_sources s JOIN evidence e ON e.source = s.key";
    assert_eq!(c.query_row(joined, [], |r| r.get::<_, i64>(0)).unwrap(), 1);
}

#[test]
fn a_stale_database_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), Options::default(), 1);
    let held = weir_store::DataDir::create(dir.path()).unwrap();
    let refused = weir_store::Writer::create(held, NO_DATABASE, catalogue().into());
    assert!(matches!(refused, Err(StoreError::StaleDatabase { .. })));
}

#[test]
fn nothing_to_read_is_said() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(Data::open(dir.path()), Err(StoreError::Empty { .. })));
}
