//! What is known of services whose connections are told of as a whole, encrypted or not read: who offers them, how, and how much of them
//! could be read.

use crate::Summary;
use std::collections::{BTreeMap, BTreeSet};
use weir_exchange::{
    Certificate, Connection, Kind, Reading, Shown, SshFacts, Text, TlsFacts, TlsVersion, suite_name,
};
use weir_wire::{Endpoint, Timestamp};

/// Versions, suites, protocols or clients kept of a service.
const KEPT: usize = 32;

/// An encrypted service, or one that is not read (加密或未解析的服务): an address, what it speaks, and the name that clients ask it for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EncryptedService {
    /// Who answers.
    pub server: Endpoint,
    /// What it speaks.
    pub kind: Kind,
    /// Server name asked for; empty where none is.
    pub name: Text,
    /// Names that clients looked up and that stood for its address, at most 8.
    pub looked_up: BTreeSet<Text>,
    /// First connection.
    pub first_seen: Timestamp,
    /// When a connection was last told of.
    pub last_seen: Timestamp,
    /// Connections by [`Reading::ALL`]: decrypted, and why not.
    pub readings: [u64; Reading::ALL.len()],
    /// Connections by number of QUIC's own version; at most 32.
    pub quic_versions: BTreeMap<u32, u64>,
    /// Connections by version chosen; at most 32.
    pub versions: BTreeMap<TlsVersion, u64>,
    /// Connections by suite chosen; at most 32.
    pub suites: BTreeMap<u16, u64>,
    /// Connections by application protocol chosen; at most 32.
    pub protocols: BTreeMap<Text, u64>,
    /// Connections by JA4 of the client; at most 32.
    pub clients: BTreeMap<Text, u64>,
    /// The certificate last seen.
    pub certificate: Option<Certificate>,
    /// The certificate for encryption last seen (TLCP).
    pub encryption_certificate: Option<Certificate>,
    /// Certificates sent with it, itself included.
    pub chain: u8,
    /// How often another certificate came than before.
    pub certificate_changes: u64,
    /// Connections in which the client showed a certificate.
    pub client_certificates: u64,
    /// Connections that resumed an earlier one.
    pub resumed: u64,
    /// Connections whose hello offered to be encrypted (ECH).
    pub hidden_names: u64,
    /// The opening of SSH last seen.
    pub ssh: Option<SshFacts>,
    /// How often another host key of SSH came than before.
    pub host_key_changes: u64,
}

impl EncryptedService {
    /// Of its first connection, which is still to be added.
    pub fn new(first: &Connection) -> Self {
        EncryptedService {
            server: first.flow.server,
            kind: first.kind(),
            name: first.server_name(),
            looked_up: BTreeSet::new(),
            first_seen: first.time,
            last_seen: first.emitted,
            readings: [0; Reading::ALL.len()],
            quic_versions: BTreeMap::new(),
            versions: BTreeMap::new(),
            suites: BTreeMap::new(),
            protocols: BTreeMap::new(),
            clients: BTreeMap::new(),
            certificate: None,
            encryption_certificate: None,
            chain: 0,
            certificate_changes: 0,
            client_certificates: 0,
            resumed: 0,
            hidden_names: 0,
            ssh: None,
            host_key_changes: 0,
        }
    }

    /// Counts a connection.
    pub fn add(&mut self, c: &Connection) {
        self.first_seen = self.first_seen.min(c.time);
        self.last_seen = self.last_seen.max(c.emitted);
        self.readings[c.reading as usize] += 1;
        match &c.shown {
            Shown::Tls(tls) | Shown::Dtls(tls) => self.add_tls(tls),
            Shown::Quic(tls, version) => {
                count(&mut self.quic_versions, version);
                self.add_tls(tls);
            }
            Shown::Ssh(ssh) => self.add_ssh(ssh),
            Shown::Named(_) => {}
        }
    }

    fn add_ssh(&mut self, ssh: &SshFacts) {
        let known = |s: &SshFacts| !s.fingerprint.is_empty();
        // Algorithms differ with clients; another key of the same algorithm is another key.
        let before = self.ssh.as_ref().filter(|s| known(s) && known(ssh) && s.host_key == ssh.host_key);
        self.host_key_changes += u64::from(before.is_some_and(|s| s.fingerprint != ssh.fingerprint));
        if known(ssh) || self.ssh.as_ref().is_none_or(|s| !known(s)) {
            self.ssh = Some(ssh.clone());
        }
    }

    fn add_tls(&mut self, tls: &TlsFacts) {
        tls.version.into_iter().for_each(|v| count(&mut self.versions, &v));
        tls.suite.into_iter().for_each(|s| count(&mut self.suites, &s));
        for (kept, text) in [(&mut self.protocols, &tls.alpn), (&mut self.clients, &tls.ja4)] {
            if !text.is_empty() {
                count(kept, text);
            }
        }
        if let Some(new) = tls.certificate.as_deref()
            && self.certificate.as_ref() != Some(new)
        {
            self.certificate_changes += u64::from(self.certificate.is_some());
            (self.certificate, self.chain) = (Some(new.clone()), tls.chain);
        }
        if let Some(second) = tls.encryption_certificate.as_deref() {
            self.encryption_certificate = Some(second.clone());
        }
        self.client_certificates += u64::from(tls.client_certificate);
        self.resumed += u64::from(tls.resumed);
        self.hidden_names += u64::from(tls.ech);
    }

    /// Connections.
    pub fn connections(&self) -> u64 {
        self.readings.iter().sum()
    }

    /// Connections that could not be read, by why not.
    pub fn unread(&self) -> impl Iterator<Item = (Reading, u64)> {
        let all = Reading::ALL.into_iter().zip(self.readings);
        all.filter(|(reading, n)| *reading != Reading::Decrypted && *n > 0)
    }
}

fn count<K: Ord + Clone>(kept: &mut BTreeMap<K, u64>, key: &K) {
    if let Some(n) = kept.get_mut(key) {
        *n += 1;
    } else if kept.len() < KEPT {
        kept.insert(key.clone(), 1);
    }
}

/// What makes an encrypted service weak (GB/T 46796-2025 7.1 a 3).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Weakness {
    /// A version before TLS 1.2 or DTLS 1.2 was chosen (RFC 8996).
    OldVersion(TlsVersion),
    /// A suite was chosen that does not encrypt, does not authenticate, or is broken (NULL, anon, EXPORT, RC4, DES, 3DES).
    BrokenSuite(u16),
    /// A suite was chosen whose past traffic opens with the server's key (RSA key exchange).
    NoForwardSecrecy(u16),
    /// An RSA key of so many bits, fewer than 2,048.
    ShortKey(u32),
    /// The certificate is signed over MD5 or SHA-1.
    WeakSignature,
    /// The certificate signs itself.
    SelfSigned,
    /// The certificate was no longer valid.
    Expired,
    /// The certificate was not yet valid.
    NotYetValid,
    /// The certificate ends within 30 days.
    EndsSoon,
    /// The certificate is not for the name asked for.
    OtherName,
}

/// Days before its end from which a certificate should have been renewed.
const RENEWAL_DAYS: i64 = 30;

impl Weakness {
    /// Its name in records.
    pub const fn key(&self) -> &'static str {
        match self {
            Weakness::OldVersion(_) => "old version",
            Weakness::BrokenSuite(_) => "broken suite",
            Weakness::NoForwardSecrecy(_) => "no forward secrecy",
            Weakness::ShortKey(_) => "short key",
            Weakness::WeakSignature => "weak signature",
            Weakness::SelfSigned => "self-signed",
            Weakness::Expired => "expired",
            Weakness::NotYetValid => "not yet valid",
            Weakness::EndsSoon => "ends within 30 days",
            Weakness::OtherName => "not for the name",
        }
    }
    /// Said in both languages.
    pub fn told(&self) -> Summary {
        let suite = |id: &u16| suite_name(*id).map_or_else(|| format!("{id:#06x}"), str::to_owned);
        let (zh, en) = match self {
            Weakness::OldVersion(v) => (format!("使用 {}", v.name()), format!("{} in use", v.name())),
            Weakness::BrokenSuite(s) => {
                (format!("使用不安全的套件 {}", suite(s)), format!("insecure suite {}", suite(s)))
            }
            Weakness::NoForwardSecrecy(s) => (
                format!("套件 {} 无前向保密", suite(s)),
                format!("suite {} without forward secrecy", suite(s)),
            ),
            Weakness::ShortKey(bits) => (format!("证书密钥仅 {bits} 位"), format!("key of {bits} bits")),
            Weakness::WeakSignature => {
                ("证书签名使用 MD5 或 SHA-1".into(), "certificate signed over MD5 or SHA-1".into())
            }
            Weakness::SelfSigned => ("证书自签名".into(), "self-signed certificate".into()),
            Weakness::Expired => ("证书已过期".into(), "certificate expired".into()),
            Weakness::NotYetValid => ("证书尚未生效".into(), "certificate not yet valid".into()),
            Weakness::EndsSoon => ("证书 30 日内到期".into(), "certificate ends within 30 days".into()),
            Weakness::OtherName => {
                ("证书与访问的域名不符".into(), "certificate is not for the name asked for".into())
            }
        };
        Summary { zh, en }
    }

    fn of_suite(id: u16) -> Option<Weakness> {
        let name = suite_name(id)?;
        let has = |part: &str| name.split('_').any(|p| p == part);
        match () {
            () if ["NULL", "anon", "EXPORT", "EXPORT40", "RC4", "RC2", "DES", "DES40", "3DES"]
                .into_iter()
                .any(has) =>
            {
                Some(Weakness::BrokenSuite(id))
            }
            () if name.starts_with("TLS_RSA_") => Some(Weakness::NoForwardSecrecy(id)),
            () => None,
        }
    }
}

impl EncryptedService {
    /// What is weak about it, judged at the time of its last connection; in order.
    pub fn weaknesses(&self) -> Vec<Weakness> {
        let is_old = |v: &TlsVersion| match *v {
            TlsVersion::TLCP => false,
            v => v < TlsVersion::TLS12 || v == TlsVersion::DTLS10,
        };
        let old = self.versions.keys().filter(|v| is_old(v)).map(|v| Weakness::OldVersion(*v));
        let suites = self.suites.keys().filter_map(|s| Weakness::of_suite(*s));
        let mut all: Vec<Weakness> = old.chain(suites).collect();
        if let Some(c) = &self.certificate {
            self.weak_certificate(c, &mut all);
        }
        all.sort();
        all
    }

    fn weak_certificate(&self, c: &Certificate, all: &mut Vec<Weakness>) {
        let now = i64::try_from(self.last_seen.nanos() / 1_000_000_000).unwrap_or(i64::MAX);
        let signature = c.signature.to_ascii_lowercase();
        let validity = match () {
            () if now > c.not_after => Some(Weakness::Expired),
            () if now < c.not_before => Some(Weakness::NotYetValid),
            () if c.not_after - now < RENEWAL_DAYS * 86_400 => Some(Weakness::EndsSoon),
            () => None,
        };
        all.extend(validity);
        let tests = [
            (&*c.key == "RSA" && (1..2_048).contains(&c.bits), Weakness::ShortKey(c.bits)),
            (signature.contains("sha1") || signature.contains("md5"), Weakness::WeakSignature),
            (c.self_signed, Weakness::SelfSigned),
            (!self.name.is_empty() && !c.is_for(&self.name), Weakness::OtherName),
        ];
        all.extend(tests.into_iter().filter(|(weak, _)| *weak).map(|(_, weakness)| weakness));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use weir_exchange::{CommunityId, FlowRef};

    fn connection(tls: TlsFacts, reading: Reading) -> Connection {
        let end = |port| Endpoint { ip: [192, 0, 2, 1].into(), port };
        let time = Timestamp::from_secs_nanos(1_800_000_000, 0);
        let flow = FlowRef {
            community_id: CommunityId([1; 20]),
            client: end(40_000),
            server: end(443),
            vlan: None,
            vni: None,
            started: time,
        };
        Connection { time, emitted: time, flow, shown: Shown::Tls(Arc::new(tls)), reading }
    }

    fn service(tls: &TlsFacts) -> EncryptedService {
        let c = connection(tls.clone(), Reading::NoKey);
        let mut service = EncryptedService::new(&c);
        service.add(&c);
        service
    }

    fn sound() -> TlsFacts {
        let certificate = Certificate {
            names: vec!["a.cn".into()],
            not_before: 1_700_000_000,
            not_after: 1_900_000_000,
            key: "RSA".into(),
            bits: 2_048,
            signature: "sha256WithRSAEncryption".into(),
            ..Certificate::default()
        };
        TlsFacts {
            version: Some(TlsVersion::TLS12),
            suite: Some(0xc02f),
            server_name: "a.cn".into(),
            certificate: Some(Box::new(certificate)),
            ..TlsFacts::default()
        }
    }

    #[test]
    fn a_sound_service_has_no_weakness() {
        assert_eq!(service(&sound()).weaknesses(), []);
    }

    #[test]
    fn each_weakness_is_told_by_itself() {
        let with = |change: &dyn Fn(&mut TlsFacts)| {
            let mut facts = sound();
            change(&mut facts);
            service(&facts).weaknesses()
        };
        let certified =
            |change: &dyn Fn(&mut Certificate)| with(&|f| f.certificate.iter_mut().for_each(|c| change(c)));
        assert_eq!(
            with(&|f| f.version = Some(TlsVersion(0x0302))),
            [Weakness::OldVersion(TlsVersion(0x0302))]
        );
        assert_eq!(with(&|f| f.version = Some(TlsVersion::TLCP)), [], "it counts its versions by itself");
        assert_eq!(with(&|f| f.suite = Some(0x0005)), [Weakness::BrokenSuite(0x0005)]);
        assert_eq!(with(&|f| f.suite = Some(0x009c)), [Weakness::NoForwardSecrecy(0x009c)]);
        assert_eq!(with(&|f| f.server_name = "b.cn".into()), [Weakness::OtherName]);
        assert_eq!(certified(&|c| c.bits = 1_024), [Weakness::ShortKey(1_024)]);
        assert_eq!(certified(&|c| c.signature = "sha1WithRSAEncryption".into()), [Weakness::WeakSignature]);
        assert_eq!(certified(&|c| c.self_signed = true), [Weakness::SelfSigned]);
        assert_eq!(certified(&|c| c.not_after = 1_799_999_999), [Weakness::Expired]);
        assert_eq!(certified(&|c| c.not_after = 1_800_000_000 + 29 * 86_400), [Weakness::EndsSoon]);
        assert_eq!(certified(&|c| c.not_after = 1_800_000_000 + 30 * 86_400), []);
        assert_eq!(certified(&|c| c.not_before = 1_800_000_001), [Weakness::NotYetValid]);
    }

    #[test]
    fn what_is_kept_is_bounded_and_counted() {
        let mut s = service(&sound());
        for n in 0..100 {
            let facts = TlsFacts { ja4: format!("t{n}").into(), ..sound() };
            s.add(&connection(facts, if n % 2 == 0 { Reading::Decrypted } else { Reading::NoKey }));
        }
        assert_eq!((s.clients.len(), s.connections()), (KEPT, 101));
        assert_eq!(s.unread().collect::<Vec<_>>(), [(Reading::NoKey, 51)]);
    }
}
