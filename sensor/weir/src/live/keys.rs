//! Keys that whoever owns them gives while the sensor runs: a key log that is followed while it grows, and a socket.

mod push;

use super::spawn;
use super::state::Shared;
use crate::config::Tls;
use crate::failure::Failure;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use weir_lane::{KeyStore, ServerKeys};
use zeroize::Zeroizing;

/// How often the file is looked at: lanes hold the first bytes of a connection for its keys.
const LOOK: Duration = Duration::from_millis(200);
/// Bytes read at a time.
const BLOCK: usize = 64 * 1024;

/// The keys that the configuration names: those of servers, those that a key log holds by now, those written later and those pushed, which
/// are added for as long as anybody holds the store. `None` where none is named.
///
/// # Errors
/// Where a thread cannot be started, or the socket cannot be opened. A key log that is not there yet is waited for.
pub fn open(tls: &Tls, servers: ServerKeys, shared: &Arc<Shared>) -> Result<Option<Arc<KeyStore>>, Failure> {
    let growing = tls.keylog.is_some() || tls.push.is_some();
    if !growing && servers.is_empty() {
        return Ok(None);
    }
    let keys = Arc::new(KeyStore::with_servers(servers));
    keys.set_growing(growing);
    if let Some(path) = &tls.keylog {
        follow(path, &keys, shared)?;
    }
    if let Some(path) = &tls.push {
        push::listen(path, &keys, shared)?;
    }
    Ok(Some(keys))
}

fn follow(path: &Path, keys: &Arc<KeyStore>, shared: &Arc<Shared>) -> Result<(), Failure> {
    let mut file = Followed::new(path.to_path_buf());
    tell(file.read(keys), &file.path, shared);
    let (held, shared) = (Arc::downgrade(keys), shared.clone());
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
    Ok(())
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
    lines: Lines,
}

/// Lines of a key log that come in pieces.
#[derive(Default)]
struct Lines {
    /// A line that is not whole yet, at the front of what comes next.
    rest: Zeroizing<Vec<u8>>,
}

impl Lines {
    /// Adds the secrets of the lines that are whole by now; how many.
    fn add(&mut self, piece: &[u8], keys: &KeyStore) -> u64 {
        // What grows is copied, and its old place must not keep what stood there.
        let mut joined = Zeroizing::new(Vec::with_capacity(self.rest.len() + piece.len()));
        joined.extend_from_slice(&self.rest);
        joined.extend_from_slice(piece);
        let whole = joined.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let secrets = keys.add_log(&joined[..whole]).secrets;
        // What never ends is no line of a key log.
        let done = if whole == 0 && joined.len() > BLOCK { joined.len() } else { whole };
        self.rest = Zeroizing::new(joined[done..].to_vec());
        secrets
    }
}

impl Followed {
    fn new(path: PathBuf) -> Self {
        Followed { path, offset: 0, lines: Lines::default() }
    }

    /// Adds what came since the last time; how many secrets. A file that became shorter is read anew.
    fn read(&mut self, keys: &KeyStore) -> io::Result<u64> {
        let mut file = File::open(&self.path)?;
        if file.metadata()?.len() < self.offset {
            self.offset = 0;
            self.lines = Lines::default();
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
            secrets += self.lines.add(&block[..n], keys);
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
        assert!(followed.lines.rest.len() <= BLOCK);
    }
}
