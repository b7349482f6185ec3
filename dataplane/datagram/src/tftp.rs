//! TFTP (RFC 1350, 5): a request at the server's port; the transfer runs between the client's and a port that the server chooses for it.

const REQUESTS: [u8; 2] = [1, 2];
const MODES: [&[u8]; 3] = [b"octet", b"netascii", b"mail"];
const MAX_NAME: usize = 255;

/// Whether a datagram asks to read or to write a file: operation, name, mode.
pub(crate) fn is_request(payload: &[u8]) -> bool {
    let [0, operation, rest @ ..] = payload else { return false };
    let mut texts = rest.split(|b| *b == 0);
    let (Some(name), Some(mode), Some(_)) = (texts.next(), texts.next(), texts.next()) else { return false };
    REQUESTS.contains(operation)
        && (1..=MAX_NAME).contains(&name.len())
        && name.iter().all(|b| !b.is_ascii_control())
        && MODES.iter().any(|m| mode.eq_ignore_ascii_case(m))
}

/// Whether it belongs to a transfer: data, acknowledgement, error, or an answer to options (RFC 2347).
pub(crate) fn is_transfer(payload: &[u8]) -> bool {
    matches!(payload, [0, 3..=6, _, _, ..] | [0, 6, _])
}
