//! `weir cases`, and the decisions on what was found.

use super::decide::{settle, wrong};
use super::list::{json_lines, listed, missing, open, unreadable, word};
use super::{Setting, print};
use crate::args::{CasesListing, Finding, IncidentFailOn};
use crate::clock;
use crate::failure::{Outcome, Run};
use crate::lang::Lang;
use std::fmt::Write as _;
use weir_model::{IncidentLevel, Severity};
use weir_respond::{CaseRecord, Directory, Standing, State, cases as all_cases, covered};
use weir_store::record::read_time;
use weir_store::{Action, Decision, Decisions};

/// Longest reason, in bytes.
const REASON: usize = 1_024;

/// Lists cases, those that wait for somebody first.
pub fn cases(args: &CasesListing, setting: &Setting) -> Run {
    let (lang, dir) = (setting.lang, &args.listing.data);
    let data = open(dir, lang)?;
    let decisions = Decisions::read(dir).map_err(|e| unreadable(&e))?;
    let directory = Directory::read(&data, &decisions).map_err(|e| unreadable(&e))?;
    let mut all = all_cases(&directory).map_err(|e| unreadable(&e))?;
    if let Some(id) = &args.listing.id {
        all.retain(|c| c.id == *id);
        if all.is_empty() {
            return Err(missing(id));
        }
    }
    all.retain(|c| args.state.as_ref().is_none_or(|s| c.standing.state == *s));
    let text = match (setting.json, &args.listing.id) {
        (true, _) => json_lines(&all)?,
        (false, Some(_)) => all.iter().map(|c| explained(c, lang)).collect(),
        (false, None) => table_of(&all, lang),
    };
    print(&text)?;
    Ok(Outcome::Success)
}

fn table_of(all: &[CaseRecord], lang: Lang) -> String {
    let header = [
        lang.pick("编号", "id"),
        lang.pick("状态", "state"),
        lang.pick("级别", "severity"),
        lang.pick("案件", "case"),
        lang.pick("站点", "site"),
        lang.pick("风险源", "risk sources"),
        lang.pick("次数", "sightings"),
        lang.pick("验证", "checked"),
    ];
    let rank = |c: &CaseRecord| Severity::ALL.iter().position(|s| s.key() == c.severity);
    let mut sorted: Vec<&CaseRecord> = all.iter().collect();
    sorted.sort_by_key(|c| (!c.is_due(), std::cmp::Reverse(rank(c))));
    let rows = sorted.into_iter().map(|c| {
        let mut ids: Vec<&str> = c.sources.iter().map(|s| &*s.id).collect();
        ids.dedup();
        let checked = c.standing.checked.as_ref().map(|x| x.told());
        vec![
            c.id.clone(),
            state(&c.standing, lang),
            word(&c.severity, &Severity::ALL, Severity::key, Severity::zh, lang),
            lang.pick(&c.title.zh, &c.title.en).clone(),
            c.site.clone(),
            ids.join(" "),
            c.sightings.to_string(),
            checked.map(|(zh, en)| lang.pick(zh, en)).unwrap_or_default(),
        ]
    });
    listed(("案件", "cases"), lang, &header, rows)
}

/// The word of a state.
pub(super) fn state(s: &Standing, lang: Lang) -> String {
    word(&s.state, State::ALL, State::key, State::zh, lang)
}

/// A state with its reasons.
pub(super) fn standing(s: &Standing, lang: Lang) -> String {
    let mut said = vec![state(s, lang)];
    if let (Some(n), Some(time)) = (s.decision, &s.decided) {
        said.push(lang.pick(format!("第 {n} 项决定（{time}）"), format!("decision {n} of {time}")));
    }
    said.extend(s.reason.clone());
    said.extend(s.until.as_ref().map(|t| lang.pick(format!("至 {t}"), format!("until {t}"))));
    said.extend(s.checked.as_ref().map(|c| c.told()).map(|(zh, en)| lang.pick(zh, en)));
    said.join(lang.pick("；", "; "))
}

fn explained(c: &CaseRecord, lang: Lang) -> String {
    let mut out = format!("{} {}\n", c.id, lang.pick(&c.title.zh, &c.title.en));
    let mut row = |zh: &str, en: &str, text: String| {
        // Writing to a string does not fail.
        let _ = writeln!(out, "  {}{}{text}", lang.pick(zh, en), lang.pick("：", ": "));
    };
    row("状态", "state", standing(&c.standing, lang));
    row("站点", "site", c.site.clone());
    if let Some(incident) = &c.incident {
        row("事件", "incident", incident.clone());
    }
    row("时间", "time", format!("{} – {}", c.first_seen, c.last_seen));
    row(
        "次数",
        "sightings",
        lang.pick(
            format!("{}，分 {} 次出现，合并 {} 次", c.sightings, c.episodes, c.suppressed),
            format!("{} in {} episodes, {} suppressed", c.sightings, c.episodes, c.suppressed),
        ),
    );
    for (zh, en, names) in [
        ("接口", "interfaces", &c.interfaces),
        ("调用方", "callers", &c.callers),
        ("账号", "accounts", &c.accounts),
    ] {
        if !names.is_empty() {
            row(zh, en, names.join(" "));
        }
    }
    let sources = c.sources.iter().map(|s| format!("{} {}", s.id, s.key)).collect::<Vec<_>>();
    row("风险源", "risk sources", sources.join(lang.pick("，", ", ")));
    out
}

/// A reason as it is kept.
fn reason(f: &Finding) -> Result<Option<String>, crate::failure::Failure> {
    let Some(text) = f.reason.as_deref().map(str::trim).filter(|t| !t.is_empty()) else { return Ok(None) };
    if text.len() > REASON || text.chars().any(char::is_control) {
        return Err(wrong(
            format!("理由须不超过 {REASON} 字节，不含控制字符"),
            format!("a reason has at most {REASON} bytes and no control characters"),
        ));
    }
    Ok(Some(text.to_string()))
}

/// Keeps what a person says of something found. `time` is since when it is handled, or until when it is ignored.
pub(super) fn decide(action: Action, f: &Finding, time: Option<&str>, setting: &Setting) -> Run {
    let lang = setting.lang;
    let time = time.map(|text| {
        let read = read_time(text).ok_or_else(|| {
            wrong(
                format!("“{text}”不是时间；请写 2026-01-02 或 2026-01-02T03:04:05Z"),
                format!("\"{text}\" is no time; write 2026-01-02 or 2026-01-02T03:04:05Z"),
            )
        })?;
        Ok::<_, crate::failure::Failure>(read.to_string())
    });
    let time = time.transpose()?;
    let reason = reason(f)?;
    if reason.is_none() && matches!(action, Action::Ignore | Action::Dismiss) {
        return Err(wrong("请以 --reason 说明理由", "say why with --reason"));
    }
    let data = open(&f.on.data, lang)?;
    let known = Decisions::read(&f.on.data).map_err(|e| unreadable(&e))?;
    let directory = Directory::read(&data, &known).map_err(|e| unreadable(&e))?;
    let covers = covered(&directory, &f.id).map_err(|e| unreadable(&e))?;
    if covers.is_empty() {
        return Err(missing(&f.id));
    }
    let said: Vec<String> = covers.iter().map(|c| format!("  {} {}", c.id, c.key)).collect();
    let (since, until) = match action {
        Action::Ignore => (None, time),
        _ => (time, None),
    };
    let decision = Decision {
        finding: Some(f.id.clone()),
        covers,
        reason,
        since,
        until,
        ..Decision::new(action, clock::now().to_string())
    };
    settle(&f.on, decision, said, setting)
}

/// Keeps what a reviewer says of harm, likelihood or level.
pub(super) fn judge(
    f: &Finding,
    harm: Option<String>,
    likelihood: Option<String>,
    level: Option<IncidentFailOn>,
    setting: &Setting,
) -> Run {
    let lang = setting.lang;
    let reason = reason(f)?;
    if reason.is_none() {
        return Err(wrong("请以 --reason 说明理由", "say why with --reason"));
    }
    let data = open(&f.on.data, lang)?;
    let said = if level.is_some() {
        let all = data.incidents().map_err(|e| unreadable(&e))?;
        let i = all.iter().find(|i| i.id == f.id).ok_or_else(|| missing(&f.id))?;
        lang.pick(format!("{} 原为 {}", i.id, i.level), format!("{} was {}", i.id, i.level))
    } else {
        let all = data.risks().map_err(|e| unreadable(&e))?;
        let r = all.iter().find(|r| r.id == f.id).ok_or_else(|| missing(&f.id))?;
        let was = format!("{} / {}", r.harm, r.likelihood);
        lang.pick(format!("{} 原为 {was}", r.id), format!("{} was {was}", r.id))
    };
    let decision = Decision {
        finding: Some(f.id.clone()),
        reason,
        harm,
        likelihood,
        level: level.map(|l| IncidentLevel::from(l).key().to_string()),
        ..Decision::new(Action::Judge, clock::now().to_string())
    };
    settle(&f.on, decision, vec![said], setting)
}
