//! Harm and likelihood, derived from what was observed, with the reasons.

use std::collections::{BTreeMap, BTreeSet};
use weir_detect::internal;
use weir_exchange::{Catalogue, PersonalClass, Scheme};
use weir_model::{Harm, Interface, InterfaceId, Known, Likelihood, RiskSource, Severity, SiteId, Summary};

/// Persons from which harm is high (regulation on network data security, article 28: 10 million).
const VERY_MANY_PERSONS: u64 = 10_000_000;
/// Persons from which harm is considerable (report template of GB/T 45577-2025: more than 100,000).
const MANY_PERSONS: u64 = 100_000;
/// The same for sensitive personal information (cross-border rules: 10,000).
const MANY_SENSITIVE_PERSONS: u64 = 10_000;
/// Persons from which any personal information makes harm medium.
const SOME_PERSONS: u64 = 1_000;
/// Different days within the evidence that make a risk source recurrent.
const RECURRENT_DAYS: usize = 3;
const DAY_SECONDS: u64 = 86_400;
const MONTH_DAYS: u64 = 30;

/// Risk sources that are an attack or misuse under way, not a weakness alone.
const EXPLOITED: &[&str] = &["C10", "C11", "C15", "C17"];
/// Risk sources that say a control is missing altogether.
const CONTROL_ABSENT: &[&str] = &["V01", "V05", "V22", "V28", "D12"];

/// Reasons, as they are found.
#[derive(Default)]
pub(crate) struct Factors {
    pub said: BTreeMap<&'static str, Summary>,
}

/// What the interfaces of a risk give out in clear.
#[derive(Default)]
struct Stock {
    level: u8,
    important: bool,
    sensitive: bool,
    persons: u64,
    sensitive_persons: u64,
}

impl Factors {
    /// Harm by data and persons, raised by serious risk sources and privileged accounts.
    pub fn harm(
        &mut self,
        site: SiteId,
        interface: Option<InterfaceId>,
        sources: &[&RiskSource],
        known: &Known<'_>,
        catalogue: &Catalogue,
    ) -> Harm {
        let stock = Stock::of(site, interface, known, catalogue);
        let mut harm = stock.harm();
        let (zh, en) = stock.words();
        self.say("data", zh, en);
        let serious = sources.iter().any(|s| s.severity >= Severity::High);
        if serious && stock.sensitive && harm < Harm::Considerable {
            harm = Harm::Considerable;
            self.say(
                "severity",
                "敏感个人信息面临高严重度风险源，可能对个人造成严重危害".into(),
                "sensitive personal information meets a risk source of high severity: serious harm to persons is possible".into(),
            );
        }
        if let Some(name) = privileged_account(site, sources, known)
            && harm < Harm::Considerable
        {
            harm = Harm::Considerable;
            self.say(
                "privileged",
                format!("涉及特权账号 {name}"),
                format!("privileged account {name} is concerned"),
            );
        }
        harm
    }

    /// Likelihood by exposure, missing controls, exploitation and recurrence.
    pub fn likelihood(
        &mut self,
        site: SiteId,
        interface: Option<InterfaceId>,
        sources: &[&RiskSource],
        known: &Known<'_>,
    ) -> Likelihood {
        let interfaces = interfaces_of(site, interface, known);
        let outside = interfaces.iter().any(|i| called_from_outside(i, known));
        self.say(
            "exposure",
            if outside { "有公网调用方" } else { "仅见内部调用方" }.into(),
            if outside { "called from public addresses" } else { "called from internal addresses only" }
                .into(),
        );
        let absent = ids(sources, CONTROL_ABSENT);
        let exploited = ids(sources, EXPLOITED);
        if !absent.is_empty() {
            self.say("control", format!("控制措施缺失：{absent}"), format!("a control is missing: {absent}"));
        }
        if !exploited.is_empty() {
            self.say(
                "exploited",
                format!("已出现利用行为：{exploited}"),
                format!("exploitation seen: {exploited}"),
            );
        }
        let recurrent = sources.iter().any(|s| days(s) >= RECURRENT_DAYS);
        if recurrent {
            self.say("recurrence", "30 天内至少三天出现".into(), "seen on at least three days of 30".into());
        }
        if outside && !absent.is_empty() || !exploited.is_empty() || recurrent {
            return Likelihood::High;
        }
        let controlled = !interfaces.is_empty()
            && absent.is_empty()
            && interfaces.iter().all(|i| i.authentication.without == 0 && i.authentication.with > 0)
            && known.site(site).is_some_and(|s| s.schemes.iter().all(|x| *x == Scheme::Https));
        if controlled && !outside {
            self.say(
                "control",
                "所有成功调用均带凭证并经加密传输".into(),
                "every successful call carried a credential over an encrypted link".into(),
            );
            return Likelihood::Low;
        }
        Likelihood::Medium
    }

    fn say(&mut self, factor: &'static str, zh: String, en: String) {
        self.said.insert(factor, Summary { zh, en });
    }
}

impl Stock {
    fn of(site: SiteId, interface: Option<InterfaceId>, known: &Known<'_>, catalogue: &Catalogue) -> Stock {
        let mut stock = Stock::default();
        for i in interfaces_of(site, interface, known) {
            for ((response, data_type, form), profile) in &i.data {
                let Some(t) = catalogue.data_type(*data_type) else { continue };
                if !form.is_clear() || profile.counted() == 0 {
                    continue;
                }
                stock.level = stock.level.max(profile.level);
                stock.important |= &*t.group == "important";
                stock.sensitive |= t.personal == PersonalClass::Sensitive;
                if !response || t.personal == PersonalClass::None {
                    continue;
                }
                // A list names each person once; an interface of single records is called once a person at most.
                let persons = if profile.most > 1 { u64::from(profile.most) } else { profile.counted() };
                // Where they were counted, that is how many there are.
                let counted = i.subjects.count();
                stock.persons = stock.persons.max(if counted > 0 { counted } else { persons });
                if t.personal == PersonalClass::Sensitive {
                    stock.sensitive_persons = stock.sensitive_persons.max(persons);
                }
            }
        }
        stock
    }

    fn harm(&self) -> Harm {
        if self.important || self.persons >= VERY_MANY_PERSONS {
            Harm::High
        } else if self.persons >= MANY_PERSONS || self.sensitive_persons >= MANY_SENSITIVE_PERSONS {
            Harm::Considerable
        } else if self.sensitive || self.level >= 3 || self.persons >= SOME_PERSONS {
            Harm::Medium
        } else {
            Harm::Low
        }
    }

    fn words(&self) -> (String, String) {
        if self.level == 0 {
            return ("未见明文敏感数据".into(), "no sensitive data seen in clear".into());
        }
        let (zh, en) = match (self.important, self.sensitive) {
            (true, _) => ("，含重要数据", ", important data among it"),
            (false, true) => ("，含敏感个人信息", ", sensitive personal information among it"),
            (false, false) => ("", ""),
        };
        let (of_zh, of_en) = match self.persons {
            0 => (String::new(), String::new()),
            n => (format!("，涉及至多 {n} 人"), format!("; up to {n} persons")),
        };
        let level = self.level;
        (
            format!("明文数据最高 {level} 级{zh}{of_zh}"),
            format!("data in clear up to grade {level}{en}{of_en}"),
        )
    }
}

/// The interface of a risk, or all of its site.
fn interfaces_of<'a>(site: SiteId, interface: Option<InterfaceId>, known: &Known<'a>) -> Vec<&'a Interface> {
    match interface {
        Some(id) => known.interface(id).into_iter().collect(),
        None => known.interfaces.iter().filter(|i| i.site == site).collect(),
    }
}

fn called_from_outside(interface: &Interface, known: &Known<'_>) -> bool {
    interface.callers.iter().filter_map(|id| known.caller(*id)).any(|c| !internal(c.ip))
}

fn privileged_account<'a>(site: SiteId, sources: &[&'a RiskSource], known: &Known<'_>) -> Option<&'a str> {
    let privileged =
        |name: &str| known.accounts.iter().any(|a| a.site == site && a.privileged && &*a.name == name);
    sources.iter().filter_map(|s| s.key.account.as_deref()).find(|name| privileged(name))
}

/// The catalogue ids among `sources` that `wanted` has, joined.
fn ids(sources: &[&RiskSource], wanted: &[&str]) -> String {
    let found: BTreeSet<&str> = sources.iter().map(|s| s.key.id).filter(|id| wanted.contains(id)).collect();
    found.into_iter().collect::<Vec<_>>().join(", ")
}

/// Different days of the evidence within 30 days of the last.
fn days(source: &RiskSource) -> usize {
    let day = |t: weir_wire::Timestamp| t.secs() / DAY_SECONDS;
    let last = day(source.last_seen);
    let all: BTreeSet<u64> =
        source.evidence.iter().map(|e| day(e.time)).filter(|d| d + MONTH_DAYS > last).collect();
    all.len()
}
