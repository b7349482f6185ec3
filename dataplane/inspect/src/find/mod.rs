//! Finding: what a text holds, field by field, with offsets in the bytes as they came.

mod excerpt;
mod explain;
mod items;
mod known;
mod opened;
mod pass;
mod walk;

pub(crate) use excerpt::excerpt;
pub(crate) use items::Items;
pub(crate) use known::{Known, KnownFields};
pub(crate) use pass::{Finder, MAX_NESTED, Reading, Spare, Stretch, escapes_of};

use crate::text::Escapes;

use std::ops::Range;
use weir_exchange::{DataTypeId, Excerpt, SignalId};
use weir_rules::{Explanation, Judgement};

/// A value found.
pub(crate) struct Hit<'a> {
    pub(crate) data_type: DataTypeId,
    pub(crate) judgement: &'a Judgement,
    pub(crate) path: &'a str,
    /// The value, as text.
    pub(crate) value: &'a str,
    /// Whether it is all there is in its field.
    pub(crate) whole: bool,
    /// Records before that of the value, in its array.
    pub(crate) before: u32,
    /// Where it stands in the bytes as they came, from the start of the body.
    pub(crate) raw: Range<u64>,
}

/// What made a value a candidate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FoundBy {
    /// The name of its field.
    Name,
    /// A name before it in running text.
    NameInText,
    /// A pattern of the type.
    Pattern,
}

/// A candidate, with what was judged of it.
pub(crate) struct Considered<'a> {
    pub(crate) data_type: DataTypeId,
    pub(crate) by: FoundBy,
    pub(crate) path: &'a str,
    pub(crate) key: Option<&'a str>,
    pub(crate) value: &'a str,
    pub(crate) raw: Range<u64>,
    pub(crate) explanation: Explanation,
}

/// A datum of the structure, whether sensitive or not.
pub(crate) struct Datum<'a> {
    pub(crate) path: &'a str,
    pub(crate) key: Option<&'a str>,
    /// What is known of its name.
    pub(crate) known: &'a mut Known,
    pub(crate) value: &'a [u8],
    /// How escapes that keep the structure were left in it.
    pub(crate) escapes: Escapes,
    /// Whether a value was found in it.
    pub(crate) sensitive: bool,
}

/// What is wanted of the other data of a field in a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Want {
    /// They say nothing more; none need be given.
    Nothing,
    /// They may say more.
    More,
    /// Every one, as they are counted.
    All,
}

/// What takes what is found.
pub(crate) trait Findings {
    /// A value.
    fn hit(&mut self, hit: &Hit<'_>);
    /// A signal, with the text around it, masked.
    fn signal(&mut self, signal: SignalId, excerpt: &Excerpt);
    /// Whether signals are wanted.
    fn wants_signal(&self, signal: SignalId) -> bool;
    /// Serial number of the half of an exchange that is read; not 0.
    fn message(&self) -> u64;
    /// A datum of the structure; says whether others of its field are wanted in this message.
    fn datum(&mut self, datum: Datum<'_>) -> Want;
    /// Whether [`datum`](Self::datum) does nothing with a datum whose name promises nothing but [list](Self::list) its field.
    fn only_lists(&self) -> bool;
    /// A field whose name promises nothing, and whether its value is empty or `null`; else the value was not looked at.
    fn list(&mut self, known: &mut Known, blank: bool);
    /// A value of a field, whole; whether those of its field are counted in this message, so that more must be given.
    fn count(&mut self, path: &str, value: &[u8]) -> bool;
    /// An array or table of so many records.
    fn records(&mut self, count: u32);
    /// The name of a file.
    fn file_name(&mut self, name: &str);
    /// Whether it wants every [candidate](Self::consider) told.
    fn explains(&self) -> bool {
        false
    }
    /// A candidate, whatever became of it.
    fn consider(&mut self, _considered: Considered<'_>) {}
}

/// Where a text came from: how its offsets lead back to the bytes as they came.
#[derive(Clone, Copy)]
pub(crate) struct Origin<'a> {
    /// From the text to what it was unescaped from, then to what that was decoded from.
    pub(crate) maps: [&'a crate::text::OffsetMap; 2],
    /// Offset of that in the parent's text, or of the window in the body.
    pub(crate) base: u64,
    /// The text that this one is part of.
    pub(crate) parent: Option<&'a Origin<'a>>,
}

impl Origin<'_> {
    /// The raw range of a range of the text.
    pub(crate) fn raw(&self, span: Range<usize>) -> Range<u64> {
        let [a, b] = self.maps;
        let (start, end) = (b.start(a.start(span.start)), b.end(a.end(span.end)));
        match self.parent {
            Some(p) => {
                let base = usize::try_from(self.base).unwrap_or(usize::MAX);
                p.raw(base.saturating_add(start)..base.saturating_add(end))
            }
            None => self.base + start as u64..self.base + end as u64,
        }
    }
}
