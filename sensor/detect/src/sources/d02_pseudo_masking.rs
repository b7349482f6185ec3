//! D02 Pseudo masking (伪脱敏、前端脱敏).

use crate::sighting::{Sighting, both};
use crate::single::Single;
use crate::{Thresholds, facts};
use weir_exchange::{DataItem, Form, Part};
use weir_model::{Card, Finding, Group, Handling, Known, Observation, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "D02",
    zh: "伪脱敏、前端脱敏",
    en: "pseudo masking in the client",
    group: Group::Disclosure,
    severity: Severity::High,
    risks: &[RiskType(1)],
    measures: &[Handling(5)],
    owasp: "API3:2023 CWE-213 CWE-602",
    basis: "CAICT 3.2.3, 4(2)3, 5.1",
    how_zh: "同一响应中，同一类个人信息（2 级以上）既有脱敏字段又有明文字段，两者值数相同，且脱敏样例可读的字符与明文样例在相同位置一致（至少 3 个位置可比）：即脱敏值旁带着原值，由前端选择显示。按接口汇总，4 级升一级，仅内部访问降一级。值数不同、样例不一致（不同的人）、本人记录不报。",
    how_en: "One reply holds a type of personal data (grade 2 or above) both in a masked field and in one in clear, as many values of either, and what the masked sample shows agrees with the sample of the clear one at the same places (3 places at least): the value is beside its mask, and the client chooses what to show. One finding an interface, one step more serious for grade 4, one less where the caller is internal. Unequal numbers, samples that differ (other persons) and own records are not reported.",
};

/// Characters that a mask is written with, in samples.
const MASKS: &[char] = &['*', '＊', '•', '●', '×', '某'];
/// Places at which samples must be seen to agree.
const PLACES: usize = 3;

/// Identifies D02.
pub(super) fn detector(_: &Thresholds) -> Single {
    Single::new(&CARD, judge)
}

fn judge(seen: &Observation<'_>, known: &Known<'_>) -> Option<Finding> {
    if seen.exchange.data.len() < 2 || !facts::succeeded(seen) || facts::own_record(seen, known) {
        return None;
    }
    let of_body = |d: &&(&DataItem, _)| d.0.place.response && d.0.place.part == Part::Body;
    let items: Vec<_> =
        facts::data(seen).filter(|(_, t)| facts::tells_of_person(t) && t.level >= 2).collect();
    let masked = items.iter().filter(of_body).filter(|(d, _)| d.form == Form::Masked);
    let pairs = masked.filter_map(|(m, t)| {
        let clear = items.iter().filter(of_body).map(|(d, _)| *d);
        let beside = |d: &&DataItem| {
            d.form.is_clear() && d.data_type == m.data_type && d.count == m.count && d.path != m.path
        };
        let clear = clear.filter(beside).find(|d| agree(&m.sample, &d.sample))?;
        Some((*m, clear, *t))
    });
    let (masked, clear, data_type) = pairs.max_by_key(|(_, c, _)| c.level)?;
    let place = facts::place(seen, known);
    let sighting = Sighting::of(&CARD, seen).rests_on(clear).weigh_level(data_type.level);
    Some(sighting.weigh_exposure(known).say(
        both(
            format!("{place} 在脱敏的{}旁带着原值", data_type.zh),
            format!("{place} gives {} in clear beside its mask", data_type.en),
        ),
        both(
            format!(
                "字段 {}（脱敏，如 {}）与 {}（明文）各 {} 个",
                masked.path, masked.sample, clear.path, clear.count
            ),
            format!(
                "{} of field {} (masked, such as {}) and of {} (in clear)",
                clear.count, masked.path, masked.sample, clear.path
            ),
        ),
    ))
}

/// Whether two samples, whose hidden characters are marks, show the same characters wherever both show any.
fn agree(a: &str, b: &str) -> bool {
    let same = |a: &mut dyn Iterator<Item = char>, b: &mut dyn Iterator<Item = char>| {
        let mut alike = 0;
        for (a, b) in a.zip(b).filter(|(a, b)| !MASKS.contains(a) && !MASKS.contains(b)) {
            if a != b {
                return None;
            }
            alike += 1;
        }
        Some(alike)
    };
    if a.chars().count() != b.chars().count() {
        return false;
    }
    same(&mut a.chars(), &mut b.chars()).is_some_and(|alike| alike >= PLACES)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_model::Findings;

    fn pair(masked: (&str, u32), clear: (&str, u32)) -> Findings {
        let mut c = call("GET", "/c").by(100).item("cn_mobile", true, Part::Body, Form::Masked, 1, masked.1);
        c = c.gives("cn_mobile", 9, clear.1);
        c.exchange.data[0].sample = masked.0.into();
        (c.exchange.data[1].sample, c.exchange.data[1].path) = (clear.0.into(), "data[].raw".into());
        World::new().found(&mut detector(&Thresholds::default()), [c])
    }

    #[test]
    fn reports_a_value_beside_its_mask() {
        let f = pair(("138****5678", 20), ("138*****678", 20));
        assert_eq!((f.len(), f[0].severity), (1, Severity::High));
        assert!(f[0].evidence.note.en.contains("data[].raw (in clear)"), "{}", f[0].evidence.note.en);
    }

    #[test]
    fn leaves_others_values_alone() {
        assert!(pair(("138****5678", 20), ("138*****678", 19)).is_empty(), "not one each");
        assert!(pair(("138****5678", 1), ("139*****678", 1)).is_empty(), "somebody else's");
        assert!(pair(("1*********8", 1), ("1*********8", 1)).is_empty(), "two places tell nothing");
        assert!(pair(("138****567", 1), ("138*****678", 1)).is_empty(), "another length");
    }
}
