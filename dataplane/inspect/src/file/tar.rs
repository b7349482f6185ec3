//! Tape archives.

use super::open::{self, Opening};
use super::{Io, Unread};
use std::io::Read;

/// Reads an archive as far as it goes.
pub(super) fn read(file: &Opening<'_>, io: &mut Io<'_, '_>) {
    let mut archive = ::tar::Archive::new(file.bytes);
    let Ok(entries) = archive.entries() else { return io.budget.note(Unread::Damaged) };
    let mut chunk = open::chunk();
    for entry in entries {
        if !io.budget.entry() {
            return;
        }
        let Ok(mut entry) = entry else { return io.budget.note(Unread::Damaged) };
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = open::name(&entry.path_bytes());
        let (mut reader, hint) = (file.inside(&name), open::hint(&name));
        let whole = loop {
            match entry.read(&mut chunk) {
                Ok(0) => break true,
                Ok(n) if io.budget.spend(n) => reader.push(&chunk[..n], hint, io),
                Ok(_) => break false,
                Err(_) => {
                    io.budget.note(Unread::Damaged);
                    break false;
                }
            }
        };
        reader.finish(hint, whole, io);
    }
}
