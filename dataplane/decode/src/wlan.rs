//! IEEE 802.11 data frames, with or without a radiotap header.

use crate::walk::{Layer, Step, Walk, cut, then};
use weir_wire::Account;

/// Passes over a radiotap header (radiotap.org): little-endian, its own length in front, fields by a bitmap.
pub(crate) fn radiotap(w: &mut Walk<'_>) -> Step {
    let mut c = w.cursor();
    let version = c.u8().map_err(cut)?;
    c.skip(1).map_err(cut)?;
    let len = usize::from(u16::from_le_bytes(c.array().map_err(cut)?));
    if version != 0 || len < 8 {
        return Err(Account::FrameMalformed);
    }
    let header = w.rest().get(..len).ok_or(Account::FrameMalformed)?;
    let padded = flags(header) & 0x20 != 0;
    w.skip(len)?;
    data(w, padded)
}

/// The flags field of a radiotap header; 0 where it has none. It comes first but for the 8-byte time stamp.
fn flags(header: &[u8]) -> u8 {
    const MORE: u8 = 0x80;
    let bitmaps = header.get(4..).unwrap_or_default().chunks_exact(4);
    let present = header.get(4).copied().unwrap_or(0);
    let count = bitmaps.take_while(|b| b[3] & MORE != 0).count() + 1;
    let mut at = 4 + 4 * count;
    if present & 1 != 0 {
        at = at.next_multiple_of(8) + 8;
    }
    if present & 2 != 0 { header.get(at).copied().unwrap_or(0) } else { 0 }
}

pub(crate) fn wlan(w: &mut Walk<'_>) -> Step {
    data(w, false)
}

/// IEEE 802.11, 9.2.3: only whole, unencrypted data frames lead on. `padded`: the header ends on a multiple of 4.
fn data(w: &mut Walk<'_>, padded: bool) -> Step {
    const BOTH_DS: u8 = 0x03;
    const MORE_FRAGMENTS: u8 = 0x04;
    const PROTECTED: u8 = 0x40;
    const ORDER: u8 = 0x80;
    let mut c = w.cursor();
    let [control, flags] = c.array().map_err(cut)?;
    let (kind, subtype) = (control >> 2 & 3, control >> 4);
    let (qos, empty) = (subtype & 8 != 0, subtype & 4 != 0);
    if kind != 2 || empty || flags & (PROTECTED | MORE_FRAGMENTS) != 0 {
        return Err(Account::FrameOther);
    }
    // Duration and three addresses, then the sequence control, whose low nibble numbers fragments.
    c.skip(20).map_err(cut)?;
    if u16::from_le_bytes(c.array().map_err(cut)?) & 0x0f != 0 {
        return Err(Account::FrameOther);
    }
    let mut len = 24usize;
    if flags & BOTH_DS == BOTH_DS {
        c.skip(6).map_err(cut)?;
        len += 6;
    }
    if qos {
        let [control, _] = c.array().map_err(cut)?;
        len += 2;
        if control & 0x80 != 0 {
            return Err(Account::FrameOther);
        }
        if flags & ORDER != 0 {
            len += 4;
        }
    }
    w.skip(if padded { len.next_multiple_of(4) } else { len })?;
    then(Layer::Llc)
}
