//! The names met in texts, as a tree: what an interface answers repeats its names in the same order, so each name remembers what
//! followed it, byte for byte, and comparing those bytes is all that the next text costs.
//!
//! A name has a number, and with it the path and the key of the values that stand there. Numbers hold until the tree is full and
//! forgets everything; [`Names::generation`] tells.

use super::json::Level;
use std::sync::Arc;
use wide::u8x16;

/// Most names remembered; when there are more, all are forgotten and learnt anew. Few in tests, so that it happens there.
const MAX: usize = if cfg!(test) { 256 } else { 8192 };
/// Slots of the index; a power of two.
const SLOTS: usize = 4 * MAX;
/// Most slots looked at for one name: more only occur where somebody chose names that collide.
const MAX_PROBES: usize = 16;
/// No name.
const NONE: u32 = u32::MAX;
/// Longest path in bytes; names behind it are dropped.
const MAX_PATH: usize = 512;
/// Longest stretch between two values that is remembered, in bytes.
pub(crate) const MAX_LEAD: usize = 32;

/// What leads from one value to the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Turn {
    /// `,"name":` in the same object, or `"name":` behind its brace.
    Member,
    /// `},{"name":`, the next record of an array.
    Record,
    /// `,` in an array.
    Element,
    /// `,"name":[`, from an object into an array.
    Down,
    /// `],"name":`, from an array back to its object.
    Up,
}

/// The bytes that led from one value to the next the last time, and where to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    lead: [u8x16; 2],
    pub(super) to: u32,
    /// The object, or the array, that both names belong to.
    pub(super) base: u32,
    /// A bit for each byte of the lead.
    bytes: u32,
    /// The level that it stays on, be it in another record; [`Within::NOWHERE`] where it leads to another.
    pub(super) within: Within,
    pub(super) turn: Turn,
}

/// A level by the name that its members stand in, and what it is: one number to compare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Within(u32);

impl Within {
    /// No level is this one.
    const NOWHERE: Within = Within(u32::MAX);

    /// An object, or an array.
    #[inline]
    pub(super) fn of(base: u32, level: Level) -> Within {
        Within(base << 1 | u32::from(level == Level::Array))
    }
}

impl Edge {
    const UNKNOWN: Edge = Edge {
        lead: [u8x16::ZERO; 2],
        to: NONE,
        base: NONE,
        bytes: 0,
        within: Within::NOWHERE,
        turn: Turn::Member,
    };

    fn new(base: u32, to: u32, lead: &[u8], turn: Turn) -> Option<Edge> {
        let mut kept = [0; MAX_LEAD];
        kept.get_mut(..lead.len())?.copy_from_slice(lead);
        let within = match turn {
            Turn::Member | Turn::Record => Within::of(base, Level::Object),
            Turn::Element => Within::of(base, Level::Array),
            Turn::Down | Turn::Up => Within::NOWHERE,
        };
        let bytes = ((1u64 << lead.len()) - 1) as u32;
        Some(Edge { lead: lanes(&kept), to, base, bytes, within, turn })
    }
    /// Bytes of the lead.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.bytes.trailing_ones() as usize
    }
    /// Whether it leads into the next record of an array.
    #[inline]
    pub(super) fn begins_record(&self) -> bool {
        self.turn == Turn::Record
    }
    /// Whether `text` goes on with the lead at `at`. What nothing is remembered of fits nowhere.
    #[inline(always)]
    pub(super) fn fits(&self, text: &[u8], at: usize) -> bool {
        let Some(there) = text.get(at..).and_then(|rest| rest.first_chunk::<MAX_LEAD>()) else {
            return self.fits_the_end(text, at);
        };
        let ([a, b], [c, d]) = (lanes(there), self.lead);
        let same = a.simd_eq(c).to_bitmask() | b.simd_eq(d).to_bitmask() << 16;
        self.bytes != 0 && same & self.bytes == self.bytes
    }
    #[cold]
    fn fits_the_end(&self, text: &[u8], at: usize) -> bool {
        let [front, back] = self.lead.map(u8x16::to_array);
        let lead = front.iter().chain(&back).take(self.len());
        let rest = text.get(at..).unwrap_or_default();
        self.bytes != 0 && rest.len() >= self.len() && lead.zip(rest).all(|(a, b)| a == b)
    }
}

#[inline(always)]
fn lanes(bytes: &[u8; MAX_LEAD]) -> [u8x16; 2] {
    let (lanes, _) = bytes.as_chunks::<16>();
    [u8x16::new(lanes[0]), u8x16::new(lanes[1])]
}

/// What is looked at for every value.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Node {
    next: Edge,
    /// Number of the message in which nothing more is wanted of this field.
    quiet: u64,
    /// Its name promises nothing: where fields are only listed, its values need not be looked at.
    plain: bool,
    parent: u32,
    /// The elements of an array of this name.
    elements: u32,
    /// From the brace that opens an object of this name; of elements that are no objects, from the end of their array.
    other: Edge,
}

/// What a name is called.
struct Label {
    /// As it stands in the text, where that is not the key.
    raw: Option<Box<[u8]>>,
    path: Arc<str>,
    key: Option<Arc<str>>,
}

impl Label {
    /// As it stands in the text.
    fn raw(&self) -> &[u8] {
        let key = || self.key.as_deref().unwrap_or_default().as_bytes();
        self.raw.as_deref().unwrap_or_else(key)
    }
}

/// The names met. One a lane; bounded.
pub(crate) struct Names {
    slots: Vec<u32>,
    nodes: Vec<Node>,
    labels: Vec<Label>,
    generation: u64,
    scratch: String,
}

impl Default for Names {
    fn default() -> Self {
        let (nodes, labels, scratch) = (Vec::new(), Vec::new(), String::new());
        Names { slots: vec![NONE; SLOTS], nodes, labels, generation: 0, scratch }
    }
}

/// Where a search ended.
enum Slot {
    Found(u32),
    Free(usize),
}

impl Names {
    /// Grows with every time that all numbers become void.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }
    /// Forgets every name.
    pub(crate) fn forget(&mut self) {
        self.slots.fill(NONE);
        self.nodes.clear();
        self.labels.clear();
        self.generation += 1;
    }
    /// Whether so many more names find room.
    pub(crate) fn has_room(&self, more: usize) -> bool {
        self.nodes.len() + more <= MAX
    }
    /// The path of a name.
    pub(crate) fn path(&self, number: u32) -> &Arc<str> {
        &self.labels[number as usize].path
    }
    /// The name that says what the values there are: the nearest one on the path.
    pub(crate) fn key(&self, number: u32) -> &Option<Arc<str>> {
        &self.labels[number as usize].key
    }
    /// Whether nothing more of a field is wanted in this message.
    #[inline]
    pub(crate) fn is_quiet(&self, number: u32, message: u64) -> bool {
        self.nodes[number as usize].quiet == message
    }
    /// Nothing more of a field is wanted in this message.
    pub(crate) fn quieten(&mut self, number: u32, message: u64) {
        self.nodes[number as usize].quiet = message;
    }
    /// Every value of a field is wanted for the rest of this message.
    pub(crate) fn watch(&mut self, number: u32) {
        let node = &mut self.nodes[number as usize];
        (node.quiet, node.plain) = (0, false);
    }
    /// The name of a field promises nothing.
    pub(crate) fn set_plain(&mut self, number: u32) {
        self.nodes[number as usize].plain = true;
    }
    /// Whether nothing but its being there is wanted of a field; from now on it is quiet in this message.
    #[inline]
    pub(super) fn takes_listing(&mut self, number: u32, message: u64) -> bool {
        let node = &mut self.nodes[number as usize];
        if node.plain {
            node.quiet = message;
        }
        node.plain
    }
    /// The number of a path with a key. Call it where there is [room](Self::has_room).
    pub(crate) fn number(&mut self, path: &str, key: Option<&str>) -> u32 {
        let start = hash(path.as_bytes(), key.map_or(0, |k| 1 + k.len() as u64));
        let slot = self.search(start, |node, label| {
            node.parent == NONE && *label.path == *path && label.key.as_deref() == key
        });
        match slot {
            Slot::Found(number) => number,
            Slot::Free(slot) => self.add(slot, NONE, None, path.into(), key.map(Arc::from)),
        }
    }
    /// The number of the name `raw` inside `base`. Call it where there is [room](Self::has_room).
    pub(crate) fn child(&mut self, base: u32, raw: &[u8]) -> u32 {
        let raw = &raw[..raw.len().min(MAX_PATH)];
        let start = hash(raw, u64::from(base) << 32 | 1 << 31);
        let slot = self.search(start, |node, label| node.parent == base && label.raw() == raw);
        let slot = match slot {
            Slot::Found(number) => return number,
            Slot::Free(slot) => slot,
        };
        let name = super::readable(raw);
        let mut path = std::mem::take(&mut self.scratch);
        path.clear();
        path.push_str(self.path(base));
        if !path.is_empty() && path.len() < MAX_PATH {
            path.push('.');
        }
        let mut end = name.len().min(MAX_PATH.saturating_sub(path.len()));
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        path.push_str(&name[..end]);
        let key = Some(&name[..end]).filter(|k| !k.is_empty()).map(Arc::from);
        let other = (raw != &name.as_bytes()[..end]).then(|| raw.into());
        let number = self.add(slot, base, other, path[..].into(), key);
        self.scratch = path;
        number
    }
    /// The number of the elements of the array `base`. Call it where there is [room](Self::has_room).
    pub(crate) fn elements(&mut self, base: u32) -> u32 {
        let known = self.nodes[base as usize].elements;
        if known != NONE {
            return known;
        }
        let (path, key) = (Arc::clone(self.path(base)), self.key(base).clone());
        let path = if path.len() + 2 <= MAX_PATH { format!("{path}[]").into() } else { path };
        let number = self.push(base, None, path, key);
        self.nodes[base as usize].elements = number;
        number
    }
    fn search(&self, start: u64, is: impl Fn(&Node, &Label) -> bool) -> Slot {
        for probe in 0..MAX_PROBES {
            let at = (start as usize).wrapping_add(probe) % SLOTS;
            let number = self.slots[at];
            if number == NONE {
                return Slot::Free(at);
            }
            if is(&self.nodes[number as usize], &self.labels[number as usize]) {
                return Slot::Found(number);
            }
        }
        // Names that collide push each other out of the index.
        Slot::Free(start as usize % SLOTS)
    }
    fn add(
        &mut self,
        slot: usize,
        parent: u32,
        raw: Option<Box<[u8]>>,
        path: Arc<str>,
        key: Option<Arc<str>>,
    ) -> u32 {
        let number = self.push(parent, raw, path, key);
        self.slots[slot] = number;
        number
    }
    fn push(&mut self, parent: u32, raw: Option<Box<[u8]>>, path: Arc<str>, key: Option<Arc<str>>) -> u32 {
        let number = self.nodes.len() as u32;
        let (next, other) = (Edge::UNKNOWN, Edge::UNKNOWN);
        self.nodes.push(Node { next, quiet: 0, plain: false, parent, elements: NONE, other });
        self.labels.push(Label { raw, path, key });
        number
    }
    /// What followed the value of a name the last time.
    #[inline]
    pub(super) fn next(&self, from: u32) -> &Edge {
        &self.nodes[from as usize].next
    }
    /// What followed the brace of an object of this name, or the array that its elements end.
    #[inline]
    pub(super) fn other(&self, from: u32) -> &Edge {
        &self.nodes[from as usize].other
    }
    /// The name in which a name stands.
    #[inline]
    pub(super) fn parent(&self, of: u32) -> u32 {
        self.nodes[of as usize].parent
    }
    /// Remembers what led from the value of `from` to that of `to`; `base` is that of their object, or array.
    pub(super) fn remember_next(&mut self, from: u32, base: u32, to: u32, lead: &[u8], turn: Turn) {
        if let Some(edge) = Edge::new(base, to, lead, turn) {
            self.nodes[from as usize].next = edge;
        }
    }
    /// Remembers what led from the brace of `from`, or out of the array of its elements, to the value of `to`.
    pub(super) fn remember_other(&mut self, from: u32, base: u32, to: u32, lead: &[u8], turn: Turn) {
        if let Some(edge) = Edge::new(base, to, lead, turn) {
            self.nodes[from as usize].other = edge;
        }
    }
}

/// Eight bytes at a time, multiplied and folded: only speed counts, since probes are bounded.
fn hash(bytes: &[u8], salt: u64) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |h: u64, word: u64| {
        let wide = u128::from(h ^ word) * u128::from(FACTOR);
        (wide >> 64) as u64 ^ wide as u64
    };
    let (words, rest) = bytes.as_chunks::<8>();
    let h = words.iter().fold(FACTOR ^ salt, |h, w| mix(h, u64::from_le_bytes(*w)));
    let last = rest.iter().fold(bytes.len() as u64, |w, b| w << 8 | u64::from(*b));
    mix(h, last)
}
