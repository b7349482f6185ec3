//! A local socket at which whoever owns the keys writes lines of the SSLKEYLOGFILE format; nothing is answered.

use super::Lines;
use crate::failure::Failure;
use crate::live::spawn;
use crate::live::state::Shared;
use rustix::fs::Mode;
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use weir_lane::KeyStore;
use zeroize::Zeroizing;

/// How often the socket is looked at: lanes hold the first bytes of a connection for its keys.
const LOOK: Duration = Duration::from_millis(20);
/// Bytes read at a time, and most of one writer in one look.
const BLOCK: usize = 64 * 1024;
const TURN: usize = 16;
/// Writers at a time; those beyond are turned away.
const WRITERS: usize = 64;

/// Opens the socket, for its owner alone, and takes what is written for as long as anybody holds the store.
///
/// # Errors
/// Where the socket cannot be opened: another sensor uses it, or something else is at its path.
pub(super) fn listen(path: &Path, keys: &Arc<KeyStore>, shared: &Arc<Shared>) -> Result<(), Failure> {
    let shown = path.display();
    let mut socket = Socket::open(path).map_err(|e| {
        Failure::new(
            format!("无法开启密钥套接字 {shown}（tls.push）：{e}。请检查目录是否存在、有无权限，以及是否已被占用。"),
            format!("cannot open the socket for keys {shown} (tls.push): {e}. See whether its folder exists and may be written to, and whether it is in use."),
        )
    })?;
    shared.log.info(
        "keys.pushed-to",
        &[("socket", &shown)],
        "可经套接字推送密钥",
        "keys may be pushed to the socket",
    );
    let held = Arc::downgrade(keys);
    spawn("keys", move || {
        while let Some(keys) = held.upgrade() {
            socket.take(&keys);
            drop(keys);
            thread::sleep(LOOK);
        }
    })?;
    Ok(())
}

struct Socket {
    path: PathBuf,
    listener: UnixListener,
    writers: Vec<(UnixStream, Lines)>,
}

impl Socket {
    fn open(path: &Path) -> io::Result<Socket> {
        // One that a sensor left behind that is gone answers nobody. Anything else is not ours to remove.
        if fs::symlink_metadata(path).is_ok_and(|m| m.file_type().is_socket())
            && UnixStream::connect(path).is_err()
        {
            fs::remove_file(path)?;
        }
        // It must not be open to others for a moment either. Threads that make files meanwhile make them no wider.
        let before = rustix::process::umask(Mode::RWXG | Mode::RWXO | Mode::XUSR);
        let bound = UnixListener::bind(path);
        rustix::process::umask(before);
        let listener = bound?;
        listener.set_nonblocking(true)?;
        Ok(Socket { path: path.to_path_buf(), listener, writers: Vec::new() })
    }

    /// Takes what came since the last time.
    fn take(&mut self, keys: &KeyStore) {
        while let Ok((stream, _)) = self.listener.accept() {
            if self.writers.len() < WRITERS && stream.set_nonblocking(true).is_ok() {
                self.writers.push((stream, Lines::default()));
            }
        }
        let mut block = Zeroizing::new(vec![0; BLOCK]);
        self.writers.retain_mut(|(stream, lines)| {
            for _ in 0..TURN {
                match stream.read(&mut block) {
                    Ok(0) => {
                        // The last line needs no end.
                        lines.add(b"\n", keys);
                        return false;
                    }
                    Ok(n) => _ = lines.add(&block[..n], keys),
                    Err(e) if e.kind() == ErrorKind::Interrupted => {}
                    Err(e) => return e.kind() == ErrorKind::WouldBlock,
                }
            }
            true
        });
    }
}

/// Nobody listens any more: the path must not say otherwise.
impl Drop for Socket {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;

    fn line(n: u8) -> String {
        format!("CLIENT_RANDOM {} {}\n", format!("{n:02x}").repeat(32), "cd".repeat(48))
    }

    #[test]
    fn lines_are_taken_from_several_writers() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("push");
        let (mut socket, keys) = (Socket::open(&path).unwrap(), KeyStore::default());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let mut writers = [UnixStream::connect(&path).unwrap(), UnixStream::connect(&path).unwrap()];
        writers[0].write_all(&line(1).as_bytes()[..50]).unwrap();
        writers[1].write_all(format!("no key\n{}", line(2)).as_bytes()).unwrap();
        socket.take(&keys);
        assert_eq!(keys.len(), 1);
        writers[0].write_all(line(1).trim_end().as_bytes().get(50..).unwrap()).unwrap();
        drop(writers);
        socket.take(&keys);
        assert_eq!((keys.len(), socket.writers.len()), (2, 0));
    }

    #[test]
    fn what_is_in_use_is_left_alone_and_what_is_left_behind_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("push");
        let first = Socket::open(&path).unwrap();
        assert!(Socket::open(&path).is_err(), "another sensor's");
        drop(first);
        assert!(!path.exists());
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists() && Socket::open(&path).is_ok(), "of a sensor that is gone");
        fs::write(&path, "a file").unwrap();
        assert!(Socket::open(&path).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"a file");
    }

    #[test]
    fn endless_lines_are_given_up() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("push");
        let (mut socket, keys) = (Socket::open(&path).unwrap(), KeyStore::default());
        let mut writer = UnixStream::connect(&path).unwrap();
        writer.set_nonblocking(true).unwrap();
        for _ in 0..8 {
            let _ = writer.write(&[b'x'; BLOCK]);
            socket.take(&keys);
        }
        assert!(socket.writers[0].1.rest.len() <= super::super::BLOCK);
    }
}
