//! Following a TLS key log while whoever owns the keys writes it.

use super::spawn;
use super::state::Shared;
use crate::failure::Failure;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use weir_lane::KeyStore;
use zeroize::Zeroizing;

/// How often the file is looked at: lanes hold the first bytes of a connection for its keys.
const LOOK: Duration = Duration::from_millis(200);
/// Bytes read at a time.
const BLOCK: usize = 64 * 1024;

/// The keys that `path` holds by now; those written later are added for as long as anybody holds the store.
///
/// # Errors
/// Where the thread cannot be started. A file that is not there yet is waited for.
pub fn follow(path: &Path, shared: &Arc<Shared>) -> Result<Arc<KeyStore>, Failure> {
    let keys = Arc::new(KeyStore::default());
    keys.set_growing(true);
    let mut file = Followed::new(path.to_path_buf());
    tell(file.read(&keys), &file.path, shared);
    let (held, shared) = (Arc::downgrade(&keys), shared.clone());
    spawn("keylog", move || {
        let mut told = false;
        while let Some(keys) = held.upgrade() {
            let read = file.read(&keys);
            let failed = read.is_err();
            if failed && !told {
                tell(read, &file.path, &shared);
            }
            told = failed;
            drop(keys);
            thread::sleep(LOOK);
        }
    })?;
    Ok(keys)
}

fn tell(read: io::Result<u64>, path: &Path, shared: &Shared) {
    let shown = path.display();
    match read {
        Ok(secrets) => shared.log.info(
            "keylog.followed",
            &[("file", &shown), ("secrets", &secrets)],
            "正在跟随 TLS 密钥日志",
            "following the TLS key log",
        ),
        Err(e) => shared.log.warn(
            "keylog.unreadable",
            &[("file", &shown), ("error", &e)],
            "无法读取 TLS 密钥日志，将继续尝试；在此之前相应连接记为无密钥",
            "the TLS key log cannot be read, which is tried again; until then its connections have no key",
        ),
    }
}

/// A file that grows.
struct Followed {
    path: PathBuf,
    offset: u64,
    /// A line that is not whole yet, at the front of what is read next.
    rest: Zeroizing<Vec<u8>>,
}

impl Followed {
    fn new(path: PathBuf) -> Self {
        Followed { path, offset: 0, rest: Zeroizing::new(Vec::new()) }
    }

    /// Adds what came since the last time; how many secrets. A file that became shorter is read anew.
    fn read(&mut self, keys: &KeyStore) -> io::Result<u64> {
        let mut file = File::open(&self.path)?;
        if file.metadata()?.len() < self.offset {
            self.offset = 0;
            self.rest.clear();
        }
        file.seek(SeekFrom::Start(self.offset))?;
        let mut block = Zeroizing::new(vec![0; BLOCK]);
        let mut secrets = 0;
        loop {
            let n = file.read(&mut block)?;
            if n == 0 {
                return Ok(secrets);
            }
            self.offset += n as u64;
            self.rest.extend_from_slice(&block[..n]);
            let whole = self.rest.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
            secrets += keys.add_log(&self.rest[..whole]).secrets;
            // What never ends is no line of a key log.
            let done = if whole == 0 && self.rest.len() > BLOCK { self.rest.len() } else { whole };
            self.rest.drain(..done);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs;
    use std::io::Write;

    #[test]
    fn lines_are_added_as_they_grow_and_anew_when_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let keys = KeyStore::default();
        let mut followed = Followed::new(path.clone());
        assert!(followed.read(&keys).is_err(), "not there yet");
        let line = |n: u8| format!("CLIENT_RANDOM {} {}\n", format!("{n:02x}").repeat(32), "cd".repeat(48));
        let mut file = File::create(&path).unwrap();
        let (first, second) = (line(1), line(2));
        write!(file, "{first}{}", &second[..70]).unwrap();
        assert_eq!(followed.read(&keys).unwrap(), 1);
        write!(file, "{}", &second[70..]).unwrap();
        assert_eq!((followed.read(&keys).unwrap(), followed.read(&keys).unwrap()), (1, 0));
        fs::write(&path, line(3)).unwrap();
        assert_eq!((followed.read(&keys).unwrap(), keys.len()), (1, 3));
        fs::write(&path, vec![b'x'; 3 * BLOCK]).unwrap();
        assert_eq!(followed.read(&keys).unwrap(), 0);
        assert!(followed.rest.len() <= BLOCK);
    }
}
