//! V31 Hard-coded secret (密钥硬编码与泄露).

use crate::sighting::{Sighting, both};
use crate::single::Single;
use crate::{Thresholds, facts};
use weir_exchange::MediaKind;
use weir_model::{Card, Finding, Group, Handling, Known, Observation, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "V31",
    zh: "密钥硬编码与泄露",
    en: "hard-coded secret",
    group: Group::Vulnerability,
    severity: Severity::High,
    risks: &[RiskType(1)],
    measures: &[Handling(10)],
    owasp: "API8:2023 CWE-798 CWE-312",
    basis: "GB/T 45577 接口 b; CAICT 5.3(1)",
    how_zh: "下发给所有人的脚本（JavaScript）中含可直接使用的秘密：云密钥、私钥、数据库连接串、应用密钥；按接口汇总，仅内部访问降一级。仅凭字段名认出的口令、验证码与令牌，以及密钥的编号（不含秘密部分）不报。数据接口响应中的秘密归 D15；安装包（APK）以文件下载时其中的秘密同样归 D15。",
    how_en: "A script (JavaScript) that is handed to everybody holds a secret that opens something by itself: a cloud key, private key, database connection string or application secret; one finding an interface, one step less serious where the caller is internal. Passwords, one-time codes and tokens told by a field's name alone, and ids of keys without their secret, are not reported. Secrets in replies of data interfaces are D15, and so are those in packages that are downloaded.",
};

const CONFIDENT: u8 = 50;
/// Types that scripts name without holding one.
const BY_NAME: &[&str] =
    &["bearer", "jwt", "otp", "password", "password_hash", "security_qa", "session_cookie", "token_key"];

/// Identifies V31.
pub(super) fn detector(_: &Thresholds) -> Single {
    Single::new(&CARD, judge)
}

fn judge(seen: &Observation<'_>, known: &Known<'_>) -> Option<Finding> {
    if facts::response(seen)?.body.kind != MediaKind::Script || !facts::succeeded(seen) {
        return None;
    }
    let (item, data_type) = facts::given_out(seen)
        .find(|(d, t)| t.opens && d.confidence >= CONFIDENT && !BY_NAME.contains(&&*t.id))?;
    let (place, n) = (facts::place(seen, known), item.count);
    Some(Sighting::of(&CARD, seen).weigh_exposure(known).say(
        both(
            format!("脚本 {place} 中硬编码了{}", data_type.zh),
            format!("script {place} holds {} hard-coded", data_type.en),
        ),
        both(
            format!("脚本中有{} {n} 个，如 {}", data_type.zh, item.sample),
            format!("{n} of {} in the script, such as {}", data_type.en, item.sample),
        ),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    #[test]
    fn reports_keys_in_scripts() {
        let found = |c: Call| World::new().found(&mut detector(&Thresholds::default()), [c.by(100)]);
        let script = |id| call("GET", "/app.js").gives(id, 1, 1).kind(MediaKind::Script);
        assert_eq!(found(script("private_key"))[0].severity, Severity::High);
        assert!(found(script("password")).is_empty() && found(script("cn_mobile")).is_empty());
        assert!(found(call("GET", "/c").gives("private_key", 1, 1)).is_empty(), "that is D15");
    }
}
