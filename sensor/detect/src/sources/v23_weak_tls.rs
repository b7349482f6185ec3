//! V23 Weak TLS or certificate (加密协议与证书缺陷).

use crate::detector::Connected;
use crate::sighting::both;
use crate::{Detector, Seen, Thresholds};
use weir_model::{
    Card, Evidence, Finding, FindingKey, Findings, Group, Handling, Known, RiskType, Severity, Summary,
    Weakness,
};

pub(super) static CARD: Card = Card {
    id: "V23",
    zh: "TLS/TLCP 与证书缺陷",
    en: "weak TLS or certificate",
    group: Group::Vulnerability,
    severity: Severity::Medium,
    risks: &[RiskType(1)],
    measures: &[Handling(4)],
    owasp: "API8:2023 CWE-326 CWE-327 CWE-295 CWE-298",
    basis: "GB/T 46796-2025 7.1 a 3; RFC 8996; RFC 9325",
    how_zh: "由握手判定，无需密钥：服务端选定 TLS 1.2 以下版本或不安全套件（NULL、匿名、EXPORT、RC4、DES、3DES）为高；RSA 密钥交换（无前向保密）、RSA 密钥不足 2048 位、MD5 或 SHA-1 签名、自签名、过期、尚未生效、与访问的域名不符为中；30 日内到期为低。每站点一条，列出全部缺陷。TLS 1.3 的证书仅在有密钥时可见。是否被信任不作判断：本系统不持有信任库。",
    how_en: "Judged by the handshake, without any key. High: the server chose a version before TLS 1.2 or an insecure suite (NULL, anonymous, EXPORT, RC4, DES, 3DES). Medium: RSA key exchange (no forward secrecy), an RSA key below 2,048 bits, a signature over MD5 or SHA-1, a certificate that is self-signed, expired, not yet valid or not for the name asked for. Low: it ends within 30 days. One finding a site, naming all. Certificates of TLS 1.3 show only where there are keys. Whether a certificate is trusted is not judged: the sensor holds no trust store.",
};

/// Identifies V23; what it judges is kept by the inventory.
pub(super) struct Source;

impl Source {
    pub fn new(_: &Thresholds) -> Self {
        Source
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn inspect(&mut self, _: &Seen<'_>, _: &Known<'_>, _: &mut Findings) {}

    fn connection(&mut self, seen: &Connected<'_>, known: &Known<'_>, out: &mut Findings) {
        let weak = seen.service.weaknesses();
        let Some(severity) = weak.iter().map(severity).max() else { return };
        let told: Vec<Summary> = weak.iter().map(Weakness::told).collect();
        let zh: Vec<&str> = told.iter().map(|s| &*s.zh).collect();
        let en: Vec<&str> = told.iter().map(|s| &*s.en).collect();
        let host = known.site(seen.site).map_or("", |s| &s.host);
        let c = seen.connection;
        let version = c.tls().and_then(|t| t.version).map(|v| v.name()).unwrap_or_default();
        out.push(Finding {
            key: FindingKey { id: CARD.id, site: seen.site, interface: None, caller: None, account: None },
            time: c.time,
            severity,
            summary: both(
                format!("站点 {host} 的加密通信存在缺陷：{}", zh.join("；")),
                format!("weak encryption at site {host}: {}", en.join("; ")),
            ),
            evidence: Evidence {
                time: c.time,
                flow: c.flow.community_id.to_string().into(),
                number: 0,
                note: both(
                    format!("{version} 握手，服务端 {}", c.flow.server),
                    format!("{version} handshake of {}", c.flow.server),
                ),
            },
            basis: None,
            effect: None,
        });
    }
}

const fn severity(weakness: &Weakness) -> Severity {
    match weakness {
        Weakness::OldVersion(_) | Weakness::BrokenSuite(_) => Severity::High,
        Weakness::EndsSoon => Severity::Low,
        _ => Severity::Medium,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::World;
    use std::sync::Arc;
    use weir_exchange::{Certificate, Connection, Reading, Shown, TlsFacts, TlsVersion, sample};
    use weir_model::{EncryptedService, SiteId};

    fn found(tls: TlsFacts) -> Findings {
        let flow = sample::Call::get("/").build().flow;
        let connection = Connection {
            time: flow.started,
            emitted: flow.started,
            flow,
            shown: Shown::Tls(Arc::new(tls)),
            reading: Reading::NoKey,
        };
        let mut service = EncryptedService::new(&connection);
        service.add(&connection);
        let seen = Connected { connection: &connection, service: &service, site: SiteId(0) };
        let mut out = Findings::new();
        Source.connection(&seen, &World::new().known(), &mut out);
        out
    }

    fn of(version: TlsVersion, self_signed: bool) -> TlsFacts {
        let certificate = Certificate {
            not_after: i64::MAX / 2,
            self_signed,
            names: vec!["a".into()],
            ..Certificate::default()
        };
        TlsFacts { version: Some(version), certificate: Some(Box::new(certificate)), ..TlsFacts::default() }
    }

    #[test]
    fn names_every_weakness_once_a_site() {
        let f = found(of(TlsVersion::TLS10, true));
        assert_eq!((f.len(), f[0].severity, f[0].key.interface), (1, Severity::High, None));
        assert!(f[0].summary.en.contains("TLS 1.0 in use") && f[0].summary.en.contains("self-signed"));
        assert_eq!(found(of(TlsVersion::TLS12, true))[0].severity, Severity::Medium);
    }

    #[test]
    fn leaves_sound_services_alone() {
        assert!(found(of(TlsVersion::TLS12, false)).is_empty());
    }
}
