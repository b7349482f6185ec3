//! What a sensor remembers over a restart, as one file (`state.weir`, mode 0600), whole or absent.
//!
//! ```text
//! "WEIRSTATE1\n" | nonce, 24 bytes | Zstandard frame, sealed
//! ```
//! It is sealed with XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) under a key made of the directory's: what is learned holds names of fields
//! and of programs as they came, in which values may stand that records only show masked. A file that somebody changed, or that belongs
//! to another directory, is refused before anything of it is read. Whoever may read `weir.key` may open it.

use crate::directory::{random, write_whole};
use crate::{DataDir, StoreError};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use std::fs;
use std::io::Write;

/// Name of the file.
const FILE: &str = "state.weir";
/// What it begins with; the number is that of this layout.
const MAGIC: &[u8] = b"WEIRSTATE1\n";
/// Bytes of the nonce.
const NONCE: usize = 24;
/// What the key is for (RFC 5869, `info`).
const PURPOSE: &[u8] = b"weir state 1";
/// Zstandard's quickest: what is remembered repeats the names of its fields.
const EFFORT: i32 = 1;

impl DataDir {
    /// Keeps what is remembered in the place of what was.
    ///
    /// # Errors
    /// Where it cannot be written; what was kept before stays.
    pub fn remember(&self, state: &[u8]) -> Result<(), StoreError> {
        let at = self.path().join(FILE);
        let frame =
            zstd::bulk::compress(state, EFFORT).map_err(|e| StoreError::io(&at, "what is remembered", e))?;
        let nonce: [u8; NONCE] = random()?;
        let sealed = self.seal()?.encrypt(&XNonce::from(nonce), Payload { msg: &frame, aad: MAGIC });
        // Only what is longer than 256 GiB cannot be.
        let sealed =
            sealed.map_err(|_| StoreError::Memory { path: at.clone(), why: "it is too long".into() })?;
        write_whole(&at, "what is remembered", |out| {
            out.write_all(MAGIC)?;
            out.write_all(&nonce)?;
            out.write_all(&sealed)
        })
    }

    /// What was remembered; `None` where there is nothing.
    ///
    /// # Errors
    /// Where the file cannot be read, was changed, or belongs to another directory.
    pub fn remembered(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let at = self.path().join(FILE);
        let file = match fs::read(&at) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(StoreError::io(&at, "what is remembered", e)),
        };
        let refused = |why: &str| StoreError::Memory { path: at.clone(), why: why.into() };
        let rest = file.strip_prefix(MAGIC).ok_or_else(|| refused("not a file of this version"))?;
        let (nonce, sealed) =
            rest.split_first_chunk::<NONCE>().ok_or_else(|| refused("it ends too early"))?;
        let opened = self.seal()?.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: MAGIC });
        let frame = opened.map_err(|_| refused("it was changed, or belongs to another directory"))?;
        let state = zstd::stream::decode_all(&frame[..]).map_err(|_| refused("it cannot be decompressed"))?;
        Ok(Some(state))
    }

    /// Puts a file that cannot be used out of the way (`state.weir.refused`), so that it is not overwritten.
    ///
    /// # Errors
    /// Where it cannot be renamed.
    pub fn set_memory_aside(&self) -> Result<(), StoreError> {
        let at = self.path().join(FILE);
        fs::rename(&at, at.with_extension("weir.refused"))
            .map_err(|e| StoreError::io(&at, "what is remembered", e))
    }

    fn seal(&self) -> Result<XChaCha20Poly1305, StoreError> {
        let mut key = [0; 32];
        let derived = Hkdf::<Sha256>::new(None, &self.fingerprint_key()?).expand(PURPOSE, &mut key);
        // No key can be longer than 8,160 bytes; this one is 32.
        derived.map_err(|e| StoreError::Memory { path: self.path().join(FILE), why: e.to_string() })?;
        Ok(XChaCha20Poly1305::new(&key.into()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn comes_back_or_is_refused() {
        let base = tempfile::tempdir().unwrap();
        let dir = DataDir::create(&base.path().join("a")).unwrap();
        assert_eq!(dir.remembered().unwrap(), None);
        let state = b"what was learned".repeat(1_000);
        dir.remember(&state).unwrap();
        assert_eq!(dir.remembered().unwrap(), Some(state));
        let at = dir.path().join(FILE);
        let whole = fs::read(&at).unwrap();
        dir.remember(&dir.remembered().unwrap().unwrap()).unwrap();
        assert_ne!(fs::read(&at).unwrap(), whole, "never twice under one nonce");
        let other = DataDir::create(&base.path().join("b")).unwrap();
        fs::write(other.path().join(FILE), &whole).unwrap();
        assert!(matches!(other.remembered(), Err(StoreError::Memory { .. })));
        for broken in [&whole[..5], &whole[..20], &whole[..whole.len() - 1]] {
            fs::write(&at, broken).unwrap();
            assert!(matches!(dir.remembered(), Err(StoreError::Memory { .. })));
        }
        let mut changed = whole;
        *changed.last_mut().unwrap() ^= 1;
        fs::write(&at, changed).unwrap();
        assert!(matches!(dir.remembered(), Err(StoreError::Memory { .. })));
        dir.set_memory_aside().unwrap();
        assert!(dir.remembered().unwrap().is_none() && dir.path().join("state.weir.refused").exists());
    }
}
