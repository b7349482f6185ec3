//! Reading packs from files, folders and the binary itself.

use super::PackError;
use super::stanza::{DataTypeText, Header, PackText, SignalText};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Largest pack file read.
const MAX_PACK: u64 = 4 << 20;

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

/// Packs read and parsed, their word lists expanded.
#[derive(Default)]
pub(crate) struct Packs {
    pub sources: Vec<Source>,
    pub headers: Vec<Header>,
    pub data_types: Vec<Placed<DataTypeText>>,
    pub signals: Vec<Placed<SignalText>>,
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
        self.data_types.retain(|p| p.pack != at);
        self.signals.retain(|p| p.pack != at);
        let later = self.data_types.iter_mut().map(|p| &mut p.pack);
        later.chain(self.signals.iter_mut().map(|p| &mut p.pack)).filter(|p| **p > at).for_each(|p| *p -= 1);
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
            self.data_types.push(Placed { stanza, span, pack });
        }
        for stanza in parsed.signal {
            let span = stanza.span();
            self.signals.push(Placed { stanza: stanza.into_inner(), span, pack });
        }
        self.headers.push(parsed.pack);
        self.sources.push(source);
        Ok(())
    }
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
