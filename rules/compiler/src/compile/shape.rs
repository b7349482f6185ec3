//! Shapes: patterns without a literal, made of character classes of given lengths.
//!
//! Such patterns cost Hyperscan more than everything else together, so they go to the class-run pass: a table of byte classes finds runs of
//! digits and letters, and only shapes whose first run can have that length and kind are compared.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Longest first run of a shape, in bytes.
pub(crate) const MAX_RUN: usize = 63;
/// Most alternatives a pattern may unfold into.
const MAX_SHAPES: usize = 64;
/// Most elements of a shape.
const MAX_ELEMENTS: usize = 40;

/// A set of bytes.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct ByteSet([u64; 4]);

impl ByteSet {
    /// Adds the bytes `lo..=hi`.
    pub(crate) fn add(&mut self, lo: u8, hi: u8) {
        for b in lo..=hi {
            self.0[usize::from(b >> 6)] |= 1 << (b & 63);
        }
    }
    /// Whether it holds `b`.
    #[inline]
    pub(crate) fn has(&self, b: u8) -> bool {
        self.0[usize::from(b >> 6)] >> (b & 63) & 1 == 1
    }
    /// Adds the bytes of another set.
    pub(crate) fn join(&mut self, other: &ByteSet) {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a |= b);
    }
    /// Whether it holds a byte for which `f` is true.
    pub(crate) fn any(&self, f: impl Fn(u8) -> bool) -> bool {
        (0..=255u8).any(|b| self.has(b) && f(b))
    }
}

/// So many bytes of a class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Element {
    set: ByteSet,
    min: u8,
    max: u8,
}

/// A sequence of classes with lengths.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Shape {
    elements: Vec<Element>,
    /// Bit n: the run of letters and digits that it begins with can have n bytes.
    pub run_lengths: u64,
    /// Whether that run can be of digits alone.
    pub digits: bool,
    /// Whether it can be of letters alone.
    pub letters: bool,
    /// Whether it holds colons: its neighbours must not go on with them.
    pub colons: bool,
    /// Bytes that it can begin with.
    pub first: ByteSet,
    /// Bytes that may follow that run inside the shape.
    pub follow: ByteSet,
    /// Whether the shape can end with that run.
    pub closed: bool,
    /// The run behind the byte that follows, where that is always one byte.
    pub second: Option<Second>,
}

/// The second run of a shape.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Second {
    /// Bit n: it can have n bytes.
    pub lengths: u64,
    /// Bytes that may follow it.
    pub follow: ByteSet,
    /// Whether the shape can end with it.
    pub closed: bool,
}

impl Second {
    /// Also takes what another takes.
    pub(crate) fn join(&mut self, other: &Second) {
        self.lengths |= other.lengths;
        self.follow.join(&other.follow);
        self.closed |= other.closed;
    }
    /// Whether one of those joined may stand at `at`.
    pub(crate) fn may_stand(&self, text: &[u8], at: usize) -> bool {
        let rest = text.get(at..).unwrap_or(&[]);
        let length = rest.iter().take(MAX_RUN + 1).take_while(|b| word(**b)).count();
        let fits = length <= MAX_RUN && self.lengths >> length & 1 == 1;
        fits && (self.closed || rest.get(length).is_some_and(|b| self.follow.has(*b)))
    }
}

impl Shape {
    /// Whether it can go on, or end, where its first run ends before `next`.
    #[inline]
    pub(crate) fn may_precede(&self, next: Option<u8>) -> bool {
        self.closed || next.is_some_and(|b| self.follow.has(b))
    }
    /// The end of the longest match that begins at `at`, without looking at neighbours.
    pub(crate) fn match_at(&self, text: &[u8], at: usize) -> Option<usize> {
        step(&self.elements, text, at)
    }
}

/// Greedy with backtracking; elements are few and bounded, so the cost is.
fn step(elements: &[Element], text: &[u8], at: usize) -> Option<usize> {
    let Some((first, rest)) = elements.split_first() else { return Some(at) };
    let room = text.len().saturating_sub(at).min(usize::from(first.max));
    let mut n = text.get(at..at + room)?.iter().take_while(|b| first.set.has(**b)).count();
    loop {
        if n < usize::from(first.min) {
            return None;
        }
        if let Some(end) = step(rest, text, at + n) {
            return Some(end);
        }
        n = n.checked_sub(1)?;
    }
}

/// The shapes of a pattern; `None` where it is no shape: it has a literal, Chinese, look-around, an unbounded part or begins with a separator.
pub(crate) fn shapes_of(hir: &Hir) -> Option<Vec<Shape>> {
    unfold(hir)?.into_iter().map(shape).collect()
}

fn word(b: u8) -> bool {
    b.is_ascii_alphanumeric()
}

fn shape(elements: Vec<Element>) -> Option<Shape> {
    let mut out = Shape {
        run_lengths: 0,
        digits: true,
        letters: true,
        colons: false,
        first: ByteSet::default(),
        follow: ByteSet::default(),
        closed: false,
        second: second(&elements),
        elements,
    };
    let (mut lengths, mut open, mut at_start) = (1u64, true, true);
    for e in &out.elements {
        if at_start {
            out.first.join(&e.set);
            at_start = e.min == 0;
        }
        let (is_word, is_mark) = (e.set.any(word), e.set.any(|b| !word(b)));
        if is_word && is_mark || !e.set.any(|_| true) {
            return None;
        }
        out.colons |= e.set.has(b':');
        if !open {
            continue;
        }
        if is_word {
            out.digits &= e.min == 0 || e.set.any(|b| b.is_ascii_digit());
            out.letters &= e.min == 0 || e.set.any(|b| b.is_ascii_alphabetic());
            lengths = (e.min..=e.max).fold(0, |all, n| all | lengths.checked_shl(u32::from(n)).unwrap_or(0));
        } else {
            out.run_lengths |= lengths;
            out.follow.join(&e.set);
            open = e.min == 0;
        }
    }
    if open {
        out.run_lengths |= lengths;
        out.closed = true;
    }
    // A shape begins with a letter or digit: bit 0 would be an empty run.
    (out.run_lengths & 1 == 0 && out.run_lengths != 0).then_some(out)
}

/// The second run of a shape whose first one is followed by exactly one mark.
fn second(elements: &[Element]) -> Option<Second> {
    let is_mark = |e: &Element| e.set.any(|b| !word(b));
    let mark = elements.iter().position(is_mark)?;
    if (elements[mark].min, elements[mark].max) != (1, 1) {
        return None;
    }
    let rest = &elements[mark + 1..];
    let run = rest.iter().take_while(|e| !is_mark(e)).count();
    let mut out = Second { lengths: 1, closed: run == rest.len(), ..Second::default() };
    for e in &rest[..run] {
        let reached = out.lengths;
        out.lengths = (e.min..=e.max).fold(0, |all, n| all | reached.checked_shl(u32::from(n)).unwrap_or(0));
    }
    if let Some(next) = rest.get(run) {
        if next.min == 0 {
            return None;
        }
        out.follow = next.set;
    }
    Some(out)
}

/// Every sequence of elements that a pattern stands for.
fn unfold(hir: &Hir) -> Option<Vec<Vec<Element>>> {
    let out = match hir.kind() {
        HirKind::Empty => vec![Vec::new()],
        HirKind::Literal(lit) => vec![lit.0.iter().map(|b| one(*b)).collect::<Option<Vec<_>>>()?],
        HirKind::Class(class) => vec![vec![Element { set: set_of(class)?, min: 1, max: 1 }]],
        HirKind::Look(_) => return None,
        HirKind::Capture(c) => unfold(&c.sub)?,
        HirKind::Alternation(all) => {
            all.iter().map(unfold).collect::<Option<Vec<_>>>()?.into_iter().flatten().collect()
        }
        HirKind::Concat(parts) => {
            let parts = parts.iter().map(unfold).collect::<Option<Vec<_>>>()?;
            parts.into_iter().try_fold(vec![Vec::new()], product)?
        }
        HirKind::Repetition(r) => {
            let (min, max) = (r.min, r.max?);
            let sub = unfold(&r.sub)?;
            match sub.as_slice() {
                [one] if one.len() == 1 && one[0].min == 1 && one[0].max == 1 => {
                    let (min, max) = (u8::try_from(min).ok()?, u8::try_from(max).ok()?);
                    vec![vec![Element { set: one[0].set, min, max }]]
                }
                _ if max > 16 => return None,
                _ => {
                    let mut all = Vec::new();
                    for n in (min..=max).rev() {
                        let repeated =
                            (0..n).try_fold(vec![Vec::new()], |left, _| product(left, sub.clone()))?;
                        all.extend(repeated);
                    }
                    all
                }
            }
        }
    };
    (out.len() <= MAX_SHAPES && out.iter().all(|s| s.len() <= MAX_ELEMENTS)).then_some(out)
}

fn product(left: Vec<Vec<Element>>, right: Vec<Vec<Element>>) -> Option<Vec<Vec<Element>>> {
    if left.len() * right.len() > MAX_SHAPES {
        return None;
    }
    Some(left.iter().flat_map(|l| right.iter().map(|r| [l.as_slice(), r.as_slice()].concat())).collect())
}

fn one(b: u8) -> Option<Element> {
    let mut set = ByteSet::default();
    set.add(b, b);
    b.is_ascii().then_some(Element { set, min: 1, max: 1 })
}

/// The bytes of a class; `None` where it holds others than ASCII.
pub(crate) fn set_of(class: &Class) -> Option<ByteSet> {
    let mut set = ByteSet::default();
    match class {
        Class::Bytes(c) => {
            for r in c.ranges() {
                if r.end() >= 0x80 {
                    return None;
                }
                set.add(r.start(), r.end());
            }
        }
        Class::Unicode(c) => {
            for r in c.ranges() {
                set.add(
                    u8::try_from(u32::from(r.start())).ok()?,
                    u8::try_from(u32::from(r.end())).ok().filter(u8::is_ascii)?,
                );
            }
        }
    }
    Some(set)
}
