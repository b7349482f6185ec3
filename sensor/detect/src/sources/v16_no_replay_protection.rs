//! V16 No replay protection (缺少防重放).

use crate::sighting::{Sighting, both};
use crate::signatures::Signatures;
use crate::{Detector, Seen, Thresholds, facts};
use weir_model::{Card, Findings, Group, Handling, Known, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "V16",
    zh: "缺少防重放",
    en: "no replay protection",
    group: Group::Vulnerability,
    severity: Severity::Medium,
    risks: &[RiskType(2), RiskType(6)],
    measures: &[Handling(13)],
    owasp: "API2:2023 CWE-294",
    basis: "CAICT 3.1.2; GB/T 45577 接口 d",
    how_zh: "带签名的请求（sign、signature 等），同一目标、同一签名值相隔 5 分钟以上再次得到 2xx：签名不随时间戳或随机数变化，截获即可重放；按接口汇总，仅内部访问降一级。5 分钟内的重发（客户端重试）不计；没有签名的写操作是否需要防重放由业务决定，不在此判断。",
    how_en: "A signed request (sign, signature) that is answered 2xx again more than 5 minutes later with the same target and the same signature: it changes with no timestamp and no nonce, so that whoever captures it can use it. One finding an interface, one step less serious where the caller is internal. What is sent again within 5 minutes (a client that retries) does not count; whether writes without a signature need protection is for the business to say and not judged here.",
};

/// Identifies V16.
pub(super) struct Source {
    signed: Signatures,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source { signed: Signatures::new(thresholds.v16_seconds) }
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(signed);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some(again) = self.signed.accepted(seen) else { return };
        let (place, seconds) = (facts::place(seen, known), again.seconds);
        out.push(Sighting::of(&CARD, seen).weigh_exposure(known).say(
            both(format!("{place} 接受重放的签名请求"), format!("{place} accepts signed requests again")),
            both(
                format!("同一签名相隔 {seconds} 秒再次得到 2xx"),
                format!("the same signature was answered 2xx again after {seconds} s"),
            ),
        ));
    }

    fn evicted(&self) -> u64 {
        self.signed.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::{CredentialKind, Part};

    fn signed(target: &str, at: f64) -> Call {
        call("POST", target).by(100).credential(CredentialKind::Signature, Part::Query, "sign").at(at)
    }

    #[test]
    fn reports_a_signature_that_is_good_for_long() {
        let found = |calls: [Call; 2]| World::new().found(&mut Source::new(&Thresholds::default()), calls);
        assert_eq!(found([signed("/pay?a=1", 0.0), signed("/pay?a=1", 301.0)])[0].severity, Severity::Medium);
        assert!(found([signed("/pay?a=1", 0.0), signed("/pay?a=1", 299.0)]).is_empty(), "a retry");
        assert!(found([signed("/pay?a=1", 0.0), signed("/pay?a=2", 301.0)]).is_empty(), "another request");
        assert!(found([signed("/pay?a=1", 0.0), signed("/pay?a=1", 301.0).status(401)]).is_empty());
    }
}
