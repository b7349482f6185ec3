//! D13 Sensitive data in URL (敏感信息进入 URL、缓存、日志).

use crate::sighting::{Sighting, both};
use crate::{Detector, Seen, Thresholds, facts};
use weir_exchange::{DataItem, DataType, Part};
use weir_model::{Card, Findings, Group, Handling, Known, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "D13",
    zh: "敏感信息进入 URL、缓存、日志",
    en: "sensitive data in URL, cache or log",
    group: Group::Disclosure,
    severity: Severity::Medium,
    risks: &[RiskType(1)],
    measures: &[Handling(14), Handling(15)],
    owasp: "API8:2023 CWE-598 CWE-524 CWE-532",
    basis: "CAICT 3.2.3",
    how_zh: "个人信息（2 级以上，明文，置信度 60 以上）出现在请求路径、查询串或 Referer 中，会进入各级日志与缓存；按接口汇总。网络地址、设备地址、用户名与用户编号不报，口令与令牌属 V06；应答表明接口不存在的请求不报。仅 2 级降一级，4 级升一级，仅内部访问降一级。",
    how_en: "Personal data (grade 2 or above, in clear, confidence 60 or above) in path, query or Referer, from where it enters logs and caches; one finding an interface. Network and device addresses, user names and user ids are not reported, passwords and tokens are V06, nor are requests answered as not there. One step less serious for grade 2 alone, one more for grade 4, one less where the caller is internal.",
};

/// Least confidence in a value.
const CONFIDENT: u8 = 60;
/// Personal, but what URLs are made of.
const USUAL: &[&str] = &["ad_id", "android_id"];

/// Identifies D13.
pub(super) struct Source {
    level: u8,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source { level: u8::try_from(thresholds.d13_level).unwrap_or(u8::MAX) }
    }

    fn exposed(&self, item: &DataItem, data_type: &DataType) -> bool {
        let referer = item.place.part == Part::Header && item.path.eq_ignore_ascii_case("referer");
        !item.place.response
            && (matches!(item.place.part, Part::Path | Part::Query) || referer)
            && item.form.is_clear()
            && item.level >= self.level
            && item.confidence >= CONFIDENT
            && facts::tells_of_person(data_type)
            && !data_type.secret
            && !USUAL.contains(&&*data_type.id)
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        if facts::nothing_there(seen) {
            return;
        }
        let exposed = facts::data(seen).filter(|(d, t)| self.exposed(d, t));
        let Some((item, data_type)) = exposed.max_by_key(|(d, _)| d.level) else { return };
        let severity = if item.level <= 2 { CARD.severity.lowered() } else { CARD.severity };
        let place = facts::place(seen, known);
        let part = item.place.part.key();
        out.push(
            Sighting::of(&CARD, seen)
                .rests_on(item)
                .severity(severity)
                .weigh_level(item.level)
                .weigh_exposure(known)
                .say(
                    both(
                        format!("{place} 的 URL 中含{}", data_type.zh),
                        format!("{place} takes {} in the URL", data_type.en),
                    ),
                    both(
                        format!("{part} 中 {}：{}（{}）", item.path, data_type.zh, item.sample),
                        format!("{} in the {part}: {} ({})", item.path, data_type.en, item.sample),
                    ),
                ),
        );
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::Form;

    fn found(call: Call) -> Findings {
        World::new().found(&mut Source::new(&Thresholds::default()), [call])
    }
    fn asks(id: &str, part: Part, form: Form) -> Call {
        call("GET", "/s").item(id, false, part, form, 1, 1)
    }

    #[test]
    fn reports_personal_data_in_urls_by_grade() {
        assert_eq!(found(asks("cn_id18", Part::Query, Form::Plain))[0].severity, Severity::Medium);
        assert_eq!(found(asks("cn_mobile", Part::Path, Form::Plain))[0].severity, Severity::Low);
        assert_eq!(found(asks("email", Part::Query, Form::Plain).by(100))[0].severity, Severity::Low);
        let mut referer = asks("cn_mobile", Part::Header, Form::Plain);
        referer.exchange.data[0].path = "Referer".into();
        assert_eq!(found(referer).len(), 1);
    }

    #[test]
    fn leaves_bodies_digests_addresses_and_doubtful_values_alone() {
        assert!(found(asks("cn_id18", Part::Body, Form::Plain)).is_empty());
        assert!(found(asks("cn_id18", Part::Query, Form::Hashed)).is_empty());
        assert!(found(asks("ipv4", Part::Query, Form::Plain)).is_empty());
        assert!(found(asks("cn_id18", Part::Query, Form::Plain).status(404)).is_empty());
        let mut doubtful = asks("cn_id18", Part::Query, Form::Plain);
        doubtful.exchange.data[0].confidence = 59;
        assert!(found(doubtful).is_empty());
    }
}
