//! The data directory: made for one user, locked by one writer, with the key of its fingerprints.

use crate::StoreError;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Name of the key file.
const KEY: &str = "weir.key";
/// Name of the lock file.
const LOCK: &str = "weir.lock";

/// A data directory (`--out DIR`), held by this process until dropped.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes the directory (mode 0700, with parents) where it is missing, and takes its lock.
    ///
    /// An existing directory keeps its mode. Fails with [`StoreError::NotPermitted`] where it cannot be written and with
    /// [`StoreError::Busy`] where another process writes it.
    pub fn create(path: &Path) -> Result<DataDir, StoreError> {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(path).map_err(|e| StoreError::io(path, "the data directory", e))?;
        let at = path.join(LOCK);
        let lock = private().append(true).open(&at).map_err(|e| StoreError::io(&at, "the lock file", e))?;
        match lock.try_lock() {
            Ok(()) => Ok(DataDir { path: path.to_path_buf(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy { path: path.to_path_buf() }),
            Err(TryLockError::Error(e)) => Err(StoreError::io(&at, "the lock file", e)),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The key of fingerprints: 16 bytes from the operating system, kept in `weir.key` (mode 0600) on first use and reused after.
    ///
    /// The key stays with the directory so that fingerprints of several runs can be joined. It is written to a new file and
    /// renamed, so a key file is whole or absent.
    pub fn fingerprint_key(&self) -> Result<[u8; 16], StoreError> {
        let at = self.path.join(KEY);
        match fs::read(&at) {
            Ok(bytes) => <[u8; 16]>::try_from(bytes.as_slice()).map_err(|_| StoreError::Broken {
                path: at,
                what: "the key file".into(),
                why: format!("{} bytes instead of 16", bytes.len()),
            }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => self.new_key(&at),
            Err(e) => Err(StoreError::io(&at, "the key file", e)),
        }
    }

    fn new_key(&self, at: &Path) -> Result<[u8; 16], StoreError> {
        let key: [u8; 16] = random()?;
        write_whole(at, "the key file", |out| out.write_all(&key))?;
        Ok(key)
    }
}

/// Bytes from the operating system that nobody can guess.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    let source = Path::new("/dev/urandom");
    let read = File::open(source).and_then(|mut f| f.read_exact(&mut bytes));
    read.map_err(|e| StoreError::io(source, "random bytes", e)).map(|()| bytes)
}

/// Options of a file that only this user may read.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).mode(0o600);
    options
}

/// Writes a file that only this user may read under a temporary name, and renames it when it is whole and synced: readers see the old
/// file or the new one.
///
/// # Errors
/// Say which file, `what` it was to hold, and how to fix it; the old file stays.
pub fn write_whole(
    path: &Path,
    what: &'static str,
    fill: impl FnOnce(&mut std::io::BufWriter<File>) -> std::io::Result<()>,
) -> Result<(), StoreError> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    let part = path.with_file_name(name);
    let wrote = (|| {
        let file = private().write(true).truncate(true).open(&part)?;
        let mut out = std::io::BufWriter::with_capacity(1 << 18, file);
        fill(&mut out)?;
        out.flush()?;
        out.get_ref().sync_all()?;
        fs::rename(&part, path)
    })();
    wrote.map_err(|e| {
        // The failure itself is what to report; a part that cannot be removed either is overwritten by the next run.
        let _ = fs::remove_file(&part);
        StoreError::io(path, what, e)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn is_private_and_keeps_its_key() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("a/b");
        let dir = DataDir::create(&path).unwrap();
        let key = dir.fingerprint_key().unwrap();
        assert_eq!(dir.fingerprint_key().unwrap(), key);
        assert_ne!(key, [0; 16]);
        let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&path.join(KEY))), (0o700, 0o600));
    }

    #[test]
    fn has_one_writer() {
        let base = tempfile::tempdir().unwrap();
        let first = DataDir::create(base.path()).unwrap();
        assert!(matches!(DataDir::create(base.path()), Err(StoreError::Busy { .. })));
        drop(first);
        assert!(DataDir::create(base.path()).is_ok());
    }

    #[test]
    fn refuses_a_broken_key() {
        let base = tempfile::tempdir().unwrap();
        fs::write(base.path().join(KEY), b"short").unwrap();
        let dir = DataDir::create(base.path()).unwrap();
        assert!(matches!(dir.fingerprint_key(), Err(StoreError::Broken { .. })));
    }

    #[test]
    fn a_file_in_the_way_is_an_error() {
        let base = tempfile::tempdir().unwrap();
        let file = base.path().join("file");
        fs::write(&file, b"").unwrap();
        assert!(DataDir::create(&file.join("out")).is_err());
    }
}
