//! Fingerprints of clients: JA3 and JA4 (of that suite only the client's part, which is free to use: BSD 3-clause).

use crate::hello::{Carrier, ClientHello, extension, is_grease};
use md5::{Digest, Md5};
use sha2::Sha256;
use std::fmt::Write as _;
use weir_exchange::Text;

/// Digits of the two digests of a JA4.
const JA4_DIGITS: usize = 12;

impl ClientHello {
    /// MD5 of version, suites, extensions, groups and point formats, without placeholders.
    pub(crate) fn ja3(&self) -> Text {
        let list = |numbers: &mut dyn Iterator<Item = u16>| {
            join(numbers.filter(|n| !is_grease(*n)), "-", |n| n.to_string())
        };
        let text = [
            self.version.to_string(),
            list(&mut self.suites.iter().copied()),
            list(&mut self.extensions.iter().copied()),
            list(&mut self.groups.iter().copied()),
            list(&mut self.formats.iter().map(|f| u16::from(*f))),
        ]
        .join(",");
        Text::new(hex(&Md5::digest(text)))
    }

    /// `t13d1516h2_8daaf6152771_e5627efa2ab1`: what carries it (TCP, QUIC, DTLS), what is offered and how much of it; digests of the suites
    /// and of the extensions, sorted.
    pub(crate) fn ja4(&self) -> Text {
        let suites: Vec<u16> = self.suites.iter().copied().filter(|n| !is_grease(*n)).collect();
        let mut extensions: Vec<u16> = self.extensions.iter().copied().filter(|n| !is_grease(*n)).collect();
        let offered = self.versions.iter().copied().filter(|n| !is_grease(*n));
        // DTLS counts its versions downwards.
        let best = if self.carrier == Carrier::Dtls { offered.min() } else { offered.max() };
        let version = match best.unwrap_or(self.version) {
            0xfefc => "d3",
            0xfefd => "d2",
            0xfeff => "d1",
            0x0304 => "13",
            0x0303 => "12",
            0x0302 => "11",
            0x0301 => "10",
            0x0300 => "s3",
            0x0002 => "s2",
            _ => "00",
        };
        let carrier = match self.carrier {
            Carrier::Tcp => 't',
            Carrier::Quic => 'q',
            Carrier::Dtls => 'd',
        };
        let named = if self.extensions.contains(&extension::SERVER_NAME) { 'd' } else { 'i' };
        let (suites_count, extensions_count) = (suites.len().min(99), extensions.len().min(99));
        let alpn = self.ja4_alpn();
        let mut out = format!("{carrier}{version}{named}{suites_count:02}{extensions_count:02}{alpn}_");
        out += &digest(sorted(suites), None);
        out.push('_');
        extensions.retain(|e| !matches!(*e, extension::SERVER_NAME | extension::ALPN));
        let signatures = self.signatures.iter().copied().filter(|n| !is_grease(*n));
        out += &digest(sorted(extensions), Some(join(signatures, ",", hex16)));
        Text::new(out)
    }

    /// First and last character of the first protocol offered; of their hexadecimal digits where one is no letter or digit.
    fn ja4_alpn(&self) -> String {
        let Some(([first, ..], [.., last])) = self.alpn.first().map(|p| (p.as_slice(), p.as_slice())) else {
            return "00".to_owned();
        };
        if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
            return [char::from(*first), char::from(*last)].iter().collect();
        }
        let (first, last) = (format!("{first:02x}"), format!("{last:02x}"));
        format!("{}{}", &first[..1], &last[1..])
    }
}

/// The first digits of the SHA-256 of numbers, and of what follows them behind an underscore where that is not empty.
fn digest(numbers: Vec<u16>, more: Option<String>) -> String {
    if numbers.is_empty() {
        return "0".repeat(JA4_DIGITS);
    }
    let mut text = join(numbers.into_iter(), ",", hex16);
    if let Some(more) = more.filter(|m| !m.is_empty()) {
        text.push('_');
        text += &more;
    }
    let mut digits = hex(&Sha256::digest(text));
    digits.truncate(JA4_DIGITS);
    digits
}

fn sorted(mut numbers: Vec<u16>) -> Vec<u16> {
    numbers.sort_unstable();
    numbers
}

fn hex16(n: u16) -> String {
    format!("{n:04x}")
}

fn join(numbers: impl Iterator<Item = u16>, between: &str, show: impl Fn(u16) -> String) -> String {
    numbers.map(show).collect::<Vec<_>>().join(between)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the JA4 specification (FoxIO, technical_details/JA4.md): Chrome over TCP.
    #[test]
    fn ja4_of_the_specification() {
        let hello = ClientHello {
            version: 0x0303,
            versions: vec![0x1a1a, 0x0304, 0x0303],
            suites: vec![
                0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013,
                0xc014, 0x009c, 0x009d, 0x002f, 0x0035,
            ],
            extensions: vec![
                0x5a5a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023,
                0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015, 0x6a6a,
            ],
            signatures: vec![0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
            alpn: vec![b"h2".to_vec(), b"http/1.1".to_vec()],
            ..ClientHello::default()
        };
        assert_eq!(hello.ja4(), "t13d1516h2_8daaf6152771_e5627efa2ab1");
    }

    /// The example of the JA3 README: 769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0.
    #[test]
    fn ja3_of_its_readme() {
        let hello = ClientHello {
            version: 769,
            suites: vec![47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4],
            extensions: vec![0, 10, 11],
            groups: vec![23, 24, 25],
            formats: vec![0],
            ..ClientHello::default()
        };
        assert_eq!(hello.ja3(), "ada70206e40642a3e4461f35503241d5");
    }
}
