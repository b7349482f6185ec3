//! The fast path of the parser: from value to value where texts repeat themselves.

use super::{Frame, Json, Level, MAX_DEPTH, Pass};
use crate::structure::names::{Edge, Names, Turn};

impl Json {
    /// From behind a value, steps over what nothing is wanted of, and goes up to the next value where the text goes on as it did the
    /// last time.
    #[inline]
    pub(super) fn skim(&mut self, pass: &mut Pass<'_>, names: &Names) {
        if self.beyond == 0 {
            while let Some(edge) = self.edge(pass, names) {
                let start = pass.at + usize::from(edge.len);
                self.open = edge.to;
                let Some(first) = pass.text.get(start) else { return self.arrive(pass, start) };
                let string = *first == b'"';
                let inside = start + usize::from(string);
                let Some(end) = pass.index.end(inside, string) else { return self.arrive(pass, start) };
                // A bare token without a byte is a mark of the structure.
                if end == inside && !string || !self.is_skipped(pass, names, inside, end) {
                    return self.arrive(pass, start);
                }
                pass.at = end + usize::from(string);
            }
        }
        self.expects_name = false;
        pass.trails.value(pass.at, self.open);
    }
    /// Stands before a value, the way to which was known.
    #[inline]
    fn arrive(&mut self, pass: &mut Pass<'_>, at: usize) {
        pass.at = at;
        self.expects_name = false;
        pass.trails.clear();
    }
    /// What leads on from a value, where it is known and leads there from this level; the level is changed accordingly.
    #[inline]
    fn edge<'n>(&mut self, pass: &Pass<'_>, names: &'n Names) -> Option<&'n Edge> {
        let [below @ .., frame] = &mut self.frames[..] else { return None };
        let edge = names.next(self.open);
        if edge.fits(pass.text, pass.at) {
            if edge.base != frame.base {
                return None;
            }
            match (edge.turn, frame.level) {
                (Turn::Member, Level::Object) | (Turn::Element, Level::Array) => return Some(edge),
                (Turn::Record, Level::Object) => {
                    let array = below.last_mut().filter(|f| f.level == Level::Array)?;
                    array.records = array.records.saturating_add(1);
                    return Some(edge);
                }
                (Turn::Down, Level::Object) if self.frames.len() < MAX_DEPTH => {
                    let outer = names.parent(edge.to);
                    self.frames.push(Frame { level: Level::Array, outer, base: edge.to, records: 0 });
                    return Some(edge);
                }
                _ => return None,
            }
        }
        let edge = names.other(self.open);
        let ends = frame.level == Level::Array
            && edge.turn == Turn::Up
            && frame.records <= self.most
            && below.last().is_some_and(|f| f.level == Level::Object && f.base == edge.base)
            && edge.fits(pass.text, pass.at);
        if ends {
            self.frames.pop();
            return Some(edge);
        }
        None
    }
}
