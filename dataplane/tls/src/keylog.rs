//! Key logs: the SSLKEYLOGFILE format of NSS (draft-ietf-tls-keylogfile), as browsers, curl and OpenSSL write it.

use crate::keys::{KeyStore, Label, Secret};
use std::io::{self, BufRead, Read};
use zeroize::Zeroizing;

/// Longest line that is read, in bytes.
pub const MAX_LINE: usize = 1024;

/// What became of the lines of a key log.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Kept {
    /// Secrets kept.
    pub secrets: u64,
    /// Lines of secrets that decryption does not need (`EXPORTER_SECRET`, ...).
    pub ignored: u64,
    /// Lines that are none of a key log.
    pub broken: u64,
}

impl Kept {
    /// Adds what became of others.
    pub fn absorb(&mut self, other: Kept) {
        self.secrets += other.secrets;
        self.ignored += other.ignored;
        self.broken += other.broken;
    }
}

impl KeyStore {
    /// Adds the secrets of a whole file; lines longer than [`MAX_LINE`] are broken ones.
    ///
    /// # Errors
    /// Where `input` fails; what was read before is kept.
    pub fn add_file(&self, input: &mut impl BufRead) -> io::Result<Kept> {
        let mut kept = Kept::default();
        let mut line = Zeroizing::new(Vec::with_capacity(MAX_LINE + 1));
        loop {
            line.clear();
            let limit = MAX_LINE as u64 + 1;
            if input.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
                return Ok(kept);
            }
            let long = line.len() > MAX_LINE && !line.ends_with(b"\n");
            if long {
                skip_line(input)?;
                kept.broken += 1;
            } else {
                kept.absorb(self.add_log(&line));
            }
        }
    }

    /// Adds the secrets of whole lines: `LABEL client_random secret`, the latter in hexadecimal; `#` begins a comment.
    pub fn add_log(&self, text: &[u8]) -> Kept {
        let mut kept = Kept::default();
        for line in text.split(|b| *b == b'\n').map(<[u8]>::trim_ascii) {
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            match read(line) {
                Some((Some(label), random, secret)) => {
                    self.add(random, label, secret);
                    kept.secrets += 1;
                }
                Some((None, ..)) => kept.ignored += 1,
                None => kept.broken += 1,
            }
        }
        kept
    }
}

fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (used, over) = match buffer.iter().position(|b| *b == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(used);
        if over {
            return Ok(());
        }
    }
}

/// A line: what it is (`None` where it is not needed), of which connection, and the secret.
fn read(line: &[u8]) -> Option<(Option<Label>, [u8; 32], Secret)> {
    if line.len() > MAX_LINE {
        return None;
    }
    let mut words = line.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty());
    let (label, random, secret) = (words.next()?, words.next()?, words.next()?);
    let label = match label {
        b"CLIENT_RANDOM" => Some(Label::Master),
        b"CLIENT_HANDSHAKE_TRAFFIC_SECRET" => Some(Label::ClientHandshake),
        b"SERVER_HANDSHAKE_TRAFFIC_SECRET" => Some(Label::ServerHandshake),
        b"CLIENT_TRAFFIC_SECRET_0" => Some(Label::Client),
        b"SERVER_TRAFFIC_SECRET_0" => Some(Label::Server),
        _ if label.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_') => None,
        _ => return None,
    };
    let secret = digits(secret)?;
    let fits = match label {
        Some(Label::Master) => secret.len() == 48,
        Some(_) => matches!(secret.len(), 32 | 48),
        None => true,
    };
    let random = digits(random)?;
    // `RSA` lines name a connection by other bytes than its random.
    let random = if label.is_some() { random.as_slice().try_into().ok()? } else { [0; 32] };
    (fits && words.next().is_none()).then_some((label, random, secret))
}

fn digits(text: &[u8]) -> Option<Secret> {
    let mut out = Zeroizing::new(Vec::with_capacity(text.len() / 2));
    let (pairs, []) = text.as_chunks::<2>() else { return None };
    for [high, low] in pairs {
        let digit = |b: u8| char::from(b).to_digit(16);
        out.push((digit(*high)? << 4 | digit(*low)?) as u8);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_line_by_line() {
        let line = format!("CLIENT_RANDOM {} {}", "ab".repeat(32), "cd".repeat(48));
        let text = format!("{line}\n{}\n\n{}", "x".repeat(3 * MAX_LINE), line.replace("ab", "01"));
        let store = KeyStore::default();
        let mut input = io::BufReader::with_capacity(7, text.as_bytes());
        assert_eq!(store.add_file(&mut input).ok(), Some(Kept { secrets: 2, ignored: 0, broken: 1 }));
        assert_eq!(store.len(), 2);
    }

    #[test]
    fn keeps_what_is_needed_and_counts_the_rest() {
        let (random, secret) = ("ab".repeat(32), "cd".repeat(48));
        let log = format!(
            "# made by a test\nCLIENT_RANDOM {random} {secret}\r\nEXPORTER_SECRET {random} {secret}\n\
             CLIENT_RANDOM {random} 00\nnot a line\nSERVER_TRAFFIC_SECRET_0 {random} {}\n",
            "ef".repeat(32)
        );
        let store = KeyStore::default();
        assert_eq!(store.add_log(log.as_bytes()), Kept { secrets: 2, ignored: 1, broken: 2 });
        let secrets = store.secrets(&[0xab; 32]);
        assert_eq!(secrets.as_ref().and_then(|s| s.get(Label::Master)).map(|s| s.len()), Some(48));
        assert!(secrets.as_ref().is_some_and(|s| s.get(Label::Client).is_none()));
        assert_eq!(
            format!("{store:?} {secrets:?}"),
            "KeyStore { connections: 1, .. } Some(Secrets { known: 2 })"
        );
    }
}
