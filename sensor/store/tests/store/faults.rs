//! Full disks, killed writers, broken and forbidden files.

use crate::fixture::{Run, catalogue, exchange, united, write};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use weir_store::{Completeness, Data, DataDir, Options, Row, StoreError, Writer};

const CHILD: &str = "WEIR_STORE_CHILD_DIR";

/// Not a test by itself: what the children of the tests below run.
#[test]
fn child() {
    let Some(dir) = std::env::var_os(CHILD).map(PathBuf::from) else { return };
    let options = Options { database: false, keep_targets: false, spool_bytes: 1 << 16 };
    let outcome = write(&dir, options, 2_000);
    for e in &outcome.errors {
        println!("error: {e}");
    }
    println!(
        "taken {} written {} full {}",
        outcome.exchanges,
        outcome.written,
        outcome.errors.iter().any(StoreError::is_full)
    );
}

/// Runs `child` with files limited to `blocks` of 512 or 1,024 bytes: writing beyond fails like a full disk does.
fn limited(dir: &Path, blocks: u32) -> String {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" --exact faults::child --nocapture");
    let me = std::env::current_exe().unwrap();
    let output = Command::new("sh").arg("-c").arg(script).arg(me).env(CHILD, dir).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn a_full_disk_costs_the_exchanges_not_the_results() {
    let dir = tempfile::tempdir().unwrap();
    let said = limited(dir.path(), 300);
    assert!(said.contains("taken 2000 written 0 full true"), "{said}");
    assert!(said.contains("free some space"), "{said}");
    let data = Data::open(dir.path()).unwrap();
    assert_eq!(data.completeness().unwrap(), Completeness::Partial);
    assert_eq!(data.risks().unwrap().len(), 1);
    assert!(!dir.path().join("exchanges.jsonl").exists());
    let names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(
        names.iter().all(|n| !n.to_string_lossy().contains(".run") && !n.to_string_lossy().contains(".part")),
        "{names:?}"
    );
}

#[test]
fn a_disk_full_while_spilling_gives_room_for_the_results() {
    let dir = tempfile::tempdir().unwrap();
    let said = limited(dir.path(), 30);
    assert!(said.contains("taken 2000 written 0 full true"), "{said}");
    assert_eq!(Data::open(dir.path()).unwrap().interfaces().unwrap().len(), 1);
}

/// The files as they are at some moment are what a killed process leaves.
#[test]
fn a_killed_writer_leaves_a_readable_database() {
    let (dir, left) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let held = DataDir::create(dir.path()).unwrap();
    let mut writer = Writer::create(held, Options::default(), catalogue().into()).unwrap();
    let x = exchange(0, 0);
    writer.exchange(&Row {
        exchange: &x,
        interface: None,
        account: None,
        origin: weir_model::Origin::direct(x.flow.client.ip),
        leg: weir_model::Leg::Only,
    });
    for entry in fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        // The shared-memory index is rebuilt from the log.
        if !entry.file_name().to_string_lossy().ends_with("-shm") {
            fs::copy(entry.path(), left.path().join(entry.file_name())).unwrap();
        }
    }
    drop(writer);
    let data = Data::open(left.path()).unwrap();
    assert_eq!(data.completeness().unwrap(), Completeness::Unfinished);
    assert!(data.interfaces().unwrap().is_empty());
    drop(data);
    fs::write(left.path().join("exchanges.jsonl.run7"), b"left").unwrap();
    assert!(write(left.path(), Options::default(), 5).errors.is_empty(), "the next run goes on in it");
    assert!(!left.path().join("exchanges.jsonl.run7").exists());
    assert_eq!(Data::open(left.path()).unwrap().completeness().unwrap(), Completeness::Whole);
}

#[test]
fn an_unwritable_directory_is_said() {
    let base = tempfile::tempdir().unwrap();
    let file = base.path().join("file");
    fs::write(&file, b"").unwrap();
    let e = DataDir::create(&file.join("out")).unwrap_err().to_string();
    assert!(e.contains("file/out"), "{e}");
    let locked = base.path().join("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o500)).unwrap();
    // The superuser may write everywhere.
    if let Err(e) = DataDir::create(&locked.join("out")) {
        assert!(matches!(e, StoreError::NotPermitted { .. }), "{e}");
    }
}

#[test]
fn what_is_no_database_is_said() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("weir.db"), b"this is not a database, but it is long enough to look at")
        .unwrap();
    assert!(matches!(Data::open(dir.path()), Err(StoreError::Broken { .. })));
    let held = DataDir::create(dir.path()).unwrap();
    let refused = Writer::create(held, Options::default(), catalogue().into());
    assert!(matches!(refused, Err(StoreError::Broken { .. })), "{refused:?}");
}

#[test]
fn a_newer_schema_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), Options::default(), 1);
    let c = rusqlite::Connection::open(dir.path().join("weir.db")).unwrap();
    c.pragma_update(None, "user_version", 99).unwrap();
    drop(c);
    assert!(matches!(Data::open(dir.path()), Err(StoreError::TooNew { found: 99, .. })));
}

#[test]
fn broken_lines_are_told_by_number() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), Options { database: false, ..Options::default() }, 1);
    fs::write(dir.path().join("risks.jsonl"), b"{\"v\":1,\"secret\":\"x\n").unwrap();
    let e = Data::open(dir.path()).unwrap().risks().unwrap_err().to_string();
    assert!(e.contains("line 1") && !e.contains("secret"), "{e}");
}

/// The JSON Lines are written even so.
#[test]
fn an_unwritable_database_does_not_cost_the_lines() {
    let dir = tempfile::tempdir().unwrap();
    let held = DataDir::create(dir.path()).unwrap();
    let mut writer = Writer::create(held, Options::default(), catalogue().into()).unwrap();
    let x = exchange(0, 0);
    writer.exchange(&Row {
        exchange: &x,
        interface: None,
        account: None,
        origin: weir_model::Origin::direct(x.flow.client.ip),
        leg: weir_model::Leg::Only,
    });
    // A second connection that holds the write lock stands for a database that cannot be written.
    let other = rusqlite::Connection::open(dir.path().join("weir.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let run = Run::new();
    let outcome = writer.finish(&run.results(&united));
    assert_eq!((outcome.written, outcome.errors.len()), (1, 1), "{outcome:?}");
    assert!(dir.path().join("risks.jsonl").exists());
}
