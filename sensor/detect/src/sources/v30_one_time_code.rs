//! V30 One-time code flaw (验证码接口缺陷).

use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::window::Window;
use crate::{Detector, Meaning, Seen, Thresholds, facts, target};
use std::collections::BTreeSet;
use weir_exchange::ParamValue;
use weir_model::{CallerId, Card, Findings, Group, Handling, InterfaceId, Known, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "V30",
    zh: "验证码接口缺陷",
    en: "one-time code flaw",
    group: Group::Vulnerability,
    severity: Severity::High,
    risks: &[RiskType(5), RiskType(1)],
    measures: &[Handling(7), Handling(14)],
    owasp: "API2:2023 API6:2023 CWE-307 CWE-640",
    basis: "OWASP API Security Top 10 2023, API2",
    how_zh: "同一调用方 5 分钟内向同一接口提交 10 个以上不同的一次性验证码（otp、smsCode、verifyCode、totp、pin 等参数；参数名仅为 code、token 时须路径含 otp、sms、verify、2fa、mfa、验证 等词），且该接口从未以 429、423 拒绝；按接口汇总，仅内部访问降一级。图形验证码、授权码、邮编与国家代码不计；验证码由响应回显、位数过短与短信发送频率尚未判断。",
    how_en: "Within 5 minutes a caller tries 10 or more different one-time codes at one interface (parameters otp, smsCode, verifyCode, totp, pin and the like; code and token alone only where the path says otp, sms, verify, 2fa, mfa), and the interface never answers 429 or 423; one finding an interface, one step less serious where the caller is internal. Captchas, authorisation codes, post codes and country codes do not count; codes shown by replies, short codes and the rate of messages are not judged yet.",
};

/// Callers of interfaces watched, tries kept of one, and interfaces that were seen to hold back.
const WATCHED: usize = 2_048;
const TRIES: usize = 128;
const INTERFACES: usize = 4_096;
/// Names, in plain form, that are a code's by themselves.
pub(crate) const NAMES: &[&str] = &[
    "otp",
    "otpcode",
    "onetimecode",
    "onetimepassword",
    "smscode",
    "smsverifycode",
    "phonecode",
    "mobilecode",
    "emailcode",
    "mailcode",
    "verifycode",
    "verificationcode",
    "verifycationcode",
    "vcode",
    "authenticatorcode",
    "totp",
    "totpcode",
    "mfacode",
    "twofactorcode",
    "twofacode",
    "2facode",
    "tfacode",
    "dynamiccode",
    "dynamicpassword",
    "pincode",
    "pin",
    "passcode",
    "短信验证码",
    "验证码",
    "动态口令",
];
/// Names that are a code's where the path says so.
pub(crate) const DOUBTFUL: &[&str] = &["code", "token", "answer"];
const PATHS: &[&str] = &[
    "otp",
    "sms",
    "verify",
    "verification",
    "2fa",
    "mfa",
    "twofactor",
    "two-factor",
    "totp",
    "passcode",
    "one-time",
    "reset",
    "验证",
];

/// Identifies V30.
pub(super) struct Source {
    codes: usize,
    seconds: u64,
    tried: Table<(CallerId, InterfaceId), Window<ParamValue>>,
    held: Table<InterfaceId, ()>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            codes: usize::try_from(thresholds.v30_codes).unwrap_or(TRIES).min(TRIES),
            seconds: thresholds.v30_seconds,
            tried: Table::new(WATCHED),
            held: Table::new(INTERFACES),
        }
    }
}

/// The one-time code that a request carries, with the parameter's name.
fn code(seen: &Seen<'_>) -> Option<(String, ParamValue)> {
    let request = facts::request(seen)?;
    let told = || {
        let path = target::path(&request.target).to_lowercase();
        let mut words = path.split(['/', '_', '.']).chain(request.operation.split(' '));
        words.any(|w| PATHS.iter().any(|p| w.to_lowercase().contains(p)))
    };
    seen.params().find_map(|(said, p)| {
        let named = said.has(Meaning::CODE) || said.has(Meaning::PERHAPS_CODE) && told();
        let short = match p.value {
            ParamValue::Integer(_) => true,
            ParamValue::Other { length, .. } => (3..=10).contains(&length),
            ParamValue::Empty | ParamValue::Wildcard => false,
        };
        (named && short).then(|| (p.name.to_string(), p.value))
    })
}

/// What tells values apart.
fn told_apart(value: &ParamValue) -> u64 {
    match value {
        ParamValue::Integer(n) => *n,
        ParamValue::Other { fingerprint, .. } => fingerprint.0,
        ParamValue::Empty | ParamValue::Wildcard => 0,
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(tried, held);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some(interface) = seen.interface else { return };
        let Some((name, value)) = code(seen) else { return };
        if matches!(seen.exchange.status(), Some(423 | 429)) {
            self.held.entry(&interface, || ());
            return;
        }
        let seconds = self.seconds;
        let tried = self.tried.entry(&(seen.caller, interface), || Window::new(seconds, TRIES));
        tried.add(seen.exchange.time, value, drop);
        let codes = tried.iter().map(|(_, v)| told_apart(v)).collect::<BTreeSet<_>>().len();
        if codes < self.codes || self.held.get(&interface).is_some() {
            return;
        }
        let place = facts::place(seen, known);
        let status = seen.exchange.status().unwrap_or(0);
        out.push(Sighting::of(&CARD, seen).weigh_exposure(known).say(
            both(
                format!("{place} 允许反复猜测一次性验证码"),
                format!("{place} lets one-time codes be guessed"),
            ),
            both(
                format!("{seconds} 秒内参数 {name} 的第 {codes} 个不同取值，响应 {status}"),
                format!("value {codes} of parameter {name} within {seconds} s, answered {status}"),
            ),
        ));
    }

    fn merged(&mut self, from: InterfaceId, into: InterfaceId) {
        for key in self.tried.keys_where(|(_, i)| *i == from) {
            let Some(old) = self.tried.remove(&key) else { continue };
            let seconds = self.seconds;
            let kept = self.tried.entry(&(key.0, into), || Window::new(seconds, TRIES));
            old.iter().for_each(|(time, value)| kept.add(*time, *value, drop));
        }
        if self.held.remove(&from).is_some() {
            self.held.entry(&into, || ());
        }
    }

    fn evicted(&self) -> u64 {
        self.tried.evicted() + self.held.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::ParamPlace;

    fn found(calls: impl IntoIterator<Item = Call>) -> Findings {
        World::new().found(&mut Source::new(&Thresholds::default()), calls)
    }
    fn guess(target: &str, name: &str, n: u64) -> Call {
        call("POST", target)
            .param(ParamPlace::Body, name, ParamValue::Integer(1_000 + n))
            .status(400)
            .by(100)
            .at(n as f64)
    }

    #[test]
    fn reports_ten_codes() {
        let guesses = |n| (0..n).map(|i| guess("/login", "smsCode", i));
        assert!(found(guesses(9)).is_empty());
        assert_eq!(found(guesses(10))[0].severity, Severity::High);
        assert_eq!(found((0..10).map(|i| guess("/api/otp/verify", "code", i))).len(), 1);
        assert!(found((0..40).map(|i| guess("/login", "otp", i).at(i as f64 * 60.0))).is_empty(), "slow");
    }

    #[test]
    fn leaves_other_codes_repetitions_and_held_interfaces_alone() {
        assert!(found((0..40).map(|i| guess("/products", "code", i))).is_empty());
        assert!(found((0..40).map(|i| guess("/login", "captcha", i))).is_empty());
        assert!(found((0..40).map(|i| guess("/login", "otp", 7).at(i as f64))).is_empty(), "one code again");
        assert!(found((0..40).map(|i| guess("/login", "otp", i).by(i as u32))).is_empty(), "many callers");
        assert!(
            found((0..40).map(|i| guess("/login", "otp", i).status(if i == 5 { 429 } else { 400 })))
                .is_empty()
        );
    }

    #[test]
    fn follows_merges_and_stays_bounded() {
        let w = World::new();
        let mut source = Source::new(&Thresholds::default());
        w.found(&mut source, (0..9).map(|i| guess("/login", "otp", i).to(1)));
        source.merged(InterfaceId(1), InterfaceId(2));
        assert_eq!(w.found(&mut source, [guess("/login", "otp", 9).to(2)]).len(), 1);
        w.found(&mut source, (0..WATCHED as u32 + 9).map(|i| guess("/login", "otp", 1).to(i)));
        assert!(source.evicted() > 0);
    }
}
