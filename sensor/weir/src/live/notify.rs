//! What the service manager is told: `sd_notify(3)`, a datagram to the socket named by `$NOTIFY_SOCKET`.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// The way to the service manager; leads nowhere where there is none.
pub struct Notify {
    socket: Option<(UnixDatagram, SocketAddr)>,
    watchdog: Option<Duration>,
}

impl Notify {
    /// From the environment that the service manager gave.
    pub fn from_env() -> Self {
        let micros = std::env::var("WATCHDOG_USEC").ok().and_then(|t| t.parse().ok());
        let mine = std::env::var("WATCHDOG_PID").map_or(true, |pid| pid == std::process::id().to_string());
        let socket = std::env::var_os("NOTIFY_SOCKET").and_then(|name| {
            let name = name.as_bytes();
            let address = match name.strip_prefix(b"@") {
                Some(name) => SocketAddr::from_abstract_name(name),
                None => SocketAddr::from_pathname(std::ffi::OsStr::from_bytes(name)),
            };
            Some((UnixDatagram::unbound().ok()?, address.ok()?))
        });
        Notify { socket, watchdog: micros.filter(|_| mine).map(Duration::from_micros) }
    }

    /// How often the manager wants to hear [`Notify::alive`]; half of that is when to say so.
    pub fn watchdog(&self) -> Option<Duration> {
        self.watchdog
    }

    /// The sensor reads frames.
    pub fn ready(&self, status: &str) {
        self.send(&format!("READY=1\nSTATUS={status}"));
    }
    /// It changes its rules; [`Notify::ready`] follows. `since` is the monotone clock's microseconds.
    pub fn reloading(&self, since: Duration) {
        self.send(&format!("RELOADING=1\nMONOTONIC_USEC={}", since.as_micros()));
    }
    /// It drains and saves.
    pub fn stopping(&self) {
        self.send("STOPPING=1");
    }
    /// Every lane moves.
    pub fn alive(&self) {
        self.send("WATCHDOG=1");
    }
    /// One line for `systemctl status`.
    pub fn status(&self, status: &str) {
        self.send(&format!("STATUS={status}"));
    }

    fn send(&self, text: &str) {
        if let Some((socket, address)) = &self.socket {
            // A manager that is gone cannot be told.
            drop(socket.send_to_addr(text.as_bytes(), address));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn tells_a_named_socket() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notify");
        let heard = UnixDatagram::bind(&path).unwrap();
        let address = SocketAddr::from_pathname(&path).unwrap();
        let notify = Notify { socket: Some((UnixDatagram::unbound().unwrap(), address)), watchdog: None };
        notify.ready("2 lanes");
        let mut buffer = [0; 100];
        let n = heard.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..n], b"READY=1\nSTATUS=2 lanes");
    }
}
