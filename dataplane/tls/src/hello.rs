//! ClientHello and ServerHello (RFC 8446, 4.1; RFC 5246, 7.4.1), read as far as anything here asks for.

use crate::reader::Reader;
use weir_exchange::{Text, TlsFacts, TlsVersion};

/// Longest text kept of a name.
const MAX_NAME: usize = 255;
/// Most entries kept of a list.
const MAX_LIST: usize = 16;
/// The random of a ServerHello that asks for another ClientHello (RFC 8446, 4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

pub(crate) mod extension {
    pub(crate) const SERVER_NAME: u16 = 0;
    pub(crate) const GROUPS: u16 = 10;
    pub(crate) const POINT_FORMATS: u16 = 11;
    pub(crate) const SIGNATURES: u16 = 13;
    pub(crate) const ALPN: u16 = 16;
    pub(crate) const ENCRYPT_THEN_MAC: u16 = 22;
    pub(crate) const EXTENDED_MASTER: u16 = 23;
    pub(crate) const PRE_SHARED_KEY: u16 = 41;
    pub(crate) const EARLY_DATA: u16 = 42;
    pub(crate) const VERSIONS: u16 = 43;
    pub(crate) const ECH: u16 = 0xfe0d;
    pub(crate) const ESNI: u16 = 0xffce;
}

/// Whether a number is a placeholder that is to be ignored (GREASE, RFC 8701).
pub(crate) fn is_grease(n: u16) -> bool {
    n & 0x0f0f == 0x0a0a && n >> 8 == n & 0xff
}

/// What carries a handshake.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Carrier {
    /// Records of TLS over TCP.
    #[default]
    Tcp,
    /// QUIC.
    Quic,
    /// Records of DTLS.
    Dtls,
}

/// What a client offers.
#[derive(Default)]
pub(crate) struct ClientHello {
    pub(crate) carrier: Carrier,
    pub(crate) version: u16,
    pub(crate) random: [u8; 32],
    pub(crate) session: Vec<u8>,
    pub(crate) suites: Vec<u16>,
    /// In order of the wire.
    pub(crate) extensions: Vec<u16>,
    pub(crate) groups: Vec<u16>,
    pub(crate) formats: Vec<u8>,
    pub(crate) signatures: Vec<u16>,
    pub(crate) versions: Vec<u16>,
    /// Protocols offered, as sent.
    pub(crate) alpn: Vec<Vec<u8>>,
    pub(crate) server_name: Text,
    pub(crate) early_data: bool,
    pub(crate) ech: bool,
}

impl ClientHello {
    /// Reads the body of the message. What is broken ends the reading of extensions; `None` where not even the suites are there.
    pub(crate) fn read(body: &[u8]) -> Option<ClientHello> {
        ClientHello::carried(body, Carrier::Tcp)
    }

    /// The same by what carries it: that of DTLS has a cookie behind the session (RFC 6347, 4.2.1).
    pub(crate) fn carried(body: &[u8], carrier: Carrier) -> Option<ClientHello> {
        let mut r = Reader(body);
        let mut hello = ClientHello {
            carrier,
            version: r.u16()?,
            random: r.take(32)?.try_into().ok()?,
            session: r.vec8()?.0.to_vec(),
            ..ClientHello::default()
        };
        if carrier == Carrier::Dtls {
            r.vec8()?;
        }
        hello.suites = r.vec16()?.numbers();
        r.vec8()?;
        if let Some(mut extensions) = r.vec16() {
            while let (Some(kind), Some(body)) = (extensions.u16(), extensions.vec16()) {
                hello.extensions.push(kind);
                // An extension that is broken says nothing.
                let _ = hello.extension(kind, body);
            }
        }
        Some(hello)
    }

    fn extension(&mut self, kind: u16, mut body: Reader<'_>) -> Option<()> {
        match kind {
            extension::SERVER_NAME => {
                let mut list = body.vec16()?;
                while let (Some(kind), Some(name)) = (list.u8(), list.vec16()) {
                    if kind == 0 && self.server_name.is_empty() {
                        self.server_name = lossy(name.0, true);
                    }
                }
            }
            extension::GROUPS => self.groups = body.vec16()?.numbers(),
            extension::POINT_FORMATS => self.formats = body.vec8()?.0.to_vec(),
            extension::SIGNATURES => self.signatures = body.vec16()?.numbers(),
            extension::ALPN => {
                let mut list = body.vec16()?;
                while let Some(protocol) = list.vec8().filter(|_| self.alpn.len() < MAX_LIST) {
                    self.alpn.push(protocol.0.to_vec());
                }
            }
            extension::EARLY_DATA => self.early_data = true,
            extension::VERSIONS => self.versions = body.vec8()?.numbers(),
            extension::ECH | extension::ESNI => self.ech = true,
            _ => {}
        }
        Some(())
    }

    /// Puts into `facts` what it says.
    pub(crate) fn tell(&self, facts: &mut TlsFacts) {
        let offered: &[u16] = if self.versions.is_empty() { &[self.version] } else { &self.versions };
        facts.offered =
            offered.iter().filter(|v| !is_grease(**v)).take(MAX_LIST).map(|v| TlsVersion(*v)).collect();
        facts.server_name = self.server_name.clone();
        facts.alpn_offered = self.alpn.iter().map(|p| lossy(p, false)).collect();
        (facts.ja3, facts.ja4) = (self.ja3(), self.ja4());
        facts.ech = self.ech;
    }
}

/// What a server chooses.
pub(crate) struct ServerHello {
    pub(crate) version: TlsVersion,
    pub(crate) random: [u8; 32],
    pub(crate) session: Vec<u8>,
    pub(crate) suite: u16,
    pub(crate) alpn: Text,
    pub(crate) encrypt_then_mac: bool,
    /// The master secret is made over the whole handshake (RFC 7627).
    pub(crate) extended_master: bool,
    pub(crate) pre_shared_key: bool,
    /// It asks for another ClientHello.
    pub(crate) retry: bool,
}

impl ServerHello {
    pub(crate) fn read(body: &[u8]) -> Option<ServerHello> {
        let mut r = Reader(body);
        let version = r.u16()?;
        let random: [u8; 32] = r.take(32)?.try_into().ok()?;
        // Drafts of TLS 1.3 up to 21 have neither session nor compression.
        let early_draft = (0x7f00..=0x7f15).contains(&version);
        let session = if early_draft { Vec::new() } else { r.vec8()?.0.to_vec() };
        let suite = r.u16()?;
        if !early_draft {
            r.u8()?;
        }
        let mut hello = ServerHello {
            version: TlsVersion(version),
            retry: random == RETRY,
            random,
            session,
            suite,
            alpn: Text::default(),
            encrypt_then_mac: false,
            extended_master: false,
            pre_shared_key: false,
        };
        if let Some(mut extensions) = r.vec16() {
            while let (Some(kind), Some(mut body)) = (extensions.u16(), extensions.vec16()) {
                match kind {
                    extension::VERSIONS => hello.version = body.u16().map_or(hello.version, TlsVersion),
                    extension::ALPN => hello.alpn = chosen(body).unwrap_or_default(),
                    extension::ENCRYPT_THEN_MAC => hello.encrypt_then_mac = true,
                    extension::EXTENDED_MASTER => hello.extended_master = true,
                    extension::PRE_SHARED_KEY => hello.pre_shared_key = true,
                    _ => {}
                }
            }
        }
        Some(hello)
    }
}

/// The one protocol of a server's ALPN extension.
pub(crate) fn chosen(mut body: Reader<'_>) -> Option<Text> {
    Some(lossy(body.vec16()?.vec8()?.0, false))
}

/// The protocol chosen in the EncryptedExtensions of TLS 1.3 (RFC 8446, 4.3.1).
pub(crate) fn encrypted_extensions(body: &[u8]) -> Option<Text> {
    let mut extensions = Reader(body).vec16()?;
    loop {
        let (kind, body) = (extensions.u16()?, extensions.vec16()?);
        if kind == extension::ALPN {
            return chosen(body);
        }
    }
}

fn lossy(bytes: &[u8], lower: bool) -> Text {
    let bytes = bytes.get(..MAX_NAME).unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    if lower { Text::new(text.to_lowercase()) } else { Text::new(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grease_is_told() {
        assert!(is_grease(0x0a0a) && is_grease(0xfafa));
        assert!(!is_grease(0x0a1a) && !is_grease(0x1301) && !is_grease(0x0a0b));
    }

    #[test]
    fn broken_hellos_are_read_as_far_as_they_go() {
        assert!(ClientHello::read(&[3, 3]).is_none());
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([0, 0, 2, 0x13, 0x01, 1, 0]);
        let plain = ClientHello::read(&body).map(|h| (h.suites, h.extensions.len()));
        assert_eq!(plain, Some((vec![0x1301], 0)));
        body.extend([0, 8, 0, 0, 0, 200, 1, 2, 3, 4]);
        assert!(ClientHello::read(&body).is_some_and(|h| h.server_name.is_empty()));
    }
}
