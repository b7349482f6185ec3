//! V22 Clear-text protocol (通信未加密).

use crate::sighting::{Sighting, both};
use crate::single::Single;
use crate::{Thresholds, facts};
use weir_exchange::{DataItem, MediaKind, Part};
use weir_model::{Card, Finding, Group, Handling, Known, Observation, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "V22",
    zh: "通信未加密",
    en: "clear-text protocol",
    group: Group::Vulnerability,
    severity: Severity::High,
    risks: &[RiskType(1), RiskType(2)],
    measures: &[Handling(4)],
    owasp: "API8:2023 CWE-319",
    basis: "GB/T 46796-2025 7.1 c 1; CAICT 3.1.2, 5.3; GB/T 45577 接口 d",
    how_zh: "以 HTTP、FTP、数据库或消息协议明文传输登录、凭证或 2 级以上数据的站点，每站点一条，计次数；仅有提交的业务数据（JSON、XML、表单正文被接受）为低。只有公开内容（静态页面、页面上的 2 级联系方式、1 级数据）且无凭证的 HTTP 站点不报。仅内部访问降一级。",
    how_en: "A site that carries logins, credentials or data of grade 2 or above over plain HTTP, FTP, or a database or message protocol: one finding a site, with the number of calls; low where data are merely submitted (an accepted body of JSON, XML or form fields). Plain HTTP with public content alone (pages, contacts of grade 2 on them, grade 1) and no credential is not reported. One step less serious where callers are internal.",
};

/// Identifies V22.
pub(super) fn detector(_: &Thresholds) -> Single {
    Single::new(&CARD, judge)
}

fn judge(seen: &Observation<'_>, known: &Known<'_>) -> Option<Finding> {
    if !seen.exchange.scheme.is_clear() || facts::nothing_there(seen) {
        return None;
    }
    let login = facts::request(seen).is_some_and(|r| r.login.is_some());
    let issued = facts::response(seen).is_some_and(|r| !r.issued.is_empty());
    let worst = seen.exchange.data.iter().filter(|d| not_public(seen, d)).max_by_key(|d| d.level);
    let (severity, zh, en) = match worst {
        _ if login => (CARD.severity, "登录口令".to_owned(), "a login".to_owned()),
        Some(d) => {
            let data_type = seen.catalogue.data_type(d.data_type);
            let (zh, en) = data_type.map_or(("数据", "data"), |t| (&*t.zh, &*t.en));
            let level = d.level;
            (CARD.severity, format!("{zh}（{level} 级）"), format!("{en} (grade {level})"))
        }
        None if seen.authenticated || issued => {
            (CARD.severity, "访问凭证".to_owned(), "a credential".to_owned())
        }
        None if submits(seen) => (Severity::Low, "提交的业务数据".to_owned(), "submitted data".to_owned()),
        None => return None,
    };
    let place = facts::place(seen, known);
    let protocol = seen.exchange.scheme.key().to_uppercase();
    let host = known.site(seen.site).map_or("", |s| &s.host);
    Some(Sighting::of(&CARD, seen).of_site().severity(severity).weigh_exposure(known).say(
        both(
            format!("站点 {host} 以明文 {protocol} 传输登录、凭证或业务数据"),
            format!("site {host} carries logins, credentials or business data over plain {protocol}"),
        ),
        both(format!("{place} 明文传输{zh}"), format!("{place} carries {en} in clear")),
    ))
}

/// Whether a call hands data to a program and is accepted: what it says can be read and changed on the way.
fn submits(seen: &Observation<'_>) -> bool {
    let Some(request) = facts::request(seen) else { return false };
    let structured = matches!(
        request.body.kind,
        MediaKind::Json | MediaKind::Xml | MediaKind::Form | MediaKind::Multipart
    );
    structured && facts::succeeded(seen) && !matches!(&*request.method, "GET" | "HEAD" | "OPTIONS")
}

/// Data of grade 3 anywhere; of grade 2 in the URL or in bodies that programs read, as pages for people name contacts.
fn not_public(seen: &Observation<'_>, item: &DataItem) -> bool {
    let body = match item.place.response {
        true => facts::response(seen).map(|r| r.body.kind),
        false => facts::request(seen).map(|r| r.body.kind),
    };
    let for_people =
        matches!(body, None | Some(MediaKind::Html | MediaKind::Script | MediaKind::Text | MediaKind::None));
    match item.level {
        0 | 1 => false,
        2 => match item.place.part {
            Part::Path | Part::Query | Part::Cookie => true,
            Part::Header => false,
            Part::Body => !for_people,
        },
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_model::{Findings, LoginOutcome};

    fn found(call: Call) -> Findings {
        World::new().found(&mut detector(&Thresholds::default()), [call])
    }

    #[test]
    fn reports_logins_credentials_and_data_in_clear_once_a_site() {
        let login = call("POST", "/l").login("alice", 1, LoginOutcome::Failure);
        for c in [login, call("GET", "/a").signed_in(), call("GET", "/a").gives("email", 1, 1)] {
            let f = found(c);
            assert_eq!((f.len(), f[0].key.interface, f[0].severity), (1, None, Severity::Medium));
        }
        assert_eq!(found(call("GET", "/a").gives("email", 1, 1).by(100))[0].severity, Severity::High);
    }

    #[test]
    fn submitted_data_alone_is_low() {
        let post = || call("POST", "/graphql").req(|r| r.body.kind = MediaKind::Json);
        assert_eq!(found(post().by(100))[0].severity, Severity::Low);
        assert!(found(post().status(400)).is_empty());
    }

    #[test]
    fn leaves_public_content_tls_and_dead_paths_alone() {
        assert!(found(call("GET", "/index.html")).is_empty());
        assert!(found(call("GET", "/contact.html").gives("email", 1, 1).kind(MediaKind::Html)).is_empty());
        assert!(found(call("GET", "/a").gives("cn_id18", 1, 1).https()).is_empty());
        assert!(found(call("POST", "/l").login("alice", 1, LoginOutcome::Unknown).status(404)).is_empty());
    }
}
