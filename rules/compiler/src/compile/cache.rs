//! What compiling made, on disk, so that a reload of the same rules need not make it again: Hyperscan's databases and the tables of patterns.
//!
//! A file is named by the digest of what it was compiled from (packs, library version, processor features) and holds the digest of its own
//! bytes: one that was cut, changed or made by another library is not used but made anew. The digest guards against damage, not against
//! somebody who may write to the folder; keep it as private as the sensor's data.
//!
//! ```text
//! magic, digest of all behind it, digest of the literals, databases (length, bytes), tables (lengths of expression and table, case, both)
//! ```
//! Lengths are `u32`, little-endian; each part begins at a multiple of four.

use super::literals::SETS;
use crate::pack::Packs;
use hyperscan::{BlockDatabase, Serialized};
use sha1::{Digest, Sha1};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"WEIRRL1\n";
/// Bytes of a digest.
pub(super) const DIGEST: usize = 20;
/// How the files are named.
const PREFIX: &str = "rules-";
/// Most files kept in a folder.
const MAX_FILES: usize = 8;
/// Largest file read.
const MAX_FILE: u64 = 256 << 20;

/// What the cache did for a load of rules.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CacheUse {
    /// No cache was asked for.
    None,
    /// What it keeps was read from it.
    Read,
    /// The rules were compiled and written to it.
    Written,
    /// Its file was damaged or not of this library; the rules were compiled and the file was replaced.
    Replaced,
    /// They were compiled, and could not be written: why.
    Unwritten(String),
}

impl std::fmt::Display for CacheUse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CacheUse::None => write!(f, "rules compiled"),
            CacheUse::Read => write!(f, "rules read from the cache"),
            CacheUse::Written => write!(f, "rules compiled and written to the cache"),
            CacheUse::Replaced => write!(f, "the cached rules were damaged; compiled and replaced"),
            CacheUse::Unwritten(why) => {
                write!(f, "rules compiled, but not cached: {why}; check the folder's permissions and space")
            }
        }
    }
}

impl CacheUse {
    /// The same in Chinese.
    pub fn zh(&self) -> String {
        match self {
            CacheUse::None => "规则已编译".into(),
            CacheUse::Read => "规则取自缓存".into(),
            CacheUse::Written => "规则已编译并写入缓存".into(),
            CacheUse::Replaced => "规则缓存已损坏，已重新编译并替换".into(),
            CacheUse::Unwritten(why) => format!("规则已编译，但未能写入缓存：{why}；请检查目录权限与空间"),
        }
    }
}

/// A file of the cache.
pub(super) struct Cache {
    folder: PathBuf,
    file: PathBuf,
}

/// What reading the cache gave.
pub(super) enum Read {
    /// What was kept.
    Kept(Kept),
    /// There is no file.
    Missing,
    /// There is one, but it cannot be used.
    Damaged,
}

/// Databases, one for each set of scopes, of some literals.
pub(super) type Databases = [Option<BlockDatabase>; SETS.len()];

/// What was kept.
pub(super) struct Kept {
    /// The digest of the literals that the databases are of.
    pub(super) literals: [u8; DIGEST],
    pub(super) databases: Databases,
    /// Where each table lies in the bytes, by expression and whether case is folded.
    tables: HashMap<(String, bool), Range<usize>>,
    bytes: Vec<u8>,
}

impl Kept {
    /// The bytes of an expression's table; none where it was too large for one.
    pub(super) fn table(&self, expression: &str, caseless: bool) -> Option<&[u8]> {
        self.bytes.get(self.tables.get(&(expression.to_owned(), caseless))?.clone())
    }
    /// Every table with its expression and whether case is folded.
    pub(super) fn tables(&self) -> impl Iterator<Item = (&(String, bool), &[u8])> {
        self.tables.iter().filter_map(|(key, range)| Some((key, self.bytes.get(range.clone())?)))
    }
    fn read(bytes: Vec<u8>) -> Option<Kept> {
        let (digest, body) = bytes.strip_prefix(MAGIC)?.split_at_checked(DIGEST)?;
        if *Sha1::digest(body) != *digest {
            return None;
        }
        let mut parts = Parts { bytes: &bytes, at: MAGIC.len() + DIGEST };
        let literals = bytes.get(parts.take(DIGEST)?)?.try_into().ok()?;
        let mut databases = Databases::default();
        for database in &mut databases {
            let length = parts.length()?;
            let serialized = bytes.get(parts.take(length)?)?;
            if !serialized.is_empty() {
                *database = Some(Serialized::deserialize(&serialized).ok()?);
            }
        }
        let mut tables = HashMap::new();
        while parts.at < bytes.len() {
            let (expression, table, caseless) = (parts.length()?, parts.length()?, parts.length()? == 1);
            let expression = String::from_utf8(bytes.get(parts.take(expression)?)?.to_vec()).ok()?;
            tables.insert((expression, caseless), parts.take(table)?);
        }
        Some(Kept { literals, databases, tables, bytes })
    }
}

/// Parts of a file, one behind the other.
struct Parts<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Parts<'_> {
    fn take(&mut self, length: usize) -> Option<Range<usize>> {
        let end = self.at.checked_add(length).filter(|end| *end <= self.bytes.len())?;
        let part = self.at..end;
        self.at = end.next_multiple_of(ALIGNED);
        Some(part)
    }
    fn length(&mut self) -> Option<usize> {
        let part = self.take(ALIGNED)?;
        self.bytes.get(part)?.first_chunk().map(|n| u32::from_le_bytes(*n) as usize)
    }
}

/// What parts begin at multiples of, in bytes: tables are of words.
const ALIGNED: usize = 4;

fn put(part: &[u8], out: &mut Vec<u8>) {
    out.extend(part);
    out.resize(out.len().next_multiple_of(ALIGNED), 0);
}

fn put_length(length: usize, out: &mut Vec<u8>) -> Result<(), String> {
    out.extend(u32::try_from(length).map_err(|e| e.to_string())?.to_le_bytes());
    Ok(())
}

impl Cache {
    /// In `folder`, for packs.
    pub(super) fn new(folder: &Path, packs: &Packs) -> Cache {
        let mut digest = Sha1::new();
        digest.update(hyperscan::version_str().to_bytes());
        digest.update(features());
        digest.update(env!("CARGO_PKG_VERSION"));
        for source in &packs.sources {
            digest.update((source.text().len() as u64).to_le_bytes());
            digest.update(source.text());
        }
        let name = digest.finalize().iter().fold(String::from(PREFIX), |mut name, b| {
            // Writing to a string does not fail.
            let _ = write!(name, "{b:02x}");
            name
        });
        Cache { folder: folder.into(), file: folder.join(name + ".cache") }
    }
    /// Reads what was kept.
    pub(super) fn read(&self) -> Read {
        match fs::metadata(&self.file) {
            Err(_) => return Read::Missing,
            Ok(m) if m.len() > MAX_FILE => return Read::Damaged,
            Ok(_) => {}
        }
        fs::read(&self.file).ok().and_then(Kept::read).map_or(Read::Damaged, Read::Kept)
    }
    /// Writes the databases of literals of a digest, and tables; what is wrong otherwise.
    pub(super) fn write(
        &self,
        literals: &[u8; DIGEST],
        databases: &Databases,
        tables: &BTreeMap<(String, bool), Vec<u8>>,
    ) -> Result<(), String> {
        let mut body = literals.to_vec();
        for database in databases {
            let bytes = database.as_ref().map(|d| d.serialize()).transpose().map_err(|e| e.to_string())?;
            let bytes: &[u8] = bytes.as_deref().unwrap_or(&[]);
            put_length(bytes.len(), &mut body)?;
            put(bytes, &mut body);
        }
        for ((expression, caseless), table) in tables {
            put_length(expression.len(), &mut body)?;
            put_length(table.len(), &mut body)?;
            put_length(usize::from(*caseless), &mut body)?;
            put(expression.as_bytes(), &mut body);
            put(table, &mut body);
        }
        let whole = [&MAGIC[..], &Sha1::digest(&body)[..], &body].concat();
        let text = |e: std::io::Error| e.to_string();
        fs::create_dir_all(&self.folder).map_err(text)?;
        self.make_room();
        // Whoever reads meanwhile sees the old file or the new one.
        let new = self.file.with_extension(format!("{}.new", std::process::id()));
        fs::write(&new, whole).and_then(|()| fs::rename(&new, &self.file)).map_err(|e| {
            // Part of a file only takes room, and the failure itself is what to tell.
            let _ = fs::remove_file(&new);
            text(e)
        })
    }
    /// Removes files of other rules where there are too many.
    fn make_room(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let ours = |p: &PathBuf| {
            let name = p.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            name.starts_with(PREFIX) && *p != self.file
        };
        let others: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).filter(ours).collect();
        if others.len() >= MAX_FILES {
            for file in others {
                // One that stays only takes room.
                let _ = fs::remove_file(file);
            }
        }
    }
}

/// What of the processor decides which code a database is made for.
fn features() -> &'static [u8] {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512vbmi") {
            return b"x86_64 avx512vbmi";
        }
        if is_x86_feature_detected!("avx512bw") {
            return b"x86_64 avx512bw";
        }
        if is_x86_feature_detected!("avx2") {
            return b"x86_64 avx2";
        }
    }
    std::env::consts::ARCH.as_bytes()
}
