//! `weir rules`: verify, list and show rule packs.

use super::{Setting, print};
use crate::args::{RulesAction, RulesCommand};
use crate::failure::{Failure, Outcome, Run};
use crate::lang::Lang;
use crate::table::table;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use weir_exchange::{Grading, Label};
use weir_rules::{RuleKind, RuleSet, RuleSheet};
use weir_store::Decisions;

/// Runs one action on rules.
pub fn rules(args: &RulesCommand, setting: &Setting) -> Run {
    match &args.action {
        RulesAction::Check { paths } => check(paths, setting),
        RulesAction::List { data: Some(data), .. } => precision(data, setting),
        RulesAction::List { rules, .. } => list(&setting.rules(rules, None)?, setting),
        RulesAction::Show { id, rules } => show(id, &setting.rules(rules, None)?, setting),
        RulesAction::Profiles { rules } => profiles(&setting.rules(rules, None)?, setting),
        RulesAction::Fingerprint(args) => super::fingerprint::fingerprint(args, setting),
        RulesAction::Try(args) => super::rules_try::try_rules(args, setting),
    }
}

/// Checks packs by themselves, or the built-in ones. Exit code 1 where an example does not hold.
fn check(paths: &[PathBuf], setting: &Setting) -> Run {
    let wrong = |e: weir_rules::PackError| Failure::during("规则包有误", "the rule packs are wrong", &e);
    let rules =
        if paths.is_empty() { RuleSet::builtin() } else { RuleSet::load_to_check(paths) }.map_err(wrong)?;
    let rules = Arc::new(rules);
    let problems = rules.check().map_err(wrong)?;
    let lang = setting.lang;
    if setting.json {
        let line = |p: &weir_rules::Problem| {
            format!(
                "{}\n",
                json!({ "v": 1, "file": p.file, "line": p.line, "rule": p.rule, "problem": p.what })
            )
        };
        print(&problems.iter().map(line).collect::<String>())?;
    } else {
        let mut shown: String =
            problems.iter().map(|p| format!("{}:{}: {}: {}\n", p.file, p.line, p.rule, p.what)).collect();
        let (packs, sheets) = (rules.packs().len(), rules.sheets());
        shown.extend(sheets.iter().filter(|s| s.is_dear()).map(|s| dear(s, lang)));
        let examples: usize = sheets.iter().map(|s| s.examples.len() + s.counter_examples.len()).sum();
        let (n, found) = (sheets.len(), problems.len());
        print(&lang.pick(
            format!("{shown}{packs} 个规则包，{n} 条规则，{examples} 个正反例，{found} 处问题\n"),
            format!(
                "{shown}{}, {}, {examples} examples and counter-examples, {}\n",
                counted(packs, "pack"),
                counted(n, "rule"),
                counted(found, "problem")
            ),
        ))?;
    }
    Ok(if problems.is_empty() { Outcome::Success } else { Outcome::Found })
}

/// The warning about a rule that ordinary traffic makes the scan look at often; it is no problem of the rule.
fn dear(s: &RuleSheet, lang: Lang) -> String {
    let (id, ..) = title(s, lang);
    let (file, line, cost) = (&s.file, s.line, s.cost);
    lang.pick(
        format!("{file}:{line}: {id}: 警告：预计每 1,000 字节正文增加约 {cost} 纳秒；改用更少见的文字作开头或 anchor 可降低\n"),
        format!(
            "{file}:{line}: {id}: warning: adds about {cost} ns to every 1,000 bytes of bodies; a rarer literal at its beginning or as `anchor` makes it cheaper\n"
        ),
    )
}

/// A count with its noun, in English.
fn counted(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// What people look for first in a rule; the rest follows by name.
const FIRST: [&str; 6] = ["id", "zh", "en", "kind", "grade", "file"];

/// Id, both names and what sort of rule it is.
fn title(s: &RuleSheet, lang: Lang) -> (String, String, String, String) {
    match &s.kind {
        RuleKind::DataType(t) => {
            (t.id.to_string(), t.zh.to_string(), t.en.to_string(), lang.pick("数据类型", "data type").into())
        }
        RuleKind::Signal(k) => {
            (k.id.to_string(), k.zh.to_string(), k.en.to_string(), lang.pick("信号", "signal").into())
        }
    }
}

/// Everything a rule says, as one record.
fn record(s: &RuleSheet) -> Value {
    let (id, zh, en, kind) = title(s, Lang::En);
    let patterns: Vec<Value> =
        s.patterns.iter().map(|(text, how)| json!({ "pattern": text, "found_by": how })).collect();
    let grade = match &s.kind {
        RuleKind::DataType(t) => json!({
            "group": t.group, "level": t.level, "personal": format!("{:?}", t.personal).to_lowercase(),
            "secret": t.secret, "opens": t.opens, "mask_expected": t.mask_expected, "chance_percent": t.chance,
            "identifies": t.identifies,
        }),
        RuleKind::Signal(k) => json!({ "family": format!("{:?}", k.family) }),
    };
    json!({
        "v": 1, "id": id, "zh": zh, "en": en, "kind": kind, "grade": grade, "file": s.file, "line": s.line,
        "stands": s.stands, "precedence": s.precedence, "patterns": patterns, "cost_ns_per_1000_bytes": s.cost,
        "validator": s.validator,
        "keys": s.keys[0], "suggesting_keys": s.keys[1], "key_suffixes": s.keys[2], "reject_keys": s.reject_keys,
        "context": s.context, "masked": s.masked, "paths": s.paths, "examples": s.examples,
        "counter_examples": s.counter_examples,
    })
}

fn list(rules: &RuleSet, setting: &Setting) -> Run {
    let sheets = rules.sheets();
    let lang = setting.lang;
    if setting.json {
        let risks = weir_detect::entries().into_iter().map(|e| format!("{}\n", risk_record(e)));
        print(&sheets.iter().map(|s| format!("{}\n", record(s))).chain(risks).collect::<String>())?;
        return Ok(Outcome::Success);
    }
    let header = [
        lang.pick("编号", "id"),
        lang.pick("种类", "kind"),
        lang.pick("名称", "name"),
        lang.pick("级别", "level"),
        lang.pick("查找方式", "found by"),
        lang.pick("校验", "validator"),
        lang.pick("规则包", "pack"),
    ];
    let rows = sheets.iter().map(|s| {
        let (id, zh, en, kind) = title(s, lang);
        let level = match &s.kind {
            RuleKind::DataType(t) => t.level.to_string(),
            RuleKind::Signal(_) => String::new(),
        };
        let mut by: Vec<&str> = s.patterns.iter().map(|(_, how)| *how).collect();
        by.sort_unstable();
        by.dedup();
        vec![
            id,
            kind,
            lang.pick(zh, en),
            level,
            by.join(" "),
            s.validator.clone().unwrap_or_default(),
            s.file.clone(),
        ]
    });
    let risks = weir_detect::entries().into_iter().map(|e| {
        let (c, needs) = (e.card(), needs(e));
        let by = match needs.as_str() {
            "" => lang.pick("流量", "traffic").to_owned(),
            needs => lang.pick(format!("需要 {needs}"), format!("needs {needs}")),
        };
        let severity = lang.pick(c.severity.zh(), c.severity.key()).to_owned();
        let kind = lang.pick("风险源", "risk source").to_owned();
        vec![
            c.id.to_owned(),
            kind,
            lang.pick(c.zh, c.en).to_owned(),
            severity,
            by,
            String::new(),
            String::new(),
        ]
    });
    print(&table(&header, rows.chain(risks)))?;
    Ok(Outcome::Success)
}

/// Keys of the inputs that a risk source needs beside the traffic.
fn needs(e: weir_detect::Entry) -> String {
    e.needs().iter().map(|i| i.key()).collect::<Vec<_>>().join(" ")
}

/// A risk source as a line of JSON.
fn risk_record(e: weir_detect::Entry) -> Value {
    let (c, needs) = (e.card(), e.needs().iter().map(|i| i.key()).collect::<Vec<_>>());
    json!({
        "v": 1, "id": c.id, "kind": "risk_source", "zh": c.zh, "en": c.en, "group": c.group.en(),
        "severity": c.severity.key(), "identified": needs.is_empty(), "needs": needs, "basis": c.basis,
    })
}

/// Verdicts of people by rule, with the share confirmed.
fn precision(data: &std::path::Path, setting: &Setting) -> Run {
    let decisions = Decisions::read(data).map_err(|e| super::list::unreadable(&e))?;
    let all = weir_respond::precision(&decisions);
    if setting.json {
        print(&super::list::json_lines(&all)?)?;
        return Ok(Outcome::Success);
    }
    let lang = setting.lang;
    let header = [
        lang.pick("规则", "rule"),
        lang.pick("种类", "kind"),
        lang.pick("属实", "confirmed"),
        lang.pick("误报", "false"),
        lang.pick("准确率", "precision"),
        lang.pick("95% 区间", "95 % interval"),
    ];
    let percent = |x: f64| format!("{:.1}%", x * 100.0);
    let rows = all.iter().map(|p| {
        vec![
            p.rule.clone(),
            if p.kind == "risk-source" {
                lang.pick("风险源", "risk source")
            } else {
                lang.pick("数据类型", "data type")
            }
            .to_string(),
            p.confirmed.to_string(),
            p.dismissed.to_string(),
            percent(p.precision),
            format!("{} – {}", percent(p.interval[0]), percent(p.interval[1])),
        ]
    });
    print(&super::list::listed(("人工认定", "verdicts of people"), lang, &header, rows))?;
    Ok(Outcome::Success)
}

/// Profiles with their levels, lowest first, and how many types each has.
fn profiles(rules: &RuleSet, setting: &Setting) -> Run {
    let lang = setting.lang;
    let inforce = rules.catalogue().grading.as_ref().map(|g| &g.id);
    if setting.json {
        let names = |all: &[Label]| -> Vec<Value> {
            all.iter().map(|l| json!({ "id": l.id, "zh": l.zh, "en": l.en })).collect()
        };
        let line = |p: &Grading| {
            let object = json!({
                "v": 1, "id": p.id, "zh": p.zh, "en": p.en, "standard": p.standard, "in_force": inforce == Some(&p.id),
                "levels": names(&p.levels), "categories": names(&p.categories),
            });
            format!("{object}\n")
        };
        print(&rules.profiles().iter().map(line).collect::<String>())?;
        return Ok(Outcome::Success);
    }
    let header = [
        lang.pick("编号", "id"),
        lang.pick("名称", "name"),
        lang.pick("标准", "standard"),
        lang.pick("级别（类型数）", "levels (types)"),
        lang.pick("生效", "in force"),
    ];
    let rows = rules.profiles().iter().map(|p| {
        let levels = p.levels.iter().enumerate().map(|(rank, l)| {
            let types = p.types.iter().filter(|(g, _)| usize::from(g.grade.0) == rank).count();
            format!("{} ({types})", l.id)
        });
        vec![
            p.id.to_string(),
            lang.pick(&p.zh, &p.en).to_string(),
            p.standard.to_string(),
            levels.collect::<Vec<_>>().join("  "),
            if inforce == Some(&p.id) { lang.pick("是", "yes").into() } else { String::new() },
        ]
    });
    print(&table(&header, rows))?;
    Ok(Outcome::Success)
}

fn show(id: &str, rules: &RuleSet, setting: &Setting) -> Run {
    let sheet = rules.sheet(id).ok_or_else(|| {
        Failure::new(
            format!("没有规则 {id}；weir rules list 列出全部"),
            format!("there is no rule {id}; `weir rules list` lists them"),
        )
    })?;
    let record = record(&sheet);
    if setting.json {
        print(&format!("{record}\n"))?;
        return Ok(Outcome::Success);
    }
    let mut text = String::new();
    let mut parts: Vec<_> = record.as_object().into_iter().flatten().collect();
    parts.sort_by_key(|(key, _)| FIRST.iter().position(|f| f == key).unwrap_or(FIRST.len()));
    for (key, value) in parts {
        match value {
            Value::Array(items) if items.is_empty() => {}
            Value::Null => {}
            Value::String(s) if s.is_empty() => {}
            Value::Array(items) => {
                text += &format!("{key}\n");
                for item in items {
                    text += &format!("  {}\n", item.as_str().map_or_else(|| item.to_string(), str::to_owned));
                }
            }
            Value::String(s) => text += &format!("{key}: {s}\n"),
            other => text += &format!("{key}: {other}\n"),
        }
    }
    print(&text)?;
    Ok(Outcome::Success)
}
