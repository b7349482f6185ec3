//! `weir decide`: what people say that interfaces are.

use super::list::{missing, name_of, open, unreadable};
use super::{Setting, print};
use crate::args::{Decide, DecideAction, DecideOn};
use crate::clock;
use crate::failure::{Failure, Outcome, Run};
use crate::lang::Lang;
use crate::table::table;
use std::collections::BTreeMap;
use std::path::Path;
use weir_inventory::{Decided, Pin};
use weir_model::{BusinessForm, Exposure, InterfaceForm, Ruled, Ruling};
use weir_store::record::InterfaceRecord;
use weir_store::{Action, Decision, Decisions, StoreError};

/// Longest name given, in bytes.
const NAME: usize = 128;
/// Longest template, in bytes, and most segments.
const TEMPLATE: (usize, usize) = (1_024, 24);
/// Most exchanges looked through for a preview.
const LOOKED_AT: usize = 1_000_000;

/// Decides, or says what deciding would do.
pub fn decide(args: &Decide, setting: &Setting) -> Run {
    match &args.action {
        DecideAction::Pin { id, template, on } => pin(id, template.as_deref(), on, setting),
        DecideAction::Merge { ids, on } => merge(ids, on, setting),
        DecideAction::Split { id, values, variable, on } => split(id, values, *variable, on, setting),
        DecideAction::Rename { id, name, on } => rename(id, name, on, setting),
        DecideAction::Classify { id, form, business, exposure, on } => {
            classify(id, [form, business, exposure].map(Clone::clone), on, setting)
        }
        DecideAction::Confirm(f) => super::cases::decide(Action::Confirm, f, None, setting),
        DecideAction::Dismiss(f) => super::cases::decide(Action::Dismiss, f, None, setting),
        DecideAction::Reopen(f) => super::cases::decide(Action::Reopen, f, None, setting),
        DecideAction::Handle { finding, since } => {
            super::cases::decide(Action::Handle, finding, since.as_deref(), setting)
        }
        DecideAction::Ignore { finding, until } => {
            super::cases::decide(Action::Ignore, finding, Some(until.as_str()), setting)
        }
        DecideAction::Judge { finding, harm, likelihood, level } => {
            super::cases::judge(finding, harm.clone(), likelihood.clone(), *level, setting)
        }
        DecideAction::Undo { n, on } => undo(*n, on, setting),
        DecideAction::List { on } => list(on, setting),
    }
}

/// What holds in a data directory, as the inventory obeys it.
pub(crate) fn in_force(dir: &Path) -> Result<Decided, StoreError> {
    let decisions = Decisions::read(dir)?;
    let mut decided = Decided::default();
    for d in decisions.in_force() {
        let what = match d.action {
            Action::Merge => "merged",
            Action::Split => "split",
            _ => "pinned",
        };
        let day = d.time.get(..10).unwrap_or(&d.time);
        let note = format!("{what} by a person on {day} (decision {})", d.n);
        for template in &d.templates {
            let (host, template) = (d.host.as_str().into(), template.as_str().into());
            decided.pins.push(Pin { host, template, note: note.as_str().into() });
        }
        if let (Some(name), [id]) = (&d.name, &*d.interfaces) {
            decided.names.insert(id.as_str().into(), name.as_str().into());
        }
        if let (Action::Classify, [id]) = (d.action, &*d.interfaces) {
            let note = format!("decided by a person on {day} (decision {})", d.n);
            rule(decided.rulings.entry(id.as_str().into()).or_default(), d, &note);
        }
    }
    Ok(decided)
}

/// Adds what a decision says to what those before it said of the interface.
fn rule(ruling: &mut Ruling, d: &Decision, note: &str) {
    fn ruled<T: Copy, const N: usize>(
        said: Option<&str>,
        all: [T; N],
        key: fn(T) -> &'static str,
        note: &str,
    ) -> Option<Ruled<T>> {
        let is = all.into_iter().find(|t| Some(key(*t)) == said)?;
        Some(Ruled { is, note: note.into() })
    }
    let form = ruled(d.form.as_deref(), InterfaceForm::ALL, InterfaceForm::key, note);
    let business = ruled(d.business.as_deref(), BusinessForm::ALL, BusinessForm::key, note);
    let exposure = ruled(d.exposure.as_deref(), Exposure::ALL, Exposure::key, note);
    ruling.form = form.or(ruling.form.take());
    ruling.business = business.or(ruling.business.take());
    ruling.exposure = exposure.or(ruling.exposure.take());
}

pub(super) fn wrong(zh: impl Into<String>, en: impl Into<String>) -> Failure {
    Failure::new(zh, en)
}

/// The interfaces of a directory, and those named.
fn named(ids: &[String], on: &DecideOn, lang: Lang) -> Result<Vec<InterfaceRecord>, Failure> {
    let all = open(&on.data, lang)?.interfaces().map_err(|e| unreadable(&e))?;
    ids.iter().map(|id| all.iter().find(|i| i.id == *id).cloned().ok_or_else(|| missing(id))).collect()
}

fn one(id: &str, on: &DecideOn, lang: Lang) -> Result<InterfaceRecord, Failure> {
    named(&[id.to_string()], on, lang)?.pop().ok_or_else(|| missing(id))
}

/// Refuses what is no template.
fn checked(template: &str) -> Result<String, Failure> {
    let segments: Vec<&str> = template.split('/').skip(1).collect();
    let sound = |s: &&str| match s.split_once('{') {
        None => !s.contains('}'),
        Some((before, rest)) => {
            let after = rest.split_once('}').map(|(name, after)| (name.is_empty(), after));
            !before.contains('}') && after.is_some_and(|(empty, after)| !empty && !after.contains(['{', '}']))
        }
    };
    let fits = template.len() <= TEMPLATE.0 && segments.len() <= TEMPLATE.1 && !template.contains("{rest}");
    if template.starts_with('/') && fits && !template.contains(['?', '#']) && segments.iter().all(sound) {
        return Ok(template.to_string());
    }
    Err(wrong(
        format!(
            "“{template}”不能作为路径模板：须以 / 开头，每段至多一个 {{名称}}，不含 {{rest}}、?、#，至多 24 段"
        ),
        format!(
            "\"{template}\" cannot be a template: it begins with /, has at most one {{name}} a segment, no {{rest}}, ? or #, and at most 24 segments"
        ),
    ))
}

fn decision(action: Action, of: &[InterfaceRecord], templates: Vec<String>) -> Decision {
    Decision {
        interfaces: of.iter().map(|i| i.id.clone()).collect(),
        host: of.first().map(|i| i.host.clone()).unwrap_or_default(),
        templates,
        ..Decision::new(action, clock::now().to_string())
    }
}

/// Says what it does and, unless asked only that, does it.
pub(super) fn settle(on: &DecideOn, decision: Decision, mut said: Vec<String>, setting: &Setting) -> Run {
    let lang = setting.lang;
    let decision = if on.dry_run {
        said.push(lang.pick("仅预览，未作决定".into(), "a preview only; nothing was decided".into()));
        decision
    } else {
        let failed = |e: StoreError| Failure::during("无法保存决定", "cannot keep the decision", &e);
        let kept = Decisions::add(&on.data, decision).map_err(failed)?;
        said.push(lang.pick(
            format!("已记为第 {} 项决定，{}；weir decide undo {} 可撤回", kept.n, when(&kept).0, kept.n),
            format!(
                "kept as decision {}; {}; `weir decide undo {}` takes it back",
                kept.n,
                when(&kept).1,
                kept.n
            ),
        ));
        kept
    };
    let text = if setting.json { line(&decision)? } else { said.join("\n") + "\n" };
    print(&text)?;
    Ok(Outcome::Success)
}

/// From when a decision holds.
fn when(d: &Decision) -> (&'static str, &'static str) {
    if d.finding.is_some() {
        return ("立即生效", "it holds at once");
    }
    (
        "自下次运行起生效，运行中的传感器收到 SIGHUP 后生效",
        "it holds from the next run on, and in a running sensor from its next SIGHUP",
    )
}

fn line(d: &Decision) -> Result<String, Failure> {
    let unsayable = |e| Failure::because("无法转换为 JSON", "cannot be turned into JSON", &e);
    serde_json::to_string(d).map(|s| s + "\n").map_err(unsayable)
}

/// An interface with its figures, as previews show it.
fn shown(i: &InterfaceRecord, lang: Lang) -> String {
    lang.pick(
        format!(
            "  {} {}：调用 {}，调用方 {}，级别 {}",
            i.id,
            name_of(i),
            i.exchanges,
            i.callers.count,
            i.level
        ),
        format!(
            "  {} {}: {} calls, {} callers, level {}",
            i.id,
            name_of(i),
            i.exchanges,
            i.callers.count,
            i.level
        ),
    )
}

fn pin(id: &str, template: Option<&str>, on: &DecideOn, setting: &Setting) -> Run {
    let i = one(id, on, setting.lang)?;
    let template = checked(template.unwrap_or(&i.template))?;
    let said = vec![
        shown(&i, setting.lang),
        setting.lang.pick(format!("固定为 {template}"), format!("is pinned to {template}")),
    ];
    settle(on, decision(Action::Pin, &[i], vec![template]), said, setting)
}

fn merge(ids: &[String], on: &DecideOn, setting: &Setting) -> Run {
    let lang = setting.lang;
    let all = named(ids, on, lang)?;
    let template = merged(&all).ok_or_else(|| {
        wrong(
            "这些接口不能合并：站点、方法、操作与路径段数须相同，且路径须既有相同之处又有不同之处",
            "these interfaces cannot be merged: host, method, operation and number of path segments must be the same, and their paths have something in common and something not",
        )
    })?;
    let template = checked(&template)?;
    let calls: u64 = all.iter().map(|i| i.exchanges).sum();
    let level = all.iter().map(|i| i.level).max().unwrap_or(1);
    let mut said: Vec<String> = all.iter().map(|i| shown(i, lang)).collect();
    said.push(lang.pick(
        format!("合并为 {template}：调用 {calls}，级别 {level}"),
        format!("become {template}: {calls} calls, level {level}"),
    ));
    settle(on, decision(Action::Merge, &all, vec![template]), said, setting)
}

/// The template that takes all of them; `None` where none does.
pub(super) fn merged(all: &[InterfaceRecord]) -> Option<String> {
    let (first, rest) = all.split_first()?;
    let same = |i: &&InterfaceRecord| {
        (&i.host, &i.method, &i.operation) == (&first.host, &first.method, &first.operation)
    };
    if !rest.iter().all(|i| same(&i)) {
        return None;
    }
    let paths: Vec<Vec<&str>> =
        all.iter().map(|i| i.template.trim_end_matches('/').split('/').collect()).collect();
    let length = paths.first().map(Vec::len)?;
    if paths.iter().any(|p| p.len() != length) {
        return None;
    }
    let (mut out, mut differ) = (Vec::new(), false);
    for at in 0..length {
        let here: Vec<&str> = paths.iter().filter_map(|p| p.get(at).copied()).collect();
        let (one, others) = here.split_first()?;
        if others.iter().all(|o| o == one) {
            out.push((*one).to_string());
            continue;
        }
        differ = true;
        let extension =
            |s: &str| s.rsplit_once('.').map(|(_, e)| format!(".{e}")).filter(|e| !e.contains('}'));
        let suffix = extension(one).filter(|e| others.iter().all(|o| extension(o).as_ref() == Some(e)));
        out.push(format!("{{name}}{}", suffix.unwrap_or_default()));
    }
    // Where nothing is in common the template would take every path of its length.
    let common = length == 2 || out.iter().any(|s| !s.is_empty() && !s.contains('{'));
    (differ && common).then(|| out.join("/"))
}

fn split(id: &str, values: &[String], variable: Option<u8>, on: &DecideOn, setting: &Setting) -> Run {
    let lang = setting.lang;
    let i = one(id, on, lang)?;
    let segments: Vec<&str> = i.template.split('/').collect();
    let variables: Vec<usize> = (0..segments.len()).filter(|n| segments[*n].contains('{')).collect();
    let at = match variable {
        Some(n) => variables.get(usize::from(n) - 1),
        None => variables.last(),
    };
    let at = *at.ok_or_else(|| {
        wrong(
            format!("{} 没有这个变量，无从拆分", i.template),
            format!("{} has no such variable to split", i.template),
        )
    })?;
    let mut templates = Vec::new();
    for value in values {
        if value.is_empty() || value.contains(['/', '?', '#', '{', '}']) {
            return Err(wrong(
                format!("“{value}”不能作为路径段的取值"),
                format!("\"{value}\" cannot be the value of a path segment"),
            ));
        }
        let fixed = |s: &str| {
            let (before, rest) = s.split_once('{').unwrap_or((s, ""));
            format!("{before}{value}{}", rest.split_once('}').map_or("", |(_, after)| after))
        };
        let path: Vec<String> = segments
            .iter()
            .enumerate()
            .map(|(n, s)| if n == at { fixed(s) } else { (*s).to_string() })
            .collect();
        templates.push(checked(&path.join("/"))?);
    }
    let counts = calls_by_segment(&i, at, on, lang)?;
    let mut said = vec![shown(&i, lang)];
    for (value, template) in values.iter().zip(&templates) {
        let end = template.split('/').nth(at).unwrap_or(value);
        let n = counts.get(end).copied().unwrap_or_default();
        said.push(
            lang.pick(format!("  拆出 {template}：调用 {n}"), format!("  gives up {template}: {n} calls")),
        );
    }
    settle(on, decision(Action::Split, &[i], templates), said, setting)
}

/// Calls of an interface that are kept, by what stands in a segment of the path.
pub(super) fn calls_by_segment(
    i: &InterfaceRecord,
    at: usize,
    on: &DecideOn,
    lang: Lang,
) -> Result<BTreeMap<String, u64>, Failure> {
    let mut counts = BTreeMap::new();
    let data = open(&on.data, lang)?;
    data.targets(&i.id, LOOKED_AT, &mut |target| {
        let path = target.split(['?', '#']).next().unwrap_or_default();
        let path =
            path.split_once("://").map_or(path, |(_, rest)| rest.find('/').map_or("/", |n| &rest[n..]));
        if let Some(segment) = path.split('/').nth(at) {
            *counts.entry(segment.to_string()).or_default() += 1;
        }
    })
    .map_err(|e| unreadable(&e))?;
    Ok(counts)
}

fn rename(id: &str, name: &str, on: &DecideOn, setting: &Setting) -> Run {
    let i = one(id, on, setting.lang)?;
    let name = name.trim();
    if name.is_empty() || name.len() > NAME || name.chars().any(char::is_control) {
        return Err(wrong(
            format!("名称须为 1 至 {NAME} 字节，不含控制字符"),
            format!("a name has 1 to {NAME} bytes and no control characters"),
        ));
    }
    let template = checked(&i.template)?;
    let said = vec![
        shown(&i, setting.lang),
        setting.lang.pick(format!("命名为 {name}"), format!("is named {name}")),
    ];
    let decision = Decision { name: Some(name.into()), ..decision(Action::Rename, &[i], vec![template]) };
    settle(on, decision, said, setting)
}

fn classify(
    id: &str,
    [form, business, exposure]: [Option<String>; 3],
    on: &DecideOn,
    setting: &Setting,
) -> Run {
    let lang = setting.lang;
    let i = one(id, on, lang)?;
    let template = checked(&i.template)?;
    let mut said = vec![shown(&i, lang)];
    let parts = [
        (&form, ("技术形态", "form"), (&i.form, &i.form_evidence)),
        (&business, ("业务形态", "business form"), (&i.business.is, &i.business.evidence)),
        (&exposure, ("开放范围", "exposure"), (&i.exposure.is, &i.exposure.evidence)),
    ];
    for (decided, (zh, en), (was, evidence)) in parts {
        if let Some(decided) = decided {
            let why = evidence.join("; ");
            said.push(lang.pick(
                format!("{zh}：由 {was}（{why}）改为 {decided}"),
                format!("{en}: {decided} in the place of {was} ({why})"),
            ));
        }
    }
    let decision = Decision { form, business, exposure, ..decision(Action::Classify, &[i], vec![template]) };
    settle(on, decision, said, setting)
}

fn undo(n: u64, on: &DecideOn, setting: &Setting) -> Run {
    let known = Decisions::read(&on.data).map_err(|e| unreadable(&e))?;
    if !known.in_force().any(|d| d.n == n) {
        return Err(wrong(
            format!("没有生效中的第 {n} 项决定；weir decide list 可列出"),
            format!("there is no decision {n} in force; `weir decide list` lists them"),
        ));
    }
    let said =
        vec![setting.lang.pick(format!("第 {n} 项决定不再有效"), format!("decision {n} no longer holds"))];
    let decision = Decision { of: Some(n), ..Decision::new(Action::Undo, clock::now().to_string()) };
    settle(on, decision, said, setting)
}

fn list(on: &DecideOn, setting: &Setting) -> Run {
    let lang = setting.lang;
    let known = Decisions::read(&on.data).map_err(|e| unreadable(&e))?;
    let held: Vec<u64> = known.in_force().map(|d| d.n).collect();
    let text = if setting.json {
        known.all().iter().map(line).collect::<Result<Vec<_>, _>>()?.concat()
    } else if known.all().is_empty() {
        lang.pick("没有决定。\n", "No decisions.\n").to_string()
    } else {
        let header = ["n", "time", "action", "host", "what", "holds"];
        let zh = ["序号", "时间", "决定", "站点", "内容", "有效"];
        let rows = known.all().iter().map(|d| {
            let action = serde_json::to_value(d.action).ok().and_then(|v| v.as_str().map(str::to_string));
            let what = [
                d.templates.join(" "),
                d.name.clone().unwrap_or_default(),
                [&d.form, &d.business, &d.exposure]
                    .into_iter()
                    .flatten()
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(", "),
                d.finding.clone().unwrap_or_default(),
                d.reason.clone().unwrap_or_default(),
                d.of.map_or(String::new(), |n| n.to_string()),
            ];
            let what: Vec<String> = what.into_iter().filter(|w| !w.is_empty()).collect();
            let holds = lang.pick(("是", "否"), ("yes", "no"));
            let holds = if held.contains(&d.n) { holds.0 } else { holds.1 };
            vec![
                d.n.to_string(),
                d.time.clone(),
                action.unwrap_or_default(),
                d.host.clone(),
                what.join(": "),
                holds.into(),
            ]
        });
        table(lang.pick(&zh, &header), rows)
    };
    print(&text)?;
    Ok(Outcome::Success)
}
