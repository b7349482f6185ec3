//! C18 Replay (重放).

use crate::sighting::{Sighting, both};
use crate::signatures::Signatures;
use crate::{Detector, Seen, Thresholds, facts};
use weir_exchange::Effect;
use weir_model::{Card, Findings, Group, Handling, Known, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "C18",
    zh: "重放",
    en: "replay",
    group: Group::AbnormalCall,
    severity: Severity::Medium,
    risks: &[RiskType(6), RiskType(2)],
    measures: &[Handling(13), Handling(12)],
    owasp: "API2:2023 CWE-294",
    basis: "CAICT 3.1.2",
    how_zh: "带签名的请求由另一个地址在 5 分钟窗口之后以同一目标、同一签名值重新发出，2 次以上得到 2xx；按接口和调用方汇总，仅内部访问降一级。同一地址的重发（轮询、重试）属接口的弱点，归 V16；同一出口后的多个客户端视为同一地址。",
    how_en: "A signed request is sent again, with the same target and the same signature, from another address beyond the window of 5 minutes, and is answered 2xx twice or more; one finding an interface and caller, one step less serious where the caller is internal. What the same address sends again (polling, retries) is a weakness of the interface, V16; clients behind one exit are one address.",
};

/// Good answers from which it is no accident.
const TWICE: u32 = 2;

/// Identifies C18.
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
        let Some(times) = again.by_strangers.filter(|n| *n >= TWICE) else { return };
        let (place, seconds) = (facts::place(seen, known), again.seconds);
        let got = facts::records(seen).is_some();
        let sighting = Sighting::of(&CARD, seen).by_caller().shows(Effect::Obtained, got);
        out.push(sighting.weigh_exposure(known).say(
            both(
                format!("他人的签名请求被重放到 {place}"),
                format!("somebody else's signed request is replayed to {place}"),
            ),
            both(
                format!("首次之后 {seconds} 秒由另一地址发出，第 {times} 次得到 2xx"),
                format!(
                    "sent from another address {seconds} s after the first, answered 2xx for time {times}"
                ),
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

    #[test]
    fn reports_the_second_replay_by_another() {
        let signed = |by: u32, at: f64| {
            call("POST", "/pay").by(by).credential(CredentialKind::Signature, Part::Query, "sign").at(at)
        };
        let found = |calls: &[Call]| {
            World::new().found(&mut Source::new(&Thresholds::default()), calls.iter().cloned())
        };
        let (first, once, twice) = (signed(100, 0.0), signed(101, 400.0), signed(101, 401.0));
        assert!(found(&[first.clone(), once.clone()]).is_empty());
        let f = found(&[first.clone(), once, twice]);
        assert_eq!((f.len(), f[0].key.caller.map(|c| c.0)), (1, Some(101)));
        assert!(found(&[first.clone(), signed(100, 400.0), signed(100, 800.0)]).is_empty(), "polling");
        assert!(found(&[first, signed(101, 9.0), signed(101, 10.0)]).is_empty(), "within the window");
    }
}
