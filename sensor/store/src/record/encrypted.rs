//! `encrypted.jsonl`: encrypted services and those that are not read, and how much of them could be read.

use super::{EndpointRecord, VERSION};
use serde::Serialize;
use std::collections::BTreeMap;
use weir_exchange::{Certificate, Reading, SshFacts, suite_name};
use weir_model::{EncryptedService, Weakness};
use weir_wire::Timestamp;

/// An encrypted service, or one that is not read (加密或未解析的服务), as one line of `encrypted.jsonl`. Order: first seen, then address, protocol and name.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct EncryptedRecord {
    /// Version of the record.
    pub v: u32,
    /// Who answers.
    pub server: EndpointRecord,
    /// What it speaks: `tls`, `ssh`, `quic`, `dtls`, or a protocol that is known by name and not read (`smtp`, `ldap`, `smb`, `nfs`, `rpc`,
    /// `dns`, `mongodb`, `kafka`, `dubbo`, `thrift`, `tftp`).
    pub kind: &'static str,
    /// Name asked for (SNI); empty where none is.
    pub name: String,
    /// Names that clients looked up (DNS) and that stood for the server's address, at most 8.
    pub looked_up: Vec<String>,
    /// First connection.
    pub first_seen: String,
    /// Last connection.
    pub last_seen: String,
    /// Connections.
    pub connections: u64,
    /// Of those, decrypted.
    pub decrypted: u64,
    /// Of those, not decrypted, by reason: `no key`, `resumed without ticket`, `suite unsupported`, `handshake not seen`,
    /// `key does not fit`, `handshake unfinished`, `protocol not read`.
    pub unread: BTreeMap<String, u64>,
    /// Connections by version chosen.
    pub versions: BTreeMap<String, u64>,
    /// Connections by QUIC's own version (`1`, `2`); empty of other services.
    pub quic_versions: BTreeMap<String, u64>,
    /// Connections by suite chosen.
    pub suites: BTreeMap<String, u64>,
    /// Connections by application protocol chosen (ALPN), where seen.
    pub protocols: BTreeMap<String, u64>,
    /// Connections by JA4 of the client, at most 32.
    pub clients: BTreeMap<String, u64>,
    /// Connections in which the client showed a certificate.
    pub client_certificates: u64,
    /// Connections that resumed an earlier one.
    pub resumed: u64,
    /// Connections whose hello offered to be encrypted (ECH).
    pub hidden_names: u64,
    /// The certificate last seen; `null` where none was.
    pub certificate: Option<CertificateRecord>,
    /// The certificate for encryption last seen (TLCP); `null` where there is none.
    pub encryption_certificate: Option<CertificateRecord>,
    /// How often another certificate came than before.
    pub certificate_changes: u64,
    /// The opening of SSH last seen; `null` of other services.
    pub ssh: Option<SshRecord>,
    /// How often another host key of SSH came than before.
    pub host_key_changes: u64,
    /// What is weak (risk source V23).
    pub weaknesses: Vec<String>,
}

/// The opening of SSH; texts are empty where it was not seen.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct SshRecord {
    /// Version line of the client.
    pub client: String,
    /// Version line of the server.
    pub server: String,
    /// Method of key exchange chosen.
    pub key_exchange: String,
    /// Algorithm of the host key chosen.
    pub host_key: String,
    /// Cipher chosen, from the client to the server.
    pub cipher: String,
    /// MAC chosen, from the client to the server.
    pub mac: String,
    /// Fingerprint of the host key (`SHA256:...`).
    pub fingerprint: String,
}

/// A certificate (证书). Nothing of it is verified.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct CertificateRecord {
    /// Subject (RFC 4514).
    pub subject: String,
    /// Names and addresses that it is for.
    pub names: Vec<String>,
    /// Issuer.
    pub issuer: String,
    /// Valid from.
    pub not_before: String,
    /// Valid until.
    pub not_after: String,
    /// Kind of key.
    pub key: String,
    /// Its bits; 0 where unknown.
    pub bits: u32,
    /// Algorithm of the signature.
    pub signature: String,
    /// Whether issuer and subject are the same.
    pub self_signed: bool,
    /// Certificates sent with it, itself included.
    pub chain: u8,
}

impl EncryptedRecord {
    pub(crate) fn new(s: &EncryptedService) -> Self {
        let counts =
            |all: &BTreeMap<weir_exchange::Text, u64>| all.iter().map(|(k, n)| (k.to_string(), *n)).collect();
        let suite = |id: &u16| suite_name(*id).map_or_else(|| format!("{id:#06x}"), str::to_owned);
        EncryptedRecord {
            v: VERSION,
            server: s.server.into(),
            kind: s.kind.key(),
            name: s.name.to_string(),
            looked_up: s.looked_up.iter().map(ToString::to_string).collect(),
            first_seen: s.first_seen.to_string(),
            last_seen: s.last_seen.to_string(),
            connections: s.connections(),
            decrypted: s.readings[Reading::Decrypted as usize],
            unread: s.unread().map(|(r, n)| (r.key().to_owned(), n)).collect(),
            versions: s.versions.iter().map(|(v, n)| (v.name().to_string(), *n)).collect(),
            quic_versions: s.quic_versions.iter().map(|(v, n)| (quic_version(*v), *n)).collect(),
            suites: s.suites.iter().map(|(id, n)| (suite(id), *n)).collect(),
            protocols: counts(&s.protocols),
            clients: counts(&s.clients),
            client_certificates: s.client_certificates,
            resumed: s.resumed,
            hidden_names: s.hidden_names,
            certificate: s.certificate.as_ref().map(|c| CertificateRecord::new(c, s.chain)),
            encryption_certificate: s
                .encryption_certificate
                .as_ref()
                .map(|c| CertificateRecord::new(c, s.chain)),
            certificate_changes: s.certificate_changes,
            ssh: s.ssh.as_ref().map(SshRecord::new),
            host_key_changes: s.host_key_changes,
            weaknesses: s.weaknesses().iter().map(Weakness::key).map(str::to_owned).collect(),
        }
    }

    /// Of every service known, in order.
    pub(crate) fn all(services: &[EncryptedService]) -> Vec<EncryptedRecord> {
        let mut services: Vec<&EncryptedService> = services.iter().collect();
        services.sort_by_key(|s| (s.first_seen, s.server, s.kind, &s.name));
        services.into_iter().map(EncryptedRecord::new).collect()
    }
}

/// Version 2 has a number of its own (RFC 9369, 3.1).
fn quic_version(number: u32) -> String {
    match number {
        0x6b33_43cf => "2".to_owned(),
        n => n.to_string(),
    }
}

impl SshRecord {
    fn new(s: &SshFacts) -> Self {
        SshRecord {
            client: s.client.to_string(),
            server: s.server.to_string(),
            key_exchange: s.key_exchange.to_string(),
            host_key: s.host_key.to_string(),
            cipher: s.cipher.to_string(),
            mac: s.mac.to_string(),
            fingerprint: s.fingerprint.to_string(),
        }
    }
}

impl CertificateRecord {
    fn new(c: &Certificate, chain: u8) -> Self {
        let time = |s: i64| {
            let seconds = u64::try_from(s).unwrap_or(0);
            Timestamp::from_nanos(seconds.saturating_mul(1_000_000_000)).to_string()
        };
        CertificateRecord {
            subject: c.subject.to_string(),
            names: c.names.iter().map(ToString::to_string).collect(),
            issuer: c.issuer.to_string(),
            not_before: time(c.not_before),
            not_after: time(c.not_after),
            key: c.key.to_string(),
            bits: c.bits,
            signature: c.signature.to_string(),
            self_signed: c.self_signed,
            chain,
        }
    }
}
