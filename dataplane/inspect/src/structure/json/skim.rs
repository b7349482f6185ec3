//! The fast path of the parser: from value to value where texts repeat themselves.

use super::{Frame, Json, Level, MAX_DEPTH, Pass, Stands, Value, may_be_document};
use crate::structure::names::{Names, Turn, Within};
use crate::text::encoded::may_be_encoded;

impl Json {
    /// From behind a value, steps over what nothing is wanted of, for as long as the text goes on as it did the last time; gives the next
    /// value that something is wanted of. `None`: the way on is to be found token by token.
    pub(super) fn skim(&mut self, pass: &mut Pass<'_>, names: &mut Names) -> Option<Value> {
        let mut within = match self.frames.last() {
            Some(frame) if self.beyond == 0 => Within::of(frame.base, frame.level),
            _ => return self.behind(pass, pass.at, self.open),
        };
        let (text, index, calm) = (pass.text, pass.index, pass.calm);
        let (mut at, mut open) = (pass.at, self.open);
        loop {
            let edge = names.next(open);
            let fits = edge.fits(text, at);
            let (to, start) = if fits && edge.within == within && (!edge.begins_record() || self.record()) {
                (edge.to, at + edge.len())
            } else if let Some((to, len)) = self.turn(fits, text, at, open, names) {
                within = self.frames.last().map_or(within, |f| Within::of(f.base, f.level));
                (to, at + len)
            } else {
                return self.behind(pass, at, open);
            };
            let Some(first) = text.get(start) else { return self.arrive(pass, start, to) };
            let string = *first == b'"';
            let inside = start + usize::from(string);
            let Some(end) = index.end(inside, string) else { return self.arrive(pass, start, to) };
            // A bare token without a byte is a mark of the structure.
            if end == inside && !string {
                return self.arrive(pass, start, to);
            }
            at = end + usize::from(string);
            open = to;
            let still = end <= calm && !may_be_document(text[inside]) && !may_be_encoded(&text[inside..end]);
            if still && (names.is_quiet(to, pass.message) || pass.list(to, names, inside..end)) {
                continue;
            }
            self.arrive(pass, at, to);
            pass.stands = Stands::Behind;
            return Some(Value { name: to, span: inside..end, commit: end, whole: true, glued: false });
        }
    }
    /// Stands behind a value, the way on from which is not known.
    fn behind(&mut self, pass: &mut Pass<'_>, at: usize, open: u32) -> Option<Value> {
        (pass.at, self.open, self.expects_name) = (at, open, false);
        pass.trails.value(at, open);
        None
    }
    /// Stands at `at`, the way to which was known.
    fn arrive(&mut self, pass: &mut Pass<'_>, at: usize, open: u32) -> Option<Value> {
        (pass.at, self.open, self.expects_name) = (at, open, false);
        pass.trails.clear();
        None
    }
    /// Another record of the array that the object on this level is in; whether it is in one.
    #[inline]
    fn record(&mut self) -> bool {
        let [.., array, _] = &mut self.frames[..] else { return false };
        array.records = array.records.saturating_add(u32::from(array.level == Level::Array));
        array.level == Level::Array
    }
    /// What leads on from a value to another level, where it is known and leads there from this one: the name, and the bytes of the way.
    /// The level is changed accordingly. `fits`: the text goes on as it did behind the last value of this name.
    fn turn(&mut self, fits: bool, text: &[u8], at: usize, open: u32, names: &Names) -> Option<(u32, usize)> {
        let [below @ .., frame] = &self.frames[..] else { return None };
        if fits {
            let edge = names.next(open);
            let down = edge.turn == Turn::Down && edge.base == frame.base && frame.level == Level::Object;
            if !down || self.frames.len() >= MAX_DEPTH {
                return None;
            }
            let outer = names.parent(edge.to);
            self.frames.push(Frame { level: Level::Array, outer, base: edge.to, records: 0 });
            return Some((edge.to, edge.len()));
        }
        let edge = names.other(open);
        let ends = frame.level == Level::Array
            && edge.turn == Turn::Up
            && frame.records <= self.most
            && below.last().is_some_and(|f| f.level == Level::Object && f.base == edge.base)
            && edge.fits(text, at);
        if ends {
            self.frames.pop();
            return Some((edge.to, edge.len()));
        }
        None
    }
}
