//! Reading packs from files, folders and the binary itself.

use super::PackError;
use super::calendar::CalendarText;
use super::incidents::IncidentsText;
use super::own::{CompositeText, OverrideText};
use super::profile::ProfileText;
use super::stanza::{DataTypeText, FullPattern, Header, PackText, PatternText, SignalText};
use crate::exact::ExactSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Largest pack file read.
const MAX_PACK: u64 = 4 << 20;

/// Most words of a dictionary type: each is a literal of the scan.
const MAX_WORDS: usize = 10_000;
/// Shortest one, in bytes: one Chinese character.
const MIN_WORD: usize = 3;

/// The packs compiled in.
const BUILTIN: &[(&str, &str)] = &[
    ("packs/identity.toml", include_str!("../../../packs/identity.toml")),
    ("packs/contact.toml", include_str!("../../../packs/contact.toml")),
    ("packs/finance.toml", include_str!("../../../packs/finance.toml")),
    ("packs/device.toml", include_str!("../../../packs/device.toml")),
    ("packs/person.toml", include_str!("../../../packs/person.toml")),
    ("packs/credential.toml", include_str!("../../../packs/credential.toml")),
    ("packs/permits.toml", include_str!("../../../packs/permits.toml")),
    ("packs/people.toml", include_str!("../../../packs/people.toml")),
    ("packs/health.toml", include_str!("../../../packs/health.toml")),
    ("packs/biometric.toml", include_str!("../../../packs/biometric.toml")),
    ("packs/whereabouts.toml", include_str!("../../../packs/whereabouts.toml")),
    ("packs/cloud.toml", include_str!("../../../packs/cloud.toml")),
    ("packs/abroad.toml", include_str!("../../../packs/abroad.toml")),
    ("packs/nations.toml", include_str!("../../../packs/nations.toml")),
    ("packs/firms.toml", include_str!("../../../packs/firms.toml")),
    ("packs/errors.toml", include_str!("../../../packs/errors.toml")),
    ("packs/consoles.toml", include_str!("../../../packs/consoles.toml")),
    ("packs/outcomes.toml", include_str!("../../../packs/outcomes.toml")),
    ("packs/profiles.toml", include_str!("../../../packs/profiles.toml")),
    ("packs/calendar.toml", include_str!("../../../packs/calendar.toml")),
    ("packs/incidents.toml", include_str!("../../../packs/incidents.toml")),
];

/// The text of a pack with what its errors need.
pub(crate) struct Source {
    pub file: String,
    text: String,
}

impl Source {
    /// All of it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
    /// An error about the bytes of `span`.
    pub(crate) fn error(
        &self,
        span: &Range<usize>,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) -> PackError {
        let before = self.text.get(..span.start).unwrap_or(&self.text);
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        PackError { file: self.file.clone(), line, what: what.into(), fix: fix.into() }
    }
    /// Line of an offset, from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.text.get(..offset).unwrap_or(&self.text).bytes().filter(|b| *b == b'\n').count() + 1
    }
}

/// A stanza, where it stands and in which pack.
pub(crate) struct Placed<T> {
    pub stanza: T,
    pub span: Range<usize>,
    /// Index of its pack in [`Packs::sources`].
    pub pack: usize,
}

impl<T> Placed<T> {
    /// Another stanza made of what stands here.
    pub(super) fn with<U>(&self, stanza: U) -> Placed<U> {
        Placed { stanza, span: self.span.clone(), pack: self.pack }
    }
}

/// Takes the stanzas of a pack out, and numbers those of later packs anew.
fn leave<T>(stanzas: &mut Vec<Placed<T>>, pack: usize) {
    stanzas.retain(|p| p.pack != pack);
    stanzas.iter_mut().filter(|p| p.pack > pack).for_each(|p| p.pack -= 1);
}

/// Packs read and parsed, their word lists expanded.
#[derive(Default)]
pub(crate) struct Packs {
    pub sources: Vec<Source>,
    pub headers: Vec<Header>,
    pub data_types: Vec<Placed<DataTypeText>>,
    pub signals: Vec<Placed<SignalText>>,
    pub overrides: Vec<Placed<OverrideText>>,
    pub composites: Vec<Placed<CompositeText>>,
    pub profiles: Vec<Placed<ProfileText>>,
    /// Working calendars; the last is in force.
    pub calendars: Vec<Placed<CalendarText>>,
    /// Rules of incidents; the last are in force.
    pub incidents: Vec<Placed<IncidentsText>>,
    /// Types that overrides put off.
    pub off: Vec<String>,
}

impl Packs {
    /// Those of files and folders, with or without those compiled in.
    pub(crate) fn read(paths: &[PathBuf], with_builtin: bool) -> Result<Packs, PackError> {
        let mut packs = Packs::default();
        if with_builtin {
            packs.add_builtin()?;
        }
        paths.iter().try_for_each(|path| packs.add_path(path))?;
        Ok(packs)
    }
    /// Whether they build on types or profiles that they do not define themselves.
    pub(crate) fn leans(&self) -> bool {
        let has = |id: &String| self.data_types.iter().any(|t| t.stanza.id == *id);
        let profile = |id: &String| self.profiles.iter().any(|p| p.stanza.id == *id);
        let named = |p: &ProfileText| {
            let rules = p.grade.iter().map(|r| &r.which).chain(p.class.iter().map(|r| &r.which));
            rules.flat_map(|w| &w.types).all(has)
        };
        !self.overrides.iter().all(|o| has(&o.stanza.id))
            || !self
                .composites
                .iter()
                .all(|c| c.stanza.of.iter().all(has) && c.stanza.grades.keys().all(profile))
            || !self.data_types.iter().all(|t| t.stanza.grades.keys().all(profile))
            || !self.profiles.iter().all(|p| p.stanza.extends.iter().all(profile) && named(&p.stanza))
    }
    /// An error about a stanza.
    pub(crate) fn fault<T>(
        &self,
        at: &Placed<T>,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) -> PackError {
        self.sources[at.pack].error(&at.span, what, fix)
    }
    /// Reads packs of which each takes the place of an earlier one with its name in `[pack]`, where there is one.
    pub(crate) fn change(&mut self, paths: &[PathBuf]) -> Result<(), PackError> {
        let before = self.headers.len();
        paths.iter().try_for_each(|path| self.add_path(path))?;
        let new: Vec<String> = self.headers[before..].iter().map(|h| h.name.clone()).collect();
        for at in (0..before).rev().filter(|at| new.contains(&self.headers[*at].name)).collect::<Vec<_>>() {
            self.remove(at);
        }
        Ok(())
    }
    fn remove(&mut self, at: usize) {
        leave(&mut self.data_types, at);
        leave(&mut self.signals, at);
        leave(&mut self.overrides, at);
        leave(&mut self.composites, at);
        leave(&mut self.profiles, at);
        leave(&mut self.calendars, at);
        leave(&mut self.incidents, at);
        self.sources.remove(at);
        self.headers.remove(at);
    }
    /// Those compiled in.
    pub(crate) fn add_builtin(&mut self) -> Result<(), PackError> {
        BUILTIN.iter().try_for_each(|(file, text)| self.add_text((*file).to_string(), (*text).to_string()))
    }
    /// Those of files and folders (every `*.toml` in name order).
    pub(crate) fn add_path(&mut self, path: &Path) -> Result<(), PackError> {
        for file in files_of(path)? {
            let name = file.display().to_string();
            let size = fs::metadata(&file).map(|m| m.len()).unwrap_or(0);
            if size > MAX_PACK {
                return Err(PackError::of_file(
                    &file,
                    "the file is larger than 4 MiB",
                    "split it into several packs",
                ));
            }
            let bytes = fs::read(&file).map_err(|e| {
                PackError::of_file(&file, format!("cannot be read: {e}"), "check its name and permissions")
            })?;
            let text = String::from_utf8(bytes)
                .map_err(|_| PackError::of_file(&file, "the file is not UTF-8", "save it as UTF-8"))?;
            self.add_text(name, text)?;
        }
        Ok(())
    }
    /// A pack's text.
    pub(crate) fn add_text(&mut self, file: String, text: String) -> Result<(), PackError> {
        let source = Source { file, text };
        let parsed: PackText = toml::from_str(&source.text).map_err(|e| {
            let fix =
                "see rules/README.md for the fields of a stanza; `weir rules show ID` prints one in full";
            source.error(&e.span().unwrap_or(0..0), e.message().trim().replace('\n', " "), fix)
        })?;
        let pack = self.sources.len();
        for stanza in parsed.data_type {
            let span = stanza.span();
            let mut stanza = stanza.into_inner();
            for list in [&mut stanza.reject_keys, &mut stanza.context, &mut stanza.not_values] {
                *list = expand(list, &parsed.lists).map_err(|name| {
                    source.error(
                        &span,
                        format!("list @{name} is not in [lists]"),
                        "define it in the same file",
                    )
                })?;
            }
            if let Err((what, fix)) = add_words(&mut stanza, &source.file) {
                return Err(source.error(&span, format!("{}: {what}", stanza.id), fix));
            }
            if let Some(files) = &stanza.exact {
                let (digests, key) = (beside(&source.file, &files.digests), beside(&source.file, &files.key));
                let set = ExactSet::read(&digests, &key);
                let set =
                    set.map_err(|(what, fix)| source.error(&span, format!("{}: {what}", stanza.id), fix))?;
                stanza.exact_set = Some(Arc::new(set));
            }
            self.data_types.push(Placed { stanza, span, pack });
        }
        self.overrides.extend(placed(parsed.overrides, pack));
        self.composites.extend(placed(parsed.composite, pack));
        self.profiles.extend(placed(parsed.profile, pack));
        self.calendars.extend(placed(parsed.calendar.into_iter().collect(), pack));
        self.incidents.extend(placed(parsed.incidents.into_iter().collect(), pack));
        for stanza in parsed.signal {
            let span = stanza.span();
            self.signals.push(Placed { stanza: stanza.into_inner(), span, pack });
        }
        self.headers.push(parsed.pack);
        self.sources.push(source);
        Ok(())
    }
}

fn placed<T>(stanzas: Vec<toml::Spanned<T>>, pack: usize) -> impl Iterator<Item = Placed<T>> {
    stanzas.into_iter().map(move |s| Placed { span: s.span(), stanza: s.into_inner(), pack })
}

/// A file named in a pack, which lies beside it.
fn beside(pack: &str, name: &str) -> PathBuf {
    Path::new(pack).parent().unwrap_or(Path::new("")).join(name)
}

/// Makes the words of a dictionary type patterns, those of its file among them.
fn add_words(stanza: &mut DataTypeText, pack: &str) -> Result<(), (String, String)> {
    if let Some(name) = &stanza.words_file {
        let path = beside(pack, name);
        let wrong = |why: String| {
            let fix = "name a UTF-8 file of at most 4 MiB beside the pack, one word a line";
            (format!("{} cannot be read: {why}", path.display()), fix.to_string())
        };
        let size = fs::metadata(&path).map_err(|e| wrong(e.to_string()))?.len();
        if size > MAX_PACK {
            return Err(wrong("it is too large".into()));
        }
        let text = fs::read_to_string(&path).map_err(|e| wrong(e.to_string()))?;
        let words = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
        stanza.words.extend(words.map(str::to_owned));
    }
    if stanza.words.len() > MAX_WORDS {
        let fix = "make it an exact-data type with `weir rules fingerprint`, which has no such bound";
        return Err((format!("it has more than {MAX_WORDS} words"), fix.into()));
    }
    if let Some(word) = stanza.words.iter().find(|w| w.len() < MIN_WORD) {
        let fix = "leave it out: it would be found by chance everywhere";
        return Err((format!("word `{word}` is shorter than {MIN_WORD} bytes"), fix.into()));
    }
    let pattern = |word: &String| {
        let regex = regex_syntax::escape(word);
        PatternText::Full(FullPattern {
            regex,
            anchor: None,
            before: 0,
            tail: None,
            caseless: has_letter(word),
        })
    };
    stanza.patterns.extend(stanza.words.iter().map(pattern));
    Ok(())
}

fn has_letter(word: &str) -> bool {
    word.bytes().any(|b| b.is_ascii_alphabetic())
}

/// A list with its `@name` entries replaced by the lists of that name.
fn expand(
    list: &[String],
    lists: &std::collections::BTreeMap<String, Vec<String>>,
) -> Result<Vec<String>, String> {
    let mut out = Vec::with_capacity(list.len());
    for word in list {
        match word.strip_prefix('@') {
            Some(name) => out.extend(lists.get(name).ok_or_else(|| name.to_string())?.iter().cloned()),
            None => out.push(word.clone()),
        }
    }
    Ok(out)
}

fn files_of(path: &Path) -> Result<Vec<PathBuf>, PackError> {
    if !path.exists() {
        return Err(PackError::of_file(
            path,
            "no such file or folder",
            "give the path of a pack or of a folder of packs",
        ));
    }
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let entries = fs::read_dir(path)
        .map_err(|e| PackError::of_file(path, format!("cannot be read: {e}"), "check its permissions"))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    match files.is_empty() {
        true => {
            Err(PackError::of_file(path, "the folder holds no pack (*.toml)", "give the folder of the packs"))
        }
        false => Ok(files),
    }
}
