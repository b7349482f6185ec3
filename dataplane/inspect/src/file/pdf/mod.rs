//! PDF (ISO 32000-1): the text that pages show, in bounded memory. Pictures of text are not read.
//!
//! A reader of our own, because libraries unpack whole documents without a bound and give up on broken ones. Objects are found where they
//! stand, not by the table at the end, so that cut and broken files are read as far as they go.

mod content;
mod font;
mod syntax;

use super::open::{self, Opening, SCOPE};
use super::{Budget, Hint, Io, Unread};
use crate::coding::{Flow, Inflate};
use crate::find::Reading;
use crate::structure::Structure;
use crate::text::Escapes;
use content::Fonts;
use font::Codes;
use memchr::memmem;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use syntax::{Objects, each, get, number, pairs, skip_blank, stream};
use weir_exchange::MediaKind;

/// Most objects that are known.
const MAX_OBJECTS: usize = 200_000;
/// Most bytes of one stream.
const MAX_STREAM: usize = 8 * 1024 * 1024;
/// Most bytes of objects that are packed in streams.
const MAX_PACKED: usize = 32 * 1024 * 1024;
/// Most levels that a page inherits from.
const MAX_PARENTS: usize = 8;
/// Most codes of all fonts.
const MAX_CODES: usize = 500_000;
/// Most fonts of a page.
const MAX_FONTS: usize = 256;

/// Where an object stands: in the file, or among those that were unpacked.
#[derive(Clone, Copy)]
enum At {
    File(usize),
    Packed(usize),
}

/// The fonts met, by the number of their object.
#[derive(Default)]
struct Known {
    fonts: HashMap<u32, Rc<Codes>>,
    codes: usize,
}

struct Document<'b> {
    bytes: &'b [u8],
    packed: Vec<u8>,
    objects: BTreeMap<u32, At>,
}

impl Objects for Document<'_> {
    fn object(&self, number: u32) -> Option<&[u8]> {
        match *self.objects.get(&number)? {
            At::File(at) => self.bytes.get(at..),
            At::Packed(at) => self.packed.get(at..),
        }
    }
}

/// Reads a document.
pub(super) fn read(file: &Opening<'_>, io: &mut Io<'_, '_>) {
    if memmem::find(file.bytes, b"/Encrypt").is_some() {
        return io.budget.note(Unread::Encrypted);
    }
    let mut document = Document { bytes: file.bytes, packed: Vec::new(), objects: BTreeMap::new() };
    let mut inflate = Inflate::new(true);
    document.find(io.budget);
    document.unpack(&mut inflate, io.budget);
    let reading = Reading::new(Structure::for_kind(MediaKind::Text, None), Escapes::None, SCOPE);
    let (mut reader, hint) = (file.shaped("", reading), Hint::default());
    let mut fonts = Known::default();
    let mut any = false;
    for number in document.objects.keys() {
        let Some(object) = document.object(*number).filter(|o| o.starts_with(b"<<")) else { continue };
        let page = get(object, b"Type") == Some(b"/Page");
        if !page && get(object, b"Subtype") != Some(b"/Form") {
            continue;
        }
        if !io.budget.entry() {
            break;
        }
        any = true;
        let mut text = String::new();
        let names = document.fonts(object, &mut fonts, &mut inflate, io.budget);
        let mut content = Vec::new();
        if page {
            for part in get(object, b"Contents").into_iter().flat_map(|c| each(document.array(c))) {
                document.data(document.resolve(part), &mut inflate, io.budget, &mut content);
                content.push(b'\n');
            }
        } else {
            document.data(object, &mut inflate, io.budget, &mut content);
        }
        if !content::read(&content, &names, &mut text) {
            io.budget.note(Unread::Unknown);
        }
        if io.budget.spend(text.len()) {
            reader.push(text.as_bytes(), hint, io);
        }
    }
    reader.finish(hint, any, io);
    if !any {
        io.budget.note(Unread::Damaged);
    }
}

impl Document<'_> {
    /// Finds the objects of the file: `12 0 obj`.
    fn find(&mut self, budget: &mut Budget) {
        for mark in memmem::find_iter(self.bytes, b" obj") {
            let head = &self.bytes[mark.saturating_sub(16)..mark];
            let mut words = head.rsplit(|b| b.is_ascii_whitespace());
            let (Some(generation), Some(n)) = (words.next(), words.next()) else { continue };
            // Behind `endobj` or another mark the number begins anew.
            let n = &n[n.iter().rposition(|b| !b.is_ascii_digit()).map_or(0, |i| i + 1)..];
            if let (Some(n), Some(_)) = (number(n), number(generation)) {
                if self.objects.len() >= MAX_OBJECTS {
                    return budget.note(Unread::Beyond);
                }
                self.objects.insert(n, At::File(skip_blank(self.bytes, mark + 4)));
            }
        }
    }
    /// Unpacks the streams that hold objects (7.5.7). Those that stand in the file itself come before them.
    fn unpack(&mut self, inflate: &mut Inflate, budget: &mut Budget) {
        let packs =
            |d: &Self, n: &u32| d.object(*n).filter(|o| get(o, b"Type") == Some(b"/ObjStm")).is_some();
        let numbers: Vec<u32> = self.objects.keys().copied().filter(|n| packs(self, n)).collect();
        for n in numbers {
            if !budget.entry() || self.packed.len() >= MAX_PACKED {
                return budget.note(Unread::Beyond);
            }
            let mut data = Vec::new();
            let Some(object) = self.object(n) else { continue };
            let first = self.look(object, b"First").and_then(leading).unwrap_or(0);
            self.data(object, inflate, budget, &mut data);
            let base = self.packed.len();
            let head = data.get(..first).unwrap_or_default();
            let mut words = head.split(u8::is_ascii_whitespace).filter_map(number);
            while let (Some(n), Some(offset)) = (words.next(), words.next()) {
                if self.objects.len() < MAX_OBJECTS {
                    self.objects.entry(n).or_insert(At::Packed(base + first + offset as usize));
                }
            }
            self.packed.extend_from_slice(&data);
            // Nothing of one stream's last object is taken from the next.
            self.packed.extend_from_slice(b" endobj ");
        }
    }
    /// An array itself, or the one that a reference names; a reference to anything else stays one.
    fn array<'s>(&'s self, value: &'s [u8]) -> &'s [u8] {
        let named = self.resolve(value);
        if named.starts_with(b"[") { &named[..syntax::value_end(named, 0)] } else { value }
    }
    /// Appends the data of a stream, its filters undone.
    fn data(&self, object: &[u8], inflate: &mut Inflate, budget: &mut Budget, out: &mut Vec<u8>) {
        let Some(raw) = stream(self, object) else { return };
        let mut data = std::borrow::Cow::Borrowed(raw);
        let filters = get(object, b"Filter").map(|f| self.array(f)).unwrap_or_default();
        for filter in each(filters) {
            data = match self.resolve(filter) {
                f if f.starts_with(b"/ASCII85Decode") || f == b"/A85" => ascii85(&data).into(),
                f if f.starts_with(b"/ASCIIHexDecode") || f == b"/AHx" => {
                    syntax::string(&[b"<", &data[..]].concat()).into()
                }
                f if f.starts_with(b"/FlateDecode") || f == b"/Fl" => flate(&data, inflate, budget).into(),
                _ => return budget.note(Unread::Unknown),
            };
        }
        out.extend_from_slice(&data[..data.len().min(MAX_STREAM)]);
    }
    /// The fonts that a page or form may use, by the names it has for them.
    fn fonts(&self, object: &[u8], known: &mut Known, inflate: &mut Inflate, budget: &mut Budget) -> Fonts {
        let (mut at, mut resources) = (object, None);
        for _ in 0..MAX_PARENTS {
            resources = self.look(at, b"Resources");
            match self.look(at, b"Parent").filter(|_| resources.is_none()) {
                Some(parent) => at = parent,
                None => break,
            }
        }
        let fonts = resources.and_then(|r| self.look(r, b"Font")).unwrap_or_default();
        let mut out = HashMap::new();
        for (name, value) in pairs(fonts).take(MAX_FONTS) {
            let number = syntax::reference(value).map(|(n, _)| n);
            let codes = match number.and_then(|n| known.fonts.get(&n)) {
                Some(codes) => Rc::clone(codes),
                None if known.codes > MAX_CODES => {
                    budget.note(Unread::Beyond);
                    continue;
                }
                None => Rc::new(self.codes(self.resolve(value), inflate, budget)),
            };
            if let Some(n) = number
                && known.fonts.insert(n, Rc::clone(&codes)).is_none()
            {
                known.codes += codes.count();
            }
            out.insert(name.to_vec(), codes);
        }
        out
    }
    fn codes(&self, font: &[u8], inflate: &mut Inflate, budget: &mut Budget) -> Codes {
        if let Some(table) = self.look(font, b"ToUnicode").filter(|t| t.starts_with(b"<<")) {
            let mut map = Vec::new();
            self.data(table, inflate, budget, &mut map);
            return Codes::table(&map);
        }
        match (get(font, b"Subtype"), self.look(font, b"Encoding")) {
            (Some(b"/Type0"), Some(encoding)) => Codes::named(&encoding[..syntax::token_end(encoding, 0)]),
            _ => Codes::Bytes,
        }
    }
}

/// The number that a value begins with.
fn leading(value: &[u8]) -> Option<usize> {
    number(&value[..syntax::token_end(value, 0)]).map(|n| n as usize)
}

fn flate(data: &[u8], inflate: &mut Inflate, budget: &mut Budget) -> Vec<u8> {
    let (mut out, mut chunk) = (Vec::new(), open::chunk());
    inflate.reset(true);
    let done = inflate.run(data, &mut chunk, &mut |piece| {
        if !budget.spend(piece.len()) || out.len() + piece.len() > MAX_STREAM {
            return Flow::Stop;
        }
        out.extend_from_slice(piece);
        Flow::On
    });
    match done {
        Ok((_, Flow::Stop)) => budget.note(Unread::Beyond),
        _ if !inflate.finished() => budget.note(Unread::Damaged),
        _ => {}
    }
    out
}

/// Five characters for four bytes (7.4.3).
fn ascii85(data: &[u8]) -> Vec<u8> {
    let (mut out, mut group, mut n) = (Vec::new(), 0u32, 0);
    for b in data {
        match b {
            b'~' => break,
            b'z' if n == 0 => out.extend([0; 4]),
            b'!'..=b'u' => {
                group = group.wrapping_mul(85).wrapping_add(u32::from(b - b'!'));
                n += 1;
                if n == 5 {
                    out.extend(group.to_be_bytes());
                    (group, n) = (0, 0);
                }
            }
            _ => {}
        }
    }
    if n > 1 {
        for _ in n..5 {
            group = group.wrapping_mul(85).wrapping_add(84);
        }
        out.extend(&group.to_be_bytes()[..n - 1]);
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn five_for_four() {
        assert_eq!(super::ascii85(b"9jqo^BlbD-BleB1DJ+*+F(f,q~>"), b"Man is distinguished");
        assert_eq!(super::ascii85(b"z!!~>"), [0, 0, 0, 0, 0]);
    }
}
