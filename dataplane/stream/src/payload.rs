//! The bytes of one segment: duplicates cut off, the next ones delivered, early ones held.

use crate::{FlowTable, Sink, WINDOW, half::Full, hot::flag, piece::Piece, table::Out, wheel::NIL};
use weir_wire::{Account, Packet, Side, StreamEvent, TcpFlags, TcpHeader, Timestamp};

/// Where a segment's payload begins (behind SYN), and all it covers.
fn piece_of<'a>(packet: &Packet<'a>, tcp: &TcpHeader) -> Piece<'a> {
    let seq = tcp.seq.wrapping_add(u32::from(tcp.flags.has(TcpFlags::SYN)));
    Piece { seq, data: packet.payload, void: packet.missing.min(WINDOW) }
}

impl<S> FlowTable<S> {
    /// Takes in what a segment of an open flow carries.
    pub(crate) fn payload<K: Sink<S>>(
        &mut self,
        flow: u32,
        side: Side,
        packet: &Packet<'_>,
        tcp: &TcpHeader,
        out: &mut Out<'_, K>,
    ) {
        let (syn, fin) = (tcp.flags.has(TcpFlags::SYN), tcp.flags.has(TcpFlags::FIN));
        let piece = piece_of(packet, tcp);
        if piece.is_empty() && !syn && !fin {
            return;
        }
        let hot = &mut self.hot[flow as usize];
        if hot.has_of(side, flag::ENDED) {
            return self.after_end(flow, side, packet, tcp, out);
        }
        if !hot.has_of(side, flag::ORIGIN) {
            hot.set_origin(side, piece.seq);
        }
        if packet.payload.len() >= WINDOW as usize || !self.is_plausible(flow, side, &piece, packet.time, out)
        {
            return out.book(Account::StreamOutOfWindow, packet.payload.len());
        }
        let cold = self.hot[flow as usize].cold;
        if cold != NIL && !piece.is_empty() {
            let half = self.colds.half_mut(cold, side);
            half.segments = half.segments.wrapping_add(1);
        }
        self.take(flow, side, piece, packet.time, out);
        if fin {
            let end = piece.seq.wrapping_add(piece.len());
            self.finish_at(flow, side, end, packet.time, out);
        }
    }

    /// Books the payload of a side that has ended: copies of what was read, or nothing that belongs here.
    pub(crate) fn after_end<K>(
        &mut self,
        flow: u32,
        side: Side,
        packet: &Packet<'_>,
        tcp: &TcpHeader,
        out: &mut Out<'_, K>,
    ) {
        let hot = &self.hot[flow as usize];
        let below = hot.next_of(side).wrapping_sub(piece_of(packet, tcp).seq);
        let known = hot.has_of(side, flag::ORIGIN) && below < WINDOW;
        let copies = if known { packet.payload.len().min(below as usize) } else { 0 };
        out.book(Account::StreamDuplicate, copies);
        out.book(Account::StreamOutOfWindow, packet.payload.len() - copies);
    }

    /// Whether a segment lies in the window. The fourth in a row that does not sets the direction on anew:
    /// the capture lost more than a window, or missed that a new connection began.
    fn is_plausible<K: Sink<S>>(
        &mut self,
        flow: u32,
        side: Side,
        piece: &Piece<'_>,
        time: Timestamp,
        out: &mut Out<'_, K>,
    ) -> bool {
        const REACH: i64 = WINDOW as i64;
        let hot = &mut self.hot[flow as usize];
        let ahead = i64::from(piece.seq.wrapping_sub(hot.next_of(side)) as i32);
        if ahead > -REACH && ahead + i64::from(piece.len()) < REACH {
            hot.clear_strikes(side);
            return true;
        }
        if piece.is_empty() || !hot.strike(side) {
            return false;
        }
        self.flush(flow, side, time, out);
        let hot = &mut self.hot[flow as usize];
        if hot.has_of(side, flag::ENDED) {
            return false;
        }
        self.stats.resyncs += 1;
        let ahead = piece.seq.wrapping_sub(hot.next_of(side));
        // Behind the point of reading nobody can tell how much is missing.
        let len = if (ahead as i32) > 0 { ahead } else { 0 };
        self.skip(flow, side, len, time, out);
        self.hot[flow as usize].next[side.index()] = piece.seq;
        true
    }

    /// Takes a plausible piece apart, front to back, until all of it is booked or held.
    fn take<K: Sink<S>>(
        &mut self,
        flow: u32,
        side: Side,
        mut piece: Piece<'_>,
        time: Timestamp,
        out: &mut Out<'_, K>,
    ) {
        let mut counted = false;
        loop {
            let hot = &self.hot[flow as usize];
            let (next, cold) = (hot.next_of(side), hot.cold);
            let behind = next.wrapping_sub(piece.seq) as i32;
            let (old, rest) = piece.split(behind.max(0) as u32);
            out.book(Account::StreamDuplicate, old.data.len());
            piece = rest;
            let mut room = u32::MAX;
            if cold != NIL {
                let half = self.colds.half(cold, side);
                if let Some((fin, _)) = half.fin {
                    let (keep, beyond) = piece.split((fin.wrapping_sub(piece.seq) as i32).max(0) as u32);
                    out.book(Account::StreamOutOfWindow, beyond.data.len());
                    piece = keep;
                }
                room = half.ranges.front().map_or(room, |r| r.start.wrapping_sub(next));
            }
            if piece.is_empty() {
                return;
            }
            if piece.seq == next {
                let (now, later) = piece.split(room);
                self.pass(flow, side, now, time, out);
                self.drain(flow, side, time, out);
                piece = later;
            } else {
                if !counted {
                    self.stats.out_of_order += 1;
                    counted = true;
                }
                piece = self.wait(flow, side, piece, time, out);
            }
        }
    }

    /// Delivers the next piece straight from its packet, and the gap that the snap length left behind it.
    fn pass<K: Sink<S>>(
        &mut self,
        flow: u32,
        side: Side,
        piece: Piece<'_>,
        time: Timestamp,
        out: &mut Out<'_, K>,
    ) {
        let hot = &mut self.hot[flow as usize];
        let bytes = piece.data.len() as u32;
        hot.next[side.index()] = hot.next_of(side).wrapping_add(bytes);
        if bytes > 0 {
            self.warm[flow as usize].deliver(hot, side, time, piece.data, out);
        }
        if piece.void > 0 {
            self.skip(flow, side, piece.void, time, out);
        }
    }

    /// Declares the next `len` bytes missing.
    pub(crate) fn skip<K: Sink<S>>(
        &mut self,
        flow: u32,
        side: Side,
        len: u32,
        time: Timestamp,
        out: &mut Out<'_, K>,
    ) {
        self.stats.gaps += 1;
        self.stats.gap_bytes += u64::from(len);
        let hot = &mut self.hot[flow as usize];
        hot.next[side.index()] = hot.next_of(side).wrapping_add(len);
        self.warm[flow as usize].tell(hot, StreamEvent::Gap { side, time, len }, out);
    }

    /// Holds the front of a piece that came early, or makes room for it; gives back what is still to do.
    fn wait<'p, K: Sink<S>>(
        &mut self,
        flow: u32,
        side: Side,
        piece: Piece<'p>,
        time: Timestamp,
        out: &mut Out<'_, K>,
    ) -> Piece<'p> {
        let hot = &self.hot[flow as usize];
        let (base, tick, shunted) = (hot.next_of(side), self.wheel.tick() as u32, hot.shunted());
        // Nobody reads a shunted flow: that the bytes were there is all that is held of them.
        let held = match shunted {
            Some(_) => Piece { data: &[], void: piece.len(), ..piece },
            None => piece,
        };
        let cold = self.cold_of(flow, time, out);
        let half = self.colds.half_mut(cold, side);
        match half.place(&mut self.pages, base, held, tick, self.limits.side_pages) {
            Ok(placed) => {
                let (front, rest) = piece.split(placed.taken);
                match shunted {
                    _ if placed.duplicate => out.book(Account::StreamDuplicate, front.data.len()),
                    Some(account) => {
                        out.book(Account::StreamDelivered, front.data.len());
                        out.book(account, front.data.len());
                    }
                    None => {
                        self.stats.held_bytes += front.data.len() as u64;
                        self.stats.held_bytes_peak = self.stats.held_bytes_peak.max(self.stats.held_bytes);
                    }
                }
                return rest;
            }
            Err(Full::Side) => {
                self.stats.over_budget += 1;
                let first = half.ranges.front().map(|r| r.start.wrapping_sub(base));
                if first.is_some_and(|start| start < piece.seq.wrapping_sub(base)) {
                    self.give_up(flow, side, time, out);
                } else {
                    self.skip_to(flow, side, piece.seq, time, out);
                }
            }
            Err(Full::Pool) => self.make_room(flow, side, piece.seq, time, out),
        }
        piece
    }
}
