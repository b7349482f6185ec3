//! JSON (RFC 8259), also several documents in a row, JSON with a call around it, and broken JSON as far as it goes.
//!
//! The parser is asked for the next value that anything is wanted of. Values that are [quiet](Names::quieten) and hold no candidate
//! are stepped over without a call: a name is one comparison of the bytes that were there the last time, a value one look at the
//! [`Index`].

use super::{cut, is_blank};
mod skim;

use super::index::{Index, ends_bare};
use super::names::{Names, Turn};
use super::trail::{Token, Trails};
use crate::text::encoded::may_be_encoded;
use smallvec::SmallVec;
use std::ops::Range;
use std::sync::Arc;

/// Deepest nesting that has names of its own.
const MAX_DEPTH: usize = 64;

/// What a level is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Level {
    /// Named members.
    Object,
    /// Numbered elements, `[]` in paths.
    Array,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) level: Level,
    /// The name that was open outside.
    outer: u32,
    /// The name that its members' names stand in; of an array, that of its elements.
    pub(super) base: u32,
    /// Records among the elements.
    records: u32,
}

/// Parser of JSON.
pub(crate) struct Json {
    frames: SmallVec<[Frame; 8]>,
    /// The name of the value that comes next.
    open: u32,
    /// Levels entered beyond [`MAX_DEPTH`].
    beyond: u32,
    /// In an object, before a name.
    expects_name: bool,
    /// Inside a string longer than the window; whether it was cut inside a word.
    in_string: Option<bool>,
    broken: bool,
    /// Most records told of.
    most: u32,
    /// Whose numbers the names are.
    generation: u64,
    /// The names by themselves, for when the numbers become void.
    kept: Vec<(Arc<str>, Option<Arc<str>>)>,
}

impl Default for Json {
    fn default() -> Self {
        Json {
            frames: SmallVec::new(),
            open: 0,
            beyond: 0,
            expects_name: false,
            in_string: None,
            broken: false,
            most: 0,
            generation: u64::MAX,
            kept: Vec::new(),
        }
    }
}

/// Added to a name that is listed. Names have smaller numbers.
pub(crate) const BLANK: u32 = 1 << 31;

/// One window of a text being read.
pub(crate) struct Pass<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) index: &'a Index,
    /// The text ends with the window.
    pub(crate) last: bool,
    /// Some of the window must be taken.
    pub(crate) full: bool,
    /// Put before the paths.
    pub(crate) prefix: &'a str,
    /// Number of the message, to tell what is quiet.
    pub(crate) message: u64,
    /// Where the next candidate begins.
    pub(crate) calm: usize,
    /// Fields of which nothing is wanted but that they are there are only listed.
    pub(crate) lists: bool,
    /// Those listed since it was emptied, each once, [`BLANK`] added where the value is empty or `null`.
    pub(crate) listed: Vec<u32>,
    at: usize,
    stands: Stands,
    trails: Trails,
}

/// Where the parser stands in a window.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stands {
    Anywhere,
    /// Right behind a value.
    Behind,
    /// Right behind the brace that opens an object.
    Inside,
    /// At the end of what is taken.
    Done,
}

impl<'a> Pass<'a> {
    /// Of a window that `index` was made of.
    pub(crate) fn new(text: &'a [u8], index: &'a Index, last: bool, full: bool) -> Self {
        Pass {
            text,
            index,
            last,
            full,
            prefix: "",
            message: 0,
            calm: 0,
            lists: false,
            listed: Vec::new(),
            at: 0,
            stands: Stands::Anywhere,
            trails: Trails::default(),
        }
    }
    /// Lists a field of which nothing else is wanted; whether that is so.
    #[inline]
    fn list(&mut self, name: u32, names: &mut Names, value: Range<usize>) -> bool {
        let taken = self.lists && names.takes_listing(name, self.message);
        if taken {
            let blank = if is_blank(&self.text[value]) { BLANK } else { 0 };
            self.listed.push(name | blank);
        }
        taken
    }
}

/// A value, or a piece of one; see [`Field`](super::Field).
#[derive(Clone, Debug)]
pub(crate) struct Value {
    /// Number of its name.
    pub(crate) name: u32,
    pub(crate) span: Range<usize>,
    pub(crate) commit: usize,
    pub(crate) whole: bool,
    pub(crate) glued: bool,
}

/// What the parser came to.
pub(crate) enum Step {
    /// A value that something may be wanted of.
    Value(Value),
    /// The end of an array of more records than any before.
    Records(u32),
    /// What is [listed](Pass::listed) must be taken before the next step, as the numbers of names are about to become void.
    Listed,
    /// The end of what can be taken: so many bytes.
    End(usize),
}

/// What a value may begin with that is a document itself, or blanks before one.
static MAY_NEST: [bool; 256] = {
    let mut marks = [false; 256];
    let mut b = 0;
    while b < 256 {
        marks[b] = b <= b' ' as usize || matches!(b as u8, b'{' | b'[' | b'<' | b'&');
        b += 1;
    }
    marks
};

/// Whether a value that begins with this byte may be a document itself.
#[inline]
pub(crate) fn may_be_document(first: u8) -> bool {
    MAY_NEST[usize::from(first)]
}

impl Json {
    /// Goes on to the next value that anything is wanted of.
    pub(crate) fn step(&mut self, pass: &mut Pass<'_>, names: &mut Names) -> Step {
        if self.generation != names.generation() {
            self.resume(pass.prefix, names);
            pass.trails.clear();
        }
        if let (0, Some(glued)) = (pass.at, self.in_string) {
            match self.string(pass, 0, glued) {
                Some(value) => return Step::Value(value),
                None => return Step::End(pass.at),
            }
        }
        loop {
            match std::mem::replace(&mut pass.stands, Stands::Anywhere) {
                Stands::Anywhere => {}
                Stands::Behind => {
                    if let Some(value) = self.skim(pass, names) {
                        return Step::Value(value);
                    }
                }
                Stands::Inside => self.enter(pass, names),
                Stands::Done => {
                    pass.stands = Stands::Done;
                    return Step::End(pass.at);
                }
            }
            if !pass.listed.is_empty() && !names.has_room(1) {
                return Step::Listed;
            }
            let at = pass.at;
            let Some(b) = pass.text.get(at).copied() else { return Step::End(at) };
            let value = match b {
                b'"' if self.expects_name && self.level() == Some(Level::Object) => {
                    match pass.index.quote(at + 1) {
                        Some(end) => {
                            self.name(pass, names, at + 1..end);
                            pass.at = end + 1;
                            continue;
                        }
                        None => self.string(pass, at + 1, false),
                    }
                }
                b'"' => {
                    self.learn(pass, names);
                    match pass.index.quote(at + 1) {
                        Some(end) => {
                            pass.at = end + 1;
                            pass.stands = Stands::Behind;
                            if self.is_skipped(pass, names, at + 1, end) {
                                continue;
                            }
                            Some(Value {
                                name: self.open,
                                span: at + 1..end,
                                commit: end,
                                whole: true,
                                glued: false,
                            })
                        }
                        None => self.string(pass, at + 1, false),
                    }
                }
                _ if ends_bare(b) => match self.mark(b, pass, names) {
                    Some(step) => return step,
                    None => continue,
                },
                _ => {
                    let end = pass.index.stop(at);
                    if end.is_none() && !pass.last && !(pass.full && at == 0) {
                        None
                    } else {
                        let end = end.unwrap_or(pass.text.len());
                        if self.expects_name && self.level() == Some(Level::Object) {
                            self.name(pass, names, at..end);
                            pass.at = end;
                            continue;
                        }
                        self.learn(pass, names);
                        pass.at = end;
                        pass.stands = Stands::Behind;
                        if self.is_skipped(pass, names, at, end) {
                            continue;
                        }
                        Some(Value { name: self.open, span: at..end, commit: end, whole: true, glued: false })
                    }
                }
            };
            return value.map_or(Step::End(pass.at), Step::Value);
        }
    }
    /// Whether nothing is wanted of the value at `start..end`.
    #[inline]
    fn is_skipped(&self, pass: &mut Pass<'_>, names: &mut Names, start: usize, end: usize) -> bool {
        let still =
            end <= pass.calm && !may_be_document(pass.text[start]) && !may_be_encoded(&pass.text[start..end]);
        still && (names.is_quiet(self.open, pass.message) || pass.list(self.open, names, start..end))
    }
    /// A mark of the structure, or a blank.
    fn mark(&mut self, b: u8, pass: &mut Pass<'_>, names: &mut Names) -> Option<Step> {
        let at = pass.at;
        pass.at += 1;
        match b {
            b'{' | b'[' => {
                self.learn_at(pass, names, at);
                let level = if b == b'{' { Level::Object } else { Level::Array };
                pass.trails.token(if b == b'{' { Token::Open } else { Token::OpenArray });
                self.open_level(level, pass, names);
                self.expects_name = b == b'{';
                if b == b'{' && self.beyond == 0 {
                    pass.stands = Stands::Inside;
                }
            }
            b'}' | b']' => {
                let level = if b == b'}' { Level::Object } else { Level::Array };
                pass.trails.token(if b == b'}' { Token::Close } else { Token::CloseArray });
                self.expects_name = false;
                if let Some(n) = self.close_level(level).filter(|n| *n > self.most) {
                    self.most = n;
                    return Some(Step::Records(n));
                }
            }
            b':' => {
                pass.trails.token(Token::Colon);
                self.expects_name = false;
            }
            b',' => {
                pass.trails.token(Token::Comma);
                self.expects_name = self.level() == Some(Level::Object);
            }
            _ if b.is_ascii_whitespace() => {}
            _ => pass.trails.token(Token::Other),
        }
        None
    }
    /// Goes from an opening brace to the first value, where the text goes on as it did the last time.
    #[inline]
    fn enter(&mut self, pass: &mut Pass<'_>, names: &Names) {
        let edge = names.other(self.open);
        if edge.turn == Turn::Member && edge.fits(pass.text, pass.at) {
            self.open = edge.to;
            self.expects_name = false;
            pass.at += edge.len();
            pass.trails.entered();
        } else {
            pass.trails.brace(pass.at, self.open);
        }
    }
    /// Remembers what led to the value that begins here.
    #[inline]
    fn learn(&mut self, pass: &mut Pass<'_>, names: &mut Names) {
        if pass.trails.any() {
            self.learn_at(pass, names, pass.at);
        }
    }
    fn learn_at(&mut self, pass: &mut Pass<'_>, names: &mut Names, at: usize) {
        if self.beyond == 0 {
            pass.trails.learn(&pass.text[..at], &self.frames, self.open, names);
        }
    }
    /// A string whose end is not in the window, or that began before it. `None`: its end must be waited for.
    fn string(&mut self, pass: &mut Pass<'_>, from: usize, glued: bool) -> Option<Value> {
        let carried = self.in_string.is_some();
        let text = pass.text;
        let end = pass.index.quote(from);
        let must = pass.full && pass.at == 0;
        if end.is_none() && !pass.last && !must {
            return None;
        }
        self.in_string = None;
        let stop = match end {
            Some(end) => {
                (pass.at, pass.stands) = (end + 1, Stands::Behind);
                end
            }
            None if pass.last => {
                self.broken = true;
                (pass.at, pass.stands) = (text.len(), Stands::Done);
                text.len()
            }
            None => {
                let (at, inside) = cut(text, from);
                self.in_string = Some(inside);
                (pass.at, pass.stands) = (at, Stands::Done);
                at
            }
        };
        let shown = if end.is_none() { text.len() } else { stop };
        let whole = end.is_some() && !carried;
        Some(Value { name: self.open, span: from..shown, commit: stop, whole, glued })
    }
    /// Elements before the record being read, in the innermost array around it.
    pub(crate) fn before(&self) -> u32 {
        self.frames.iter().rfind(|f| f.level == Level::Array).map_or(0, |f| f.records.saturating_sub(1))
    }
    fn level(&self) -> Option<Level> {
        if self.beyond > 0 { None } else { self.frames.last().map(|f| f.level) }
    }
    /// Goes a level down. An object inside an array is a record of it.
    fn open_level(&mut self, level: Level, pass: &mut Pass<'_>, names: &mut Names) {
        if self.frames.len() == MAX_DEPTH {
            self.beyond = self.beyond.saturating_add(1);
            return;
        }
        if let Some(f) = self.frames.last_mut()
            && f.level == Level::Array
            && level == Level::Object
        {
            f.records = f.records.saturating_add(1);
        }
        if level == Level::Array {
            self.make_room(pass, names);
        }
        let outer = self.open;
        if level == Level::Array {
            self.open = names.elements(outer);
        }
        self.frames.push(Frame { level, outer, base: self.open, records: 0 });
    }
    /// Goes a level up, where the innermost level is a `level`; says how many records it had.
    fn close_level(&mut self, level: Level) -> Option<u32> {
        if self.beyond > 0 {
            self.beyond -= 1;
            return Some(0);
        }
        match self.frames.last() {
            Some(f) if f.level == level => {
                let (outer, records) = (f.outer, f.records);
                self.frames.pop();
                self.open = outer;
                Some(records)
            }
            _ => {
                self.broken = true;
                None
            }
        }
    }
    /// Takes the name of the member that comes next.
    fn name(&mut self, pass: &mut Pass<'_>, names: &mut Names, raw: Range<usize>) {
        pass.trails.token(Token::Name);
        self.make_room(pass, names);
        if let Some(f) = self.frames.last() {
            self.open = names.child(f.base, &pass.text[raw]);
        }
    }
    /// Sees to it that a name can be added.
    fn make_room(&mut self, pass: &mut Pass<'_>, names: &mut Names) {
        if !names.has_room(1) {
            self.keep(names);
            names.forget();
            self.resume("", names);
            pass.trails.clear();
        }
    }
    /// Keeps the names that are open by themselves: their numbers may become void before the next step.
    pub(crate) fn keep(&mut self, names: &Names) {
        self.kept.clear();
        let open = self.frames.iter().flat_map(|f| [f.outer, f.base]).chain([self.open]);
        self.kept.extend(open.map(|n| (Arc::clone(names.path(n)), names.key(n).clone())));
    }
    /// Finds the numbers of the names that are open, kept or at the start `prefix`.
    fn resume(&mut self, prefix: &str, names: &mut Names) {
        if !names.has_room(self.kept.len() + 2) {
            names.forget();
        }
        self.generation = names.generation();
        let mut kept = self.kept.drain(..).map(|(path, key)| names.number(&path, key.as_deref()));
        for f in &mut self.frames {
            (f.outer, f.base) = (kept.next().unwrap_or_default(), kept.next().unwrap_or_default());
        }
        let open = kept.next();
        drop(kept);
        self.open = open.unwrap_or_else(|| names.number(prefix, None));
    }
    /// Whether brackets did not match.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken || self.frames.len() + self.beyond as usize > 0 || self.in_string.is_some()
    }
}

#[cfg(test)]
mod oracle;

#[cfg(test)]
mod tests {
    use super::super::trial::{SHORT, feed, fields};
    use super::super::*;
    use proptest::prelude::*;

    fn json() -> Structure {
        Structure::for_kind(MediaKind::Json, None)
    }

    #[test]
    fn names_paths() {
        let text = r#"{"code":0,"data":{"list":[{"idCard":"1","tags":["a","b"]},{"idCard":"2"}],"n\"x":null},"e":[[1]]}"#;
        let want = [
            "code=0",
            "data.list[].idCard=1",
            "data.list[].tags[]=a",
            "data.list[].tags[]=b",
            "data.list[].idCard=2",
            "data.n\\\"x=null",
            "e[][]=1",
        ];
        assert_eq!(fields(json(), text), want);
        let (got, records, broken) = feed(json(), text.as_bytes(), 1 << 20);
        assert_eq!((records, broken), (2, false));
        assert_eq!(got[2].1.as_deref(), Some("tags"));
    }

    #[test]
    fn reads_what_is_not_quite_json() {
        assert_eq!(fields(json(), "cb({\"a\":1});"), ["=cb", "a=1"]);
        assert_eq!(fields(json(), "{\"a\":1}\n{\"a\":2}\n"), ["a=1", "a=2"]);
        assert_eq!(fields(json(), "{a:1,b:tr"), ["a=1", "b=tr"]);
        assert_eq!(fields(json(), "[{\"a\":\"x"), ["[].a=x"]);
        assert!(feed(json(), b"{\"a\":1", 99).2);
        let deep = "[".repeat(1000) + "1" + &"]".repeat(1000);
        assert!(!feed(json(), deep.as_bytes(), 4096).2);
    }

    #[test]
    fn turns_do_not_mislead() {
        // What followed once need not follow again, and the same bytes may stand on another level.
        for text in [
            r#"[{"a":1,"b":2},{"a":3,"b":4},{"a":5,"c":6},{"b":7,"a":8}]"#,
            r#"[{"b":{:5,"c":1},"d":1},{"b":5,"c":1},{"b":{:5,"c":1}}]"#,
            r#"[{"a":{"x":1},"b":{"x":1}},{"a":{"x":1},"b":{"x":1}},{"a":{"x":1}},{"b":{"x":1}}]"#,
            r#"{"a":[1,2,[3,4],5],"b":[1,2]}{"a":[1,{"x":2},{"x":3}],"b":[{"x":1},2]}"#,
            r#"{"a":{"x":1},{"x":2},{"x":3}}[{"x":1},{"x":2}{"x":3},{"x":4}],{"x":5},{"x":6}"#,
        ] {
            let all = text.repeat(3);
            assert_eq!(feed(json(), all.as_bytes(), 1 << 20), super::oracle::feed(all.as_bytes(), 1 << 20));
        }
    }

    #[test]
    fn more_names_than_are_remembered() {
        let row = |i: usize| format!("{{\"k{i}\":[1,{{\"x{i}\":2,\"y\":\"3\"}}],\"z\":[{i}],\"w\":{i}}}");
        let text = format!("{{\"a\":[{}]}}", (0..2000).map(row).collect::<Vec<_>>().join(","));
        for window in [SHORT, 1 << 20] {
            assert_eq!(feed(json(), text.as_bytes(), window), super::oracle::feed(text.as_bytes(), window));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

        #[test]
        fn reads_as_token_by_token(
            text in texts(), window in prop_oneof![Just(usize::MAX / 2), SHORT..3 * SHORT], twice in any::<bool>(),
        ) {
            let text = if twice { text.repeat(2) } else { text };
            prop_assert_eq!(feed(json(), &text, window), super::oracle::feed(&text, window));
        }
    }

    /// Values of few names, so that much repeats, some of it broken.
    fn texts() -> impl Strategy<Value = Vec<u8>> {
        let scalar =
            "[0-9]{1,3}|\"\"|\"[a ]{1,9}\"|\"\\\\\"\"|\"\\\\\\\\\"|true|\"(词){1,900}\"|\"[x,]{3000,9000}\"";
        let value = scalar.prop_recursive(4, 60, 6, |inner| {
            let member = ("(\"[abc]\"|\"[abc]\"|\"a\\\\\"b\"|\"\"|b)", "(:|:|: |)", inner.clone());
            let join = |separator: String, all: Vec<String>| all.join(&separator);
            prop_oneof![
                (",|,|, |,\n  |;|", proptest::collection::vec(inner, 0..6))
                    .prop_map(move |(s, all)| format!("[{}]", join(s, all))),
                (",|,|, |,\n  ", proptest::collection::vec(member, 0..6)).prop_map(move |(s, all)| {
                    let all = all.into_iter().map(|(n, c, v)| format!("{n}{c}{v}")).collect();
                    format!("{{{}}}", join(s, all))
                }),
            ]
        });
        let breaks =
            (any::<proptest::sample::Index>(), proptest::sample::select(&b"{}[]\",:\\ a(\xff"[..]), 0u8..3);
        (value, 1usize..12, proptest::collection::vec(breaks, 0..4)).prop_map(|(text, times, breaks)| {
            let mut text = text.repeat(times).into_bytes();
            for (at, byte, how) in breaks {
                let at = at.index(text.len().max(1)).min(text.len());
                match how {
                    0 => text.insert(at, byte),
                    1 if at < text.len() => text[at] = byte,
                    _ => text.truncate(at),
                }
            }
            text
        })
    }

    #[test]
    fn windows_do_not_matter() {
        let long = "字 word,".repeat(4000);
        let text = format!("{{\"a\":[{{\"b\":\"{long}\",\"c\":12345}},{{\"b\":\"\\\\\",\"c\":\"é\"}}]}}");
        let whole = feed(json(), text.as_bytes(), 1 << 20);
        for window in [SHORT, SHORT + 201, 2 * SHORT] {
            assert_eq!(feed(json(), text.as_bytes(), window), whole);
        }
    }
}
