//! IPv4 (RFC 791).

use crate::walk::{Found, Layer, Next, Piece, Step, Walk, cut, then};
use weir_wire::Account;

pub(crate) fn ipv4(w: &mut Walk<'_>) -> Step {
    let mut c = w.cursor();
    let h = c.array::<20>().map_err(cut)?;
    let header = usize::from(h[0] & 0x0f) * 4;
    let total = usize::from(u16::from_be_bytes([h[2], h[3]]));
    if h[0] >> 4 != 4 || header < 20 {
        return Err(Account::FrameMalformed);
    }
    // Segmentation offload leaves the length to the network card: then the segment is all there is.
    if total != 0 {
        if total < header {
            return Err(Account::FrameMalformed);
        }
        w.limit(total);
    }
    w.skip(header)?;
    w.context.src = [h[12], h[13], h[14], h[15]].into();
    w.context.dst = [h[16], h[17], h[18], h[19]].into();
    w.context.id = u16::from_be_bytes([h[4], h[5]]);
    let place = u16::from_be_bytes([h[6], h[7]]);
    let (more, offset) = (place & 0x2000 != 0, u32::from(place & 0x1fff) * 8);
    if !more && offset == 0 {
        return then(Layer::Protocol(h[9]));
    }
    Ok(Next::Found(Found::Fragment(Piece {
        id: w.context.id.into(),
        protocol: h[9],
        offset,
        more,
        cut: w.is_cut(),
        data: w.range(),
        context: w.context,
    })))
}
