//! IPv6 and its extension headers (RFC 8200).

use crate::walk::{Found, Layer, Next, Piece, Step, Walk, cut, then};
use weir_wire::Account;

pub(crate) fn ipv6(w: &mut Walk<'_>) -> Step {
    let mut c = w.cursor();
    let h = c.array::<8>().map_err(cut)?;
    let src = c.array::<16>().map_err(cut)?;
    let dst = c.array::<16>().map_err(cut)?;
    if h[0] >> 4 != 6 {
        return Err(Account::FrameMalformed);
    }
    w.pass(c);
    // Zero: a jumbogram (RFC 2675) or segmentation offload; then the packet is all there is.
    let len = u16::from_be_bytes([h[4], h[5]]);
    if len != 0 {
        w.limit(usize::from(len));
    }
    w.context.src = src.into();
    w.context.dst = dst.into();
    w.context.id = 0;
    then(Layer::Protocol(h[6]))
}

/// Hop-by-hop, routing, destination, mobility, HIP and shim6 headers: next header and length in 8-byte units behind
/// the first 8 bytes.
pub(crate) fn extension(w: &mut Walk<'_>) -> Step {
    let mut c = w.cursor();
    let [next, units] = c.array().map_err(cut)?;
    w.skip(8 + usize::from(units) * 8)?;
    then(Layer::Protocol(next))
}

/// Authentication header (RFC 4302), in IPv4 too: its length counts 4-byte units behind the first two.
pub(crate) fn authentication(w: &mut Walk<'_>) -> Step {
    let mut c = w.cursor();
    let [next, units] = c.array().map_err(cut)?;
    w.skip(8 + usize::from(units) * 4)?;
    then(Layer::Protocol(next))
}

/// Fragment header (RFC 8200, 4.5). An atomic fragment (RFC 6946) is a whole datagram.
pub(crate) fn fragment(w: &mut Walk<'_>) -> Step {
    let mut c = w.cursor();
    let [protocol, _] = c.array().map_err(cut)?;
    let place = c.u16().map_err(cut)?;
    let id = c.u32().map_err(cut)?;
    w.pass(c);
    let (more, offset) = (place & 1 != 0, u32::from(place & 0xfff8));
    if !more && offset == 0 {
        return then(Layer::Protocol(protocol));
    }
    let (cut, data, context) = (w.is_cut(), w.range(), w.context);
    Ok(Next::Found(Found::Fragment(Piece { id, protocol, offset, more, cut, data, context })))
}
