//! C29 Outbound sensitive data (敏感数据外发).

use crate::sighting::{Sighting, both};
use crate::{Detector, Seen, Thresholds, facts, internal};
use weir_exchange::Effect;
use weir_model::{Card, Findings, Group, Handling, Known, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "C29",
    zh: "敏感数据外发",
    en: "outbound sensitive data",
    group: Group::AbnormalCall,
    severity: Severity::High,
    risks: &[RiskType(1), RiskType(10)],
    measures: &[Handling(12), Handling(18), Handling(19)],
    owasp: "API10:2023 CWE-200",
    basis: "CAICT 4(2)2, 5.1",
    how_zh: "内部地址向公网地址的接口发出的一个请求（含文件上传）中，有 100 条以上 2 级以上明文个人信息，且被接受（2xx）；按站点和调用方汇总，1,000 条以上升一级。经加密而未解密的外发看不到；少量、分散的外发不报；已登记的对外接口请以处置决定忽略。",
    how_en: "One request from an internal address to an interface at a public address (uploads too) holds 100 or more records of personal data of grade 2 or above in clear and is accepted with 2xx. One finding a site and caller, one step more serious from 1,000 on. What leaves encrypted and is not decrypted is not seen; little by little is not reported; ignore registered recipients by a decision.",
};

/// Records from which it is one step more serious.
const MANY: u32 = 1_000;

/// Identifies C29.
pub(super) struct Source {
    records: u64,
}

impl Source {
    pub(super) const fn new(thresholds: &Thresholds) -> Self {
        Source { records: thresholds.c29_records }
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let flow = &seen.exchange.flow;
        if seen.exchange.data.is_empty() || !internal(flow.client.ip) || internal(flow.server.ip) {
            return;
        }
        let sent = facts::data(seen).filter(|(d, t)| {
            !d.place.response && d.form.is_clear() && d.level >= 2 && facts::tells_of_person(t)
        });
        let Some((item, data_type)) = sent.max_by_key(|(d, _)| d.count) else { return };
        if u64::from(item.count) < self.records || !facts::succeeded(seen) {
            return;
        }
        let (host, place, n) =
            (known.site(seen.site).map_or("", |s| &s.host), facts::place(seen, known), item.count);
        let severity = if n >= MANY { CARD.severity.raised() } else { CARD.severity };
        let sighting = Sighting::of(&CARD, seen).of_site().by_caller().severity(severity);
        out.push(sighting.shows(Effect::Disclosed, true).say(
            both(format!("个人信息被发往外部 {host}"), format!("personal data are sent to {host} outside")),
            both(
                format!("{place} 请求字段 {}：{} {n} 个，如 {}", item.path, data_type.zh, item.sample),
                format!(
                    "{place}, request field {}: {n} of {}, such as {}",
                    item.path, data_type.en, item.sample
                ),
            ),
        ));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::{Form, Part};

    #[test]
    fn reports_a_hundred_records_that_leave() {
        let found = |server: [u8; 4], n: u32, status: u16| {
            let mut c =
                call("POST", "/up").item("cn_mobile", false, Part::Body, Form::Plain, 1, n).status(status);
            c.exchange.flow.server.ip = server.into();
            World::new().found(&mut Source::new(&Thresholds::default()), [c])
        };
        let outside = [93, 184, 216, 34];
        assert_eq!(found(outside, 100, 200)[0].severity, Severity::High);
        assert_eq!(found(outside, 1_000, 200)[0].severity, Severity::Critical);
        assert!(found(outside, 99, 200).is_empty() && found(outside, 100, 403).is_empty());
        assert!(found([10, 0, 1, 1], 100, 200).is_empty());
    }
}
