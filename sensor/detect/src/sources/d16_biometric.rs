//! D16 Biometric data disclosed (生物识别信息披露).

use crate::sighting::{Sighting, both};
use crate::single::Single;
use crate::{Thresholds, facts};
use weir_model::{Card, Finding, Group, Handling, Known, Observation, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "D16",
    zh: "生物识别与证件影像披露",
    en: "biometric or identity image disclosed",
    group: Group::Disclosure,
    severity: Severity::High,
    risks: &[RiskType(1)],
    measures: &[Handling(5), Handling(8)],
    owasp: "API3:2023 CWE-359",
    basis: "PIPL 28; GB/T 40660-2021; GB/T 41819-2022",
    how_zh: "成功响应正文以明文给出人脸特征、指纹模板、声纹、虹膜或基因数据；按接口汇总，仅内部访问降一级。证件照片与人脸照片只以字段名与图像特征认出时不区分是否证件，暂不报。本人记录也报：模板不应离开服务端。",
    how_en: "The body of a good reply gives face features, fingerprint templates, voice prints, iris codes or genetic data in clear; one finding an interface, one step less serious where the caller is internal. Photographs of faces and papers are not told from other images and not reported yet. Own records count: a template should never leave the server.",
};

/// Types of the catalogue that are biometric.
const TYPES: &[&str] = &["face_vector", "fingerprint_tpl", "genetic", "iris", "voiceprint"];

/// Identifies D16.
pub(super) fn detector(_: &Thresholds) -> Single {
    Single::new(&CARD, judge)
}

fn judge(seen: &Observation<'_>, known: &Known<'_>) -> Option<Finding> {
    if seen.exchange.data.is_empty() || !facts::succeeded(seen) {
        return None;
    }
    let (item, data_type) = facts::given_out(seen).find(|(_, t)| TYPES.contains(&&*t.id))?;
    let (place, n) = (facts::place(seen, known), item.count);
    Some(Sighting::of(&CARD, seen).rests_on(item).weigh_exposure(known).say(
        both(format!("{place} 给出{}", data_type.zh), format!("{place} gives out {}", data_type.en)),
        both(
            format!("响应字段 {}：{} {n} 个", item.path, data_type.zh),
            format!("response field {}: {n} of {}", item.path, data_type.en),
        ),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    #[test]
    fn reports_templates_and_nothing_else() {
        let find = |c: Call| World::new().found(&mut detector(&Thresholds::default()), [c.by(100)]);
        assert_eq!(find(call("GET", "/f").gives("face_vector", 1, 1))[0].severity, Severity::High);
        assert!(find(call("GET", "/f").gives("cn_id18", 1, 1)).is_empty());
        assert!(find(call("GET", "/f").gives("face_vector", 1, 1).status(500)).is_empty());
    }
}
