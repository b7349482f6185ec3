//! `weir explain --why-not`: why a risk source was not found of an account or an interface, step by step.
//!
//! What a detector knew is gone when a run is over; what it was told is in the records. So the steps are counted anew over
//! `exchanges.jsonl`, by the thresholds in force now. Where the records do not hold what a step asks for, it says so.

mod calls;
mod data;
mod lines;

use super::list::{open, unreadable};
use super::{Setting, print};
use crate::failure::{Failure, Outcome, Run};
use crate::lang::Lang;
use lines::{Line, read};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use weir_detect::{Entry, Thresholds};
use weir_exchange::{Catalogue, DataType};
use weir_model::Summary;
use weir_store::record::{AccountRecord, InterfaceRecord, RiskSourceRecord};

/// What a step comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Verdict {
    /// What the risk source asks for is there.
    Met,
    /// It is not: here it stops.
    Unmet,
    /// The records do not tell.
    Unknown,
}

impl Verdict {
    const fn key(self) -> &'static str {
        match self {
            Verdict::Met => "met",
            Verdict::Unmet => "unmet",
            Verdict::Unknown => "unknown",
        }
    }
    const fn zh(self) -> &'static str {
        match self {
            Verdict::Met => "满足",
            Verdict::Unmet => "不满足",
            Verdict::Unknown => "不能确定",
        }
    }
}

/// One thing that a risk source asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Step {
    asks: Summary,
    seen: Summary,
    verdict: Verdict,
}

/// A sentence in both languages.
fn both(zh: impl Into<String>, en: impl Into<String>) -> Summary {
    Summary { zh: zh.into(), en: en.into() }
}

impl Step {
    fn new(asks: Summary, seen: Summary, holds: bool) -> Step {
        Step { asks, seen, verdict: if holds { Verdict::Met } else { Verdict::Unmet } }
    }
    /// One that cannot be told.
    fn open(asks: Summary, why: Summary) -> Step {
        Step { asks, seen: why, verdict: Verdict::Unknown }
    }
}

/// Whom it is asked of, and all that is known of that.
struct Case<'a> {
    lines: &'a [Line],
    interfaces: &'a BTreeMap<String, InterfaceRecord>,
    thresholds: &'a Thresholds,
    catalogue: &'a Catalogue,
}

impl Case<'_> {
    /// The template of an interface with its method; its id where it is not known.
    fn place(&self, id: &str) -> String {
        self.interfaces.get(id).map_or_else(|| id.to_owned(), |i| format!("{} {}", i.method, i.template))
    }
    /// The type of a datum.
    fn data_type(&self, id: &str) -> Option<&DataType> {
        self.catalogue.data_type(self.catalogue.find(id)?)
    }
    /// Lines that were answered 2xx.
    fn good(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|l| l.status.is_some_and(|s| (200..300).contains(&s)))
    }
}

/// What is asked.
pub(super) struct Question<'a> {
    /// Catalogue id, in any case.
    pub risk: &'a str,
    /// Name of an account.
    pub account: Option<&'a str>,
    /// Id of an interface.
    pub interface: Option<&'a str>,
    /// Data directory.
    pub data: &'a Path,
}

/// Says why.
pub(super) fn why_not(q: &Question<'_>, setting: &Setting) -> Run {
    let lang = setting.lang;
    let id = q.risk.to_ascii_uppercase();
    let entry = weir_detect::entries().into_iter().find(|e| e.card().id == id).ok_or_else(|| {
        Failure::new(
            format!("没有编号为 {id} 的风险源；weir explain risks 可列出全部"),
            format!("there is no risk source {id}; `weir explain risks` lists them"),
        )
    })?;
    let data = open(q.data, lang)?;
    let interfaces = data.interfaces().map_err(|e| unreadable(&e))?;
    let accounts = data.accounts().map_err(|e| unreadable(&e))?;
    let subject = subject(q, &interfaces, &accounts)?;
    let sources = data.risk_sources().map_err(|e| unreadable(&e))?;
    let found: Vec<&RiskSourceRecord> = sources.iter().filter(|s| s.id == id && is_about(s, q)).collect();
    let rules = setting.rules(&[], None)?;
    let lines = read(q.data, q.account, q.interface)?;
    let thresholds = setting.thresholds()?;
    let interfaces = interfaces.into_iter().map(|i| (i.id.clone(), i)).collect();
    let case = Case {
        lines: &lines.of_subject,
        interfaces: &interfaces,
        thresholds: &thresholds,
        catalogue: rules.catalogue(),
    };
    let steps = steps(entry, &case, &accounts, q);
    let answer = Answer { entry, subject, found, steps, cut: lines.cut };
    print(&if setting.json { answer.as_json() } else { answer.as_text(lang) })?;
    Ok(Outcome::Success)
}

/// Whom it is asked of, in words. What is not in the records is told with what is.
fn subject(
    q: &Question<'_>,
    interfaces: &[InterfaceRecord],
    accounts: &[AccountRecord],
) -> Result<Summary, Failure> {
    match (q.account, q.interface) {
        (Some(name), None) => accounts.iter().find(|a| a.name == name).map(|a| {
            let n = a.exchanges;
            both(format!("账号 {name}（{} ，{n} 次调用）", a.site), format!("account {name} ({}, {n} calls)", a.site))
        }),
        (None, Some(id)) => interfaces.iter().find(|i| i.id == id).map(|i| {
            let n = i.exchanges;
            let shown = format!("{} {}{}", i.method, i.host, i.template);
            both(format!("接口 {shown}（{n} 次调用）"), format!("interface {shown} ({n} calls)"))
        }),
        _ => {
            return Err(Failure::new(
                "--why-not 须与 --account 或 --interface 之一同用",
                "--why-not takes one of --account and --interface",
            ));
        }
    }
    .ok_or_else(|| {
        let dir = q.data.display();
        Failure::new(
            format!("{dir} 的记录中没有该账号或接口；weir accounts、weir interfaces 可列出"),
            format!("the records in {dir} have no such account or interface; `weir accounts` and `weir interfaces` list them"),
        )
    })
}

fn is_about(s: &RiskSourceRecord, q: &Question<'_>) -> bool {
    match (q.account, q.interface) {
        (Some(name), _) => s.account.as_deref() == Some(name),
        (_, Some(id)) => s.interface.as_deref() == Some(id),
        _ => false,
    }
}

fn steps(entry: Entry, case: &Case<'_>, accounts: &[AccountRecord], q: &Question<'_>) -> Vec<Step> {
    if let Entry::Awaiting(a) = entry {
        let names = |zh: bool| {
            a.needs.iter().map(|i| if zh { i.zh() } else { i.en() }).collect::<Vec<_>>().join(", ")
        };
        return vec![Step::new(
            both(format!("已接入：{}", names(true)), format!("connected: {}", names(false))),
            both("尚未接入", "not connected"),
            false,
        )];
    }
    let account = q.account.and_then(|name| accounts.iter().find(|a| a.name == name));
    match entry.card().id {
        "C01" => calls::rate(case),
        "C02" => data::burst(case),
        "C03" => data::slow(case, account),
        "C05" => data::off_hours(case),
        "C15" => calls::enumeration(case),
        "D01" => data::unmasked(case),
        "D03" => data::masking(case),
        id => general(id, case),
    }
}

/// What is known where a risk source has no steps of its own: what was seen at all, and the figures it compares with.
fn general(id: &str, case: &Case<'_>) -> Vec<Step> {
    let (all, good) = (case.lines.len(), case.good().count());
    let with_data = case.lines.iter().filter(|l| !l.data.is_empty()).count();
    let seen = both(
        format!("{all} 次调用，其中 2xx {good} 次，含敏感数据 {with_data} 次"),
        format!("{all} calls, {good} answered 2xx, {with_data} with sensitive data"),
    );
    let mut steps = vec![Step::new(both("有调用记录", "calls are recorded"), seen, all > 0)];
    let prefix = format!("{}.", id.to_lowercase());
    let figures: Vec<String> = Thresholds::keys()
        .iter()
        .filter(|t| t.key.starts_with(&prefix))
        .map(|t| format!("{} = {}", t.key, case.thresholds.get(t.key).unwrap_or(t.default)))
        .collect();
    let figures = if figures.is_empty() { "-".to_owned() } else { figures.join(", ") };
    steps.push(Step::open(
        both("满足卡片所述的识别方法", "what its card says it is identified by"),
        both(
            format!("没有一次被认定；阈值 {figures}；该风险源尚无逐步的说明，识别方法与不报的情形见 weir explain {id}"),
            format!("nothing was sighted; thresholds {figures}; it has no steps of its own yet: `weir explain {id}` says what counts and what does not"),
        ),
    ));
    steps
}

/// The answer.
struct Answer<'a> {
    entry: Entry,
    subject: Summary,
    found: Vec<&'a RiskSourceRecord>,
    steps: Vec<Step>,
    /// Whether there were more lines than are looked through.
    cut: bool,
}

impl Answer<'_> {
    /// Where it stops, in a sentence.
    fn because(&self) -> Summary {
        if let Some(s) = self.found.first() {
            return both(
                format!("已经识别：{} 次，{}；见 weir risks", s.count, s.summary.zh),
                format!("it was found: {} sightings, {}; see `weir risks`", s.count, s.summary.en),
            );
        }
        match self.steps.iter().find(|s| s.verdict == Verdict::Unmet) {
            Some(s) => both(
                format!("未识别，因为不满足“{}”：{}", s.asks.zh, s.seen.zh),
                format!("not found, as this is not so: {}: {}", s.asks.en, s.seen.en),
            ),
            None => both(
                "未识别；记录所示的各步均满足或不能确定，原因在记录之外（学习到的基线、豁免的情形）",
                "not found; every step that the records show is met or open, so that the reason lies outside them (a learned baseline, an exemption)",
            ),
        }
    }

    fn as_json(&self) -> String {
        let told = |s: &Summary| json!({ "zh": s.zh, "en": s.en });
        let steps: Vec<_> = self
            .steps
            .iter()
            .map(|s| json!({ "asks": told(&s.asks), "seen": told(&s.seen), "verdict": s.verdict.key() }))
            .collect();
        let needs: Vec<&str> = self.entry.needs().iter().map(|i| i.key()).collect();
        let found: Vec<&str> = self.found.iter().map(|s| s.key.as_str()).collect();
        format!(
            "{}\n",
            json!({
                "v": 1, "id": self.entry.card().id, "subject": told(&self.subject), "found": found, "needs": needs,
                "because": told(&self.because()), "steps": steps, "cut": self.cut,
            })
        )
    }

    fn as_text(&self, lang: Lang) -> String {
        let (card, of) = (self.entry.card(), lang.pick(&self.subject.zh, &self.subject.en));
        let because = self.because();
        let mut out = format!(
            "{} {} | {of}\n\n{}\n",
            card.id,
            lang.pick(card.zh, card.en),
            lang.pick(&because.zh, &because.en)
        );
        for (n, s) in self.steps.iter().enumerate() {
            let (asks, seen) = (lang.pick(&s.asks.zh, &s.asks.en), lang.pick(&s.seen.zh, &s.seen.en));
            let verdict = lang.pick(s.verdict.zh(), s.verdict.key());
            out += &format!("\n{}. [{verdict}] {asks}\n   {seen}\n", n + 1);
        }
        if self.cut {
            out += lang.pick(
                "\n记录过多，只看了最前的部分。\n",
                "\nThere are more records than were looked through.\n",
            );
        }
        out
    }
}
