//! Kafka: a length, then of requests a key, a version, a number and the client's name; of answers the number.

use super::{Openings, be16, be32};
use weir_exchange::Named;

/// Longest message, by the default of `socket.request.max.bytes`.
const MAX_MESSAGE: u32 = 104_857_600;
/// Greatest number of a request, with room for those to come, and the one with which clients ask for versions.
const MAX_KEY: u16 = 100;
const VERSIONS: u16 = 18;
const MAX_VERSION: u16 = 20;
const MAX_NAME: u16 = 255;

/// As little of it is fixed, both directions must fit, unless the client names itself while it asks for versions.
pub(super) fn tell(o: Openings<'_>) -> Option<Named> {
    let (key, number, name) = request(o.client)?;
    let answered = o.server.len() >= 8
        && be32(o.server, 0).is_some_and(|len| (4..=MAX_MESSAGE).contains(&len))
        && be32(o.server, 4) == Some(number);
    let alone = o.server.is_empty() && key == VERSIONS && name > 0;
    (answered || alone).then_some(Named::Kafka)
}

/// Key and number of a request, and the length of the client's name.
fn request(bytes: &[u8]) -> Option<(u16, u32, u16)> {
    let (len, key, version) = (be32(bytes, 0)?, be16(bytes, 4)?, be16(bytes, 6)?);
    let (number, name) = (be32(bytes, 8)?, be16(bytes, 12)?);
    // No name is the length -1.
    let name = if name == u16::MAX { 0 } else { name };
    let text = bytes.get(14..14 + usize::from(name))?;
    let fits = (10..=MAX_MESSAGE).contains(&len)
        && key <= MAX_KEY
        && version <= MAX_VERSION
        && name <= MAX_NAME
        && text.iter().all(u8::is_ascii_graphic);
    fits.then_some((key, number, name))
}
