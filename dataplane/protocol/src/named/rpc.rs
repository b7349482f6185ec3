//! ONC RPC over TCP (RFC 5531, 9 and 11), and the programs of NFS.

use super::{Openings, be32};
use weir_exchange::Named;

/// Longest fragment: NFS writes 1 MiB at a time, and a little around it.
const MAX_FRAGMENT: u32 = 16 << 20;
/// NFS, MOUNT, the lock manager, and its notes of restarts (RFC 1813; X/Open XNFS).
const NFS: [u32; 4] = [100_003, 100_005, 100_021, 100_024];

pub(super) fn tell(o: Openings<'_>) -> Option<Named> {
    let program = program(o.client);
    let fits = o.fit(|_| program.is_some(), is_reply);
    let named = if program.is_some_and(|p| NFS.contains(&p)) { Named::Nfs } else { Named::Rpc };
    fits.then_some(named)
}

/// The length of a fragment: the last of a record alone, as calls and replies that begin a connection are short.
fn is_fragment(bytes: &[u8]) -> bool {
    be32(bytes, 0).is_some_and(|mark| mark >> 31 == 1 && (24..=MAX_FRAGMENT).contains(&(mark & 0x7fff_ffff)))
}

/// The program that a call is for: version 2 of the protocol, a program and a version of it that may be.
fn program(bytes: &[u8]) -> Option<u32> {
    let (kind, version, program, of) =
        (be32(bytes, 8)?, be32(bytes, 12)?, be32(bytes, 16)?, be32(bytes, 20)?);
    let fits =
        is_fragment(bytes) && kind == 0 && version == 2 && (1..0x6000_0000).contains(&program) && of < 64;
    fits.then_some(program)
}

/// A reply, accepted or refused.
fn is_reply(bytes: &[u8]) -> bool {
    is_fragment(bytes) && be32(bytes, 8) == Some(1) && be32(bytes, 12).is_some_and(|state| state < 2)
}
