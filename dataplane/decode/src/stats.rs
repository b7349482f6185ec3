//! What frames look like: what tells a person how the mirror is set up.

use crate::walk::Context;
use weir_wire::Frame;

/// Counters of a decoder.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Stats {
    /// Frames of which less was captured than was on the wire: the snap length cut them.
    pub cut_frames: u64,
    /// Bytes so cut.
    pub cut_bytes: u64,
    /// TCP segments and UDP datagrams in a VLAN.
    pub tagged: u64,
    /// Those in a tunnel other than a mirror's.
    pub tunnelled: u64,
    /// Those that a mirror sent in a tunnel (ERSPAN).
    pub mirrored: u64,
}

impl Stats {
    /// Adds another decoder's figures.
    pub fn absorb(&mut self, other: &Stats) {
        let Stats { cut_frames, cut_bytes, tagged, tunnelled, mirrored } = other;
        self.cut_frames += cut_frames;
        self.cut_bytes += cut_bytes;
        self.tagged += tagged;
        self.tunnelled += tunnelled;
        self.mirrored += mirrored;
    }

    #[inline(always)]
    pub(crate) fn cut(&mut self, frame: &Frame<'_>) {
        let cut = (frame.wire_len as usize).saturating_sub(frame.data.len());
        if cut > 0 {
            self.cut_frames += 1;
            self.cut_bytes += cut as u64;
        }
    }

    #[inline(always)]
    pub(crate) fn tag(&mut self, vlan: Option<u16>) {
        self.tagged += u64::from(vlan.is_some());
    }

    pub(crate) fn network(&mut self, context: &Context) {
        self.tag(context.vlan);
        self.tunnelled += u64::from(context.tunnelled);
        self.mirrored += u64::from(context.mirrored);
    }
}
