//! Compiled databases on disk, so that a reload of the same rules need not compile them again.
//!
//! A file is named by the digest of what it was compiled from (literals, library version, processor features) and holds the digest of its own
//! bytes: one that was cut, changed or made by another library is not used but made anew. The digest guards against damage, not against
//! somebody who may write to the folder; keep it as private as the sensor's data.

use hyperscan::{BlockDatabase, Serialized};
use sha1::{Digest, Sha1};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"WEIRHS1\n";
/// Bytes of a digest.
const DIGEST: usize = 20;
/// Most files kept in a folder.
const MAX_FILES: usize = 8;
/// Largest file read.
const MAX_FILE: u64 = 256 << 20;

/// What the cache did for a load of rules.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CacheUse {
    /// No cache was asked for.
    None,
    /// The databases were read from it.
    Read,
    /// They were compiled and written to it.
    Written,
    /// Its file was damaged or not of this library; they were compiled and the file was replaced.
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
pub(super) enum Read<const N: usize> {
    /// The databases, in order.
    Databases([Option<BlockDatabase>; N]),
    /// There is no file.
    Missing,
    /// There is one, but it cannot be used.
    Damaged,
}

impl Cache {
    /// In `folder`, for what `source` feeds to the digest.
    pub(super) fn new(folder: &Path, source: impl FnOnce(&mut Sha1)) -> Cache {
        let mut digest = Sha1::new();
        digest.update(hyperscan::version_str().to_bytes());
        digest.update(features());
        source(&mut digest);
        let name = digest.finalize().iter().fold(String::from("literals-"), |mut name, b| {
            // Writing to a string does not fail.
            let _ = write!(name, "{b:02x}");
            name
        });
        Cache { folder: folder.into(), file: folder.join(name + ".hs") }
    }
    /// Reads the databases.
    pub(super) fn read<const N: usize>(&self) -> Read<N> {
        match fs::metadata(&self.file) {
            Err(_) => return Read::Missing,
            Ok(m) if m.len() > MAX_FILE => return Read::Damaged,
            Ok(_) => {}
        }
        match fs::read(&self.file).ok().and_then(|bytes| databases(&bytes)) {
            Some(all) => Read::Databases(all),
            None => Read::Damaged,
        }
    }
    /// Writes the databases; what is wrong otherwise.
    pub(super) fn write<const N: usize>(&self, all: &[Option<BlockDatabase>; N]) -> Result<(), String> {
        let mut body = Vec::new();
        for database in all {
            let bytes = database.as_ref().map(|d| d.serialize()).transpose().map_err(|e| e.to_string())?;
            let bytes: &[u8] = bytes.as_deref().unwrap_or(&[]);
            body.extend(u32::try_from(bytes.len()).map_err(|e| e.to_string())?.to_le_bytes());
            body.extend(bytes);
        }
        let whole = [&MAGIC[..], &Sha1::digest(&body)[..], &body].concat();
        let text = |e: std::io::Error| e.to_string();
        fs::create_dir_all(&self.folder).map_err(text)?;
        self.make_room();
        // Whoever reads meanwhile sees the old file or the new one.
        let new = self.file.with_extension(format!("{}.new", std::process::id()));
        fs::write(&new, whole).and_then(|()| fs::rename(&new, &self.file)).map_err(text)
    }
    /// Removes files of other rules where there are too many.
    fn make_room(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let ours = |p: &PathBuf| {
            let name = p.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            name.starts_with("literals-") && *p != self.file
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

fn databases<const N: usize>(bytes: &[u8]) -> Option<[Option<BlockDatabase>; N]> {
    let (digest, mut rest) = bytes.strip_prefix(MAGIC)?.split_at_checked(DIGEST)?;
    if *Sha1::digest(rest) != *digest {
        return None;
    }
    let mut all = Vec::with_capacity(N);
    for _ in 0..N {
        let (length, behind) = rest.split_first_chunk::<4>()?;
        let (database, behind) = behind.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        all.push(match database {
            [] => None,
            bytes => Some(Serialized::deserialize(&bytes).ok()?),
        });
        rest = behind;
    }
    all.try_into().ok()
}
