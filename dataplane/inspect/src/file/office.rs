//! Office documents: which entries of the archive hold what people wrote, and in which order they are read.

use super::open::{self, Opening, SCOPE};
use super::prose::{Out, Prose};
use super::sheet::{Sheet, Strings};
use super::zip::{Entries, Entry, Unpack, feed};
use super::{Io, Unread};
use crate::find::Reading;
use crate::structure::Structure;
use crate::text::Escapes;
use weir_exchange::MediaKind;

/// What an archive is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Office {
    /// `xlsx`
    Workbook,
    /// `docx`
    Document,
    /// `pptx`
    Slides,
    /// `odt`, `ods`, `odp`
    OpenDocument,
}

impl Office {
    /// By the names of an archive's entries.
    pub(super) fn of<'n>(names: impl Iterator<Item = &'n [u8]>) -> Option<Office> {
        let (mut typed, mut found) = (false, None);
        for name in names {
            typed |= name == b"[Content_Types].xml" || name == b"mimetype";
            found = found.or(match () {
                () if name == b"content.xml" => Some(Office::OpenDocument),
                () if name.starts_with(b"xl/") => Some(Office::Workbook),
                () if name.starts_with(b"word/") => Some(Office::Document),
                () if name.starts_with(b"ppt/") => Some(Office::Slides),
                () => None,
            });
        }
        found.filter(|_| typed)
    }
    /// Whether an entry is text that people wrote.
    fn holds(self, name: &[u8]) -> bool {
        let starts = |all: &[&[u8]]| all.iter().any(|p| name.starts_with(p));
        name.ends_with(b".xml")
            && match self {
                Office::Workbook => {
                    starts(&[b"xl/comments", b"xl/threadedComments/", b"xl/drawings/drawing"])
                }
                Office::Document => starts(&[
                    b"word/document",
                    b"word/header",
                    b"word/footer",
                    b"word/footnotes",
                    b"word/endnotes",
                    b"word/comments.xml",
                ]),
                Office::Slides => starts(&[b"ppt/slides/slide", b"ppt/notesSlides/", b"ppt/comments/"]),
                Office::OpenDocument => name == b"content.xml",
            }
    }
}

/// Reads an office document.
pub(super) fn read(office: Office, file: &Opening<'_>, io: &mut Io<'_, '_>) {
    let (mut unpack, mut strings) = (Unpack::default(), Strings::default());
    let is_strings =
        |e: &Entry<'_>| office == Office::Workbook && e.name.eq_ignore_ascii_case(b"xl/sharedStrings.xml");
    // The strings of a workbook come first, wherever they stand.
    for entry in Entries::of(file.bytes).filter(is_strings).take(1) {
        unpack.run(&entry, io, &mut |piece, _| strings.push(piece));
        if strings.is_short() {
            io.budget.note(Unread::Beyond);
        }
    }
    let mut entries = Entries::of(file.bytes);
    for entry in entries.by_ref() {
        if !io.budget.entry() {
            return;
        }
        let name = open::name(entry.name);
        if office == Office::Workbook && name.starts_with("xl/worksheets/") && name.ends_with(".xml") {
            sheet(&entry, &name, &strings, &mut unpack, file, io);
        } else if office.holds(entry.name) {
            prose(office, &entry, &mut unpack, file, io);
        } else if name.contains("/embeddings/") {
            feed(&mut unpack, &entry, &mut file.inside(&name), &name, io);
        } else if name.ends_with(".bin") && name.contains("/worksheets/") {
            io.budget.note(Unread::Unknown);
        }
    }
    if entries.is_damaged() {
        io.budget.note(Unread::Damaged);
    }
}

fn sheet(
    entry: &Entry<'_>,
    name: &str,
    strings: &Strings,
    unpack: &mut Unpack,
    file: &Opening<'_>,
    io: &mut Io<'_, '_>,
) {
    let title = name.rsplit('/').next().unwrap_or(name).trim_end_matches(".xml");
    let mut reader = file.shaped(title, Reading::new(Structure::rows(), Escapes::None, SCOPE));
    let mut sheet = Sheet::new(strings);
    let hint = super::Hint::default();
    let whole = unpack.run(entry, io, &mut |piece, io| {
        sheet.push(piece, &mut |row| {
            // One string may stand in any number of cells.
            if io.budget.spend(row.len()) {
                reader.push(row, hint, io);
            }
        });
    });
    sheet.finish(&mut |row| reader.push(row, hint, io));
    reader.finish(hint, whole, io);
}

fn prose(office: Office, entry: &Entry<'_>, unpack: &mut Unpack, file: &Opening<'_>, io: &mut Io<'_, '_>) {
    let rules = io.finder.rules;
    let promises = |name: &str| !rules.types_of(&rules.name(name)).is_empty();
    let mut prose = Prose::new(office == Office::OpenDocument, &promises);
    let of = |kind, escapes| Reading::new(Structure::for_kind(kind, None), escapes, SCOPE);
    let mut text = file.shaped("", of(MediaKind::Text, Escapes::None));
    let mut tables = file.shaped("", of(MediaKind::Html, Escapes::Entities));
    let hint = super::Hint::default();
    let whole = unpack.run(entry, io, &mut |piece, io| {
        prose.push(piece, &mut |out, bytes| match out {
            Out::Text => text.push(bytes, hint, io),
            Out::Table => tables.push(bytes, hint, io),
        });
    });
    text.finish(hint, whole, io);
    tables.finish(hint, whole, io);
}
