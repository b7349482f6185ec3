//! What a TLS connection shows of itself (加密连接的握手信息), whether or not what it carries can be read.

mod suites;

pub use suites::suite_name;

use crate::Text;

/// A protocol version as its number on the wire (RFC 8446, 4.2.1): 0x0300 SSL 3.0, 0x0301 to 0x0304 TLS 1.0 to 1.3, 0x0101 TLCP 1.1;
/// 0xfeff, 0xfefd and 0xfefc DTLS 1.0, 1.2 and 1.3, which counts downwards.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TlsVersion(pub u16);

impl TlsVersion {
    /// TLCP 1.1 (传输层密码协议, GB/T 38636-2020), which counts its versions by itself.
    pub const TLCP: TlsVersion = TlsVersion(0x0101);
    /// TLS 1.0.
    pub const TLS10: TlsVersion = TlsVersion(0x0301);
    /// TLS 1.2.
    pub const TLS12: TlsVersion = TlsVersion(0x0303);
    /// TLS 1.3.
    pub const TLS13: TlsVersion = TlsVersion(0x0304);
    /// DTLS 1.0 (RFC 4347): TLS 1.1 over datagrams.
    pub const DTLS10: TlsVersion = TlsVersion(0xfeff);
    /// DTLS 1.2.
    pub const DTLS12: TlsVersion = TlsVersion(0xfefd);
    /// DTLS 1.3.
    pub const DTLS13: TlsVersion = TlsVersion(0xfefc);
    /// Its name; drafts of TLS 1.3 and what is unknown by number.
    pub fn name(self) -> Text {
        match self.0 {
            0x0101 => Text::new_static("TLCP 1.1"),
            0x0002 => Text::new_static("SSL 2.0"),
            0x0300 => Text::new_static("SSL 3.0"),
            0x0301 => Text::new_static("TLS 1.0"),
            0x0302 => Text::new_static("TLS 1.1"),
            0x0303 => Text::new_static("TLS 1.2"),
            0x0304 => Text::new_static("TLS 1.3"),
            0xfeff => Text::new_static("DTLS 1.0"),
            0xfefd => Text::new_static("DTLS 1.2"),
            0xfefc => Text::new_static("DTLS 1.3"),
            0x7f00..=0x7fff => Text::new(format!("TLS 1.3 draft {}", self.0 & 0xff)),
            other => Text::new(format!("{other:#06x}")),
        }
    }
}

/// What a handshake showed. Texts are bounded: names 255 bytes, lists 16 entries.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct TlsFacts {
    /// Versions offered, the best first; without the placeholders of RFC 8701.
    pub offered: Vec<TlsVersion>,
    /// The version chosen.
    pub version: Option<TlsVersion>,
    /// Server name asked for (RFC 6066, 3), lower case; empty where none.
    pub server_name: Text,
    /// Application protocols offered (ALPN, RFC 7301), in order.
    pub alpn_offered: Vec<Text>,
    /// The one chosen, where seen (in TLS 1.3 it is encrypted); empty otherwise.
    pub alpn: Text,
    /// The suite chosen.
    pub suite: Option<u16>,
    /// JA3 of the client: MD5, 32 hexadecimal digits; empty where no ClientHello was seen.
    pub ja3: Text,
    /// JA4 of the client; empty where no ClientHello was seen.
    pub ja4: Text,
    /// The server's certificates, where seen: the first, that of the server itself.
    pub certificate: Option<Box<Certificate>>,
    /// The server's certificate for encryption, which TLCP has besides that for signing (加密证书).
    pub encryption_certificate: Option<Box<Certificate>>,
    /// How many certificates the server sent.
    pub chain: u8,
    /// Whether the client sent a certificate of its own.
    pub client_certificate: bool,
    /// A session of before was resumed, or a key agreed upon before is used.
    pub resumed: bool,
    /// Encrypted ClientHello was offered (or greased: they cannot be told apart).
    pub ech: bool,
}

/// What a certificate says of itself (证书). Nothing of it is verified: the sensor holds no trust store.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Certificate {
    /// Subject, as in RFC 4514.
    pub subject: Text,
    /// DNS names and addresses that it is for (subjectAltName), at most 64; of one that has none, the subject's common name.
    pub names: Vec<Text>,
    /// Issuer.
    pub issuer: Text,
    /// Valid from, in seconds since 1970.
    pub not_before: i64,
    /// Valid until, in seconds since 1970.
    pub not_after: i64,
    /// Kind of key: `RSA`, `EC`, `Ed25519`, `DSA`, ...; an object identifier where unknown.
    pub key: Text,
    /// Its size in bits; 0 where unknown.
    pub bits: u32,
    /// Algorithm of the signature (`sha256WithRSAEncryption`); an object identifier where unknown.
    pub signature: Text,
    /// Issuer and subject are the same.
    pub self_signed: bool,
}

impl Certificate {
    /// Whether it is for `host`, a name or an address (RFC 6125, 6.4: `*` stands for one leftmost label).
    pub fn is_for(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        self.names.iter().any(|name| {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            match (name.strip_prefix("*."), host.split_once('.')) {
                (Some(parent), Some((_, rest))) => parent == rest,
                _ => name == host,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_is_one_label() {
        let of = |names: &[&str]| Certificate {
            names: names.iter().map(Text::new).collect(),
            ..Certificate::default()
        };
        assert!(of(&["*.example.cn"]).is_for("WWW.example.cn"));
        assert!(!of(&["*.example.cn"]).is_for("a.b.example.cn"));
        assert!(!of(&["*.example.cn"]).is_for("example.cn"));
        assert!(of(&["a.cn", "10.0.0.1"]).is_for("10.0.0.1"));
        assert!(!of(&[]).is_for("a.cn"));
    }
}
