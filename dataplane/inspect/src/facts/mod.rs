//! Facts besides data: kinds, parameters, credentials, logins.

mod collect;
pub(crate) mod credentials;
mod jwt;
pub(crate) mod kind;
pub(crate) mod names;
mod params;
mod shapes;

pub(crate) use collect::{Collector, Facts};
pub(crate) use shapes::{Media, Shapes};

use weir_exchange::Text;

/// `bytes` as lossy UTF-8, at most `max` bytes of it.
pub(crate) fn bounded(bytes: &[u8], max: usize) -> Text {
    // No character is longer than four bytes, so a few more than `max` suffice.
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(max + 4)]);
    let mut end = text.len().min(max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Text::new(&text[..end])
}

/// Bytes that are overwritten when they are dropped: passwords.
#[derive(Default)]
pub(crate) struct Secret(pub(crate) Vec<u8>);

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.fill(0);
    }
}
