//! `weir explain interface`: why its template is as it is, and what deciding otherwise would do.

use super::decide::{calls_by_segment, merged};
use super::list::{missing, name_of, open, unreadable};
use super::{Setting, print};
use crate::args::DecideOn;
use crate::failure::{Failure, Outcome, Run};
use serde_json::json;
use std::path::Path;
use weir_store::record::InterfaceRecord;

/// Values and siblings shown.
const SHOWN: usize = 8;

/// Explains one interface.
pub(super) fn explain(what: &str, id: &str, dir: &Path, setting: &Setting) -> Run {
    if what != "interface" {
        return Err(Failure::new(
            format!("带编号与 --data 时只能解释 interface，而非 {what}"),
            format!("with an id and --data only `interface` can be explained, not {what}"),
        ));
    }
    let lang = setting.lang;
    let on = DecideOn { data: dir.to_path_buf(), dry_run: true };
    let all = open(dir, lang)?.interfaces().map_err(|e| unreadable(&e))?;
    let i = all.iter().find(|i| i.id == id).ok_or_else(|| missing(id))?;
    let splits = splits(i, &on, setting)?;
    let merges = merges(i, &all);
    let text = if setting.json {
        let splits: Vec<_> =
            splits.iter().map(|(v, n, c)| json!({"variable": v, "value": n, "calls": c})).collect();
        let merges: Vec<_> = merges
            .iter()
            .map(|(o, t)| json!({"with": o.id, "template": t, "calls": i.exchanges + o.exchanges}))
            .collect();
        format!(
            "{}\n",
            json!({"v": 1, "id": i.id, "name": name_of(i), "evidence": i.evidence, "lifecycle": i.life.lifecycle,
                   "lifecycle_why": i.life.lifecycle_why, "form": i.form, "form_evidence": i.form_evidence, "purposes": i.purposes, "business": i.business,
                   "exposure": i.exposure, "splits": splits, "merges": merges})
        )
    } else {
        as_text(i, &splits, &merges, setting)
    };
    print(&text)?;
    Ok(Outcome::Success)
}

/// Calls by value of each variable, most first: what splitting a value off would take away.
fn splits(
    i: &InterfaceRecord,
    on: &DecideOn,
    setting: &Setting,
) -> Result<Vec<(usize, String, u64)>, Failure> {
    let mut out = Vec::new();
    let variables = i.template.split('/').enumerate().filter(|(_, s)| s.contains('{'));
    for (n, (at, _)) in variables.enumerate() {
        let mut counts: Vec<_> = calls_by_segment(i, at, on, setting.lang)?.into_iter().collect();
        counts.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
        out.extend(counts.into_iter().take(SHOWN).map(|(value, calls)| (n + 1, value, calls)));
    }
    Ok(out)
}

/// Siblings that differ in one segment: what stands there could have been a value.
fn merges<'a>(i: &InterfaceRecord, all: &'a [InterfaceRecord]) -> Vec<(&'a InterfaceRecord, String)> {
    let path = |r: &InterfaceRecord| r.template.split('/').map(str::to_string).collect::<Vec<_>>();
    let mine = path(i);
    let near = |o: &&InterfaceRecord| {
        let theirs = path(o);
        o.id != i.id
            && o.shelf == "none"
            && theirs.len() == mine.len()
            && theirs.iter().zip(&mine).filter(|(a, b)| a != b).count() == 1
    };
    let template = |o: &'a InterfaceRecord| merged(&[i.clone(), o.clone()]).map(|t| (o, t));
    all.iter().filter(near).filter_map(template).take(SHOWN).collect()
}

fn as_text(
    i: &InterfaceRecord,
    splits: &[(usize, String, u64)],
    merges: &[(&InterfaceRecord, String)],
    setting: &Setting,
) -> String {
    let lang = setting.lang;
    let mut out = format!("{}  {}\n", i.id, name_of(i));
    let mut part = |zh: &str, en: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            out += &format!("\n{}\n  {}\n", lang.pick(zh, en), lines.join("\n  "));
        }
    };
    let why = if i.evidence.is_empty() {
        vec![lang.pick("各段均为固定文字", "every segment is fixed text").to_string()]
    } else {
        i.evidence.clone()
    };
    part("模板的依据", "why this template", why);
    let purposes =
        i.purposes.iter().map(|p| format!("{}: {}", lang.pick(&p.zh, &p.is), p.evidence.join("; ")));
    part("用途", "purpose", purposes.collect());
    let form = |p: &weir_store::record::ProposalRecord| {
        format!("{}: {}", lang.pick(&p.zh, &p.is), p.evidence.join("; "))
    };
    part("技术形态", "technical form", vec![format!("{}: {}", i.form, i.form_evidence.join("; "))]);
    part("业务形态", "business form", vec![form(&i.business)]);
    part("开放范围", "exposure", vec![form(&i.exposure)]);
    part("生命周期", "lifecycle", vec![format!("{}: {}", i.life.lifecycle, i.life.lifecycle_why)]);
    let history = i.life.history.iter().map(|c| format!("{} {} {}", c.time, c.kind, c.what));
    part("变更", "changes", history.collect());
    let splits = splits.iter().map(|(n, value, calls)| {
        lang.pick(
            format!("变量 {n} 取值 {value}：调用 {calls}"),
            format!("variable {n}, value {value}: {calls} calls"),
        )
    });
    part("若拆分（weir decide split）", "split would give (weir decide split)", splits.collect());
    let merges = merges.iter().map(|(o, t)| {
        let calls = i.exchanges + o.exchanges;
        lang.pick(
            format!("与 {} {}：{t}，调用 {calls}", o.id, name_of(o)),
            format!("with {} {}: {t}, {calls} calls", o.id, name_of(o)),
        )
    });
    part(
        "反例：只差一段而未合并的接口",
        "counter-examples: siblings that differ in one segment and stand apart",
        merges.collect(),
    );
    out
}
