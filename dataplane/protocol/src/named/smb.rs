//! SMB 1 to 3 over direct TCP or NetBIOS sessions (MS-SMB2 2.1, RFC 1002 4.3).

use super::{Openings, be32};
use weir_exchange::Named;

pub(super) fn tell(o: Openings<'_>) -> Option<Named> {
    o.fit(is_message, is_message).then_some(Named::Smb)
}

/// A message behind its length: SMB 1, SMB 2 and 3, encrypted, compressed. At port 139 a session is asked for and granted first.
fn is_message(bytes: &[u8]) -> bool {
    match bytes {
        [0, _, _, _, 0xfc..=0xff, b'S', b'M', b'B', ..] => true,
        [0x81, 0, 0, 68, 0x20, ..] => true,
        [0x82, ..] => be32(bytes, 0) == Some(0x8200_0000),
        _ => false,
    }
}
