//! Puts frames on an interface.

use super::{interface, socket::Socket};
use std::io;

/// Sends frames as they are, from the link layer on. For tests and benches, behind the feature `inject`: the sensor
/// itself never sends.
#[derive(Debug)]
pub struct Injector(Socket);

impl Injector {
    /// On `interface`.
    ///
    /// # Errors
    /// What the operating system says; `NotFound` where there is no such interface.
    pub fn open(interface: &str) -> io::Result<Self> {
        let found = interface::find(interface).ok_or(io::ErrorKind::NotFound)?;
        let socket = Socket::open(false)?;
        // It must not receive what it sends.
        socket.attach(super::filter::Filter::nothing().program())?;
        socket.bind(&found)?;
        Ok(Injector(socket))
    }

    /// Sends `frame`; waits where the interface has no room.
    ///
    /// # Errors
    /// What the operating system says, but for a lack of room.
    pub fn send(&self, frame: &[u8]) -> io::Result<()> {
        loop {
            match self.0.send(frame) {
                Err(e) if e.raw_os_error() == Some(libc::ENOBUFS) => std::thread::yield_now(),
                sent => return sent,
            }
        }
    }
}
