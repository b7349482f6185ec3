//! `weir interfaces`, `weir accounts`, `weir risks`: what a data directory knows.

use super::{Setting, print};
use crate::args::{Listing, RisksListing};
use crate::failure::{Failure, Outcome, Run};
use crate::lang::Lang;
use crate::table::table;
use serde::Serialize;
use std::fmt::Display;
use weir_model::Severity;
use weir_store::Data;
use weir_store::record::{AccountRecord, InterfaceRecord, RiskRecord, RiskSourceRecord};

fn open(listing: &Listing) -> Result<Data, Failure> {
    Data::open(&listing.data).map_err(|e| unreadable(&e))
}

fn unreadable(e: &dyn Display) -> Failure {
    Failure::during("无法读取数据目录", "cannot read the data directory", e)
}

/// `weir interfaces`
pub fn interfaces(args: &Listing, setting: &Setting) -> Run {
    let all = open(args)?.interfaces().map_err(|e| unreadable(&e))?;
    let lang = setting.lang;
    let shown = |all: &[InterfaceRecord]| {
        let header = [
            lang.pick("编号", "id"),
            lang.pick("站点", "site"),
            lang.pick("接口", "interface"),
            lang.pick("形态", "form"),
            lang.pick("调用", "calls"),
            lang.pick("级别", "level"),
            lang.pick("数据", "data"),
        ];
        let rows = all.iter().map(|i| {
            let data: Vec<String> = i.data.iter().map(|d| format!("{}({})", d.data_type, d.form)).collect();
            let name = format!("{} {}", i.method, i.template);
            vec![
                i.id.clone(),
                i.host.clone(),
                name,
                i.form.clone(),
                i.exchanges.to_string(),
                i.level.to_string(),
                data.join(" "),
            ]
        });
        table(&header, rows)
    };
    show(&all, |i| i.id.as_str(), args.id.as_deref(), setting, shown)
}

/// `weir accounts`
pub fn accounts(args: &Listing, setting: &Setting) -> Run {
    let all = open(args)?.accounts().map_err(|e| unreadable(&e))?;
    let lang = setting.lang;
    let shown = |all: &[AccountRecord]| {
        let header = [
            lang.pick("编号", "id"),
            lang.pick("账号", "account"),
            lang.pick("站点", "site"),
            lang.pick("来源", "learned by"),
            lang.pick("调用", "calls"),
            lang.pick("地址数", "addresses"),
            lang.pick("特权", "privileged"),
        ];
        let rows = all.iter().map(|a| {
            let privileged = if a.privileged { lang.pick("是", "yes") } else { "" };
            vec![
                a.id.clone(),
                a.name.clone(),
                a.site.clone(),
                a.how.clone(),
                a.exchanges.to_string(),
                a.sources.len().to_string(),
                privileged.into(),
            ]
        });
        table(&header, rows)
    };
    show(&all, |a| a.id.as_str(), args.id.as_deref(), setting, shown)
}

/// A line of `weir risks --json`: risk sources first, then risks.
#[derive(Serialize)]
#[serde(untagged)]
enum Line<'a> {
    Source(&'a RiskSourceRecord),
    Risk(&'a RiskRecord),
}

/// `weir risks`
pub fn risks(args: &RisksListing, setting: &Setting) -> Run {
    let data = open(&args.listing)?;
    let mut sources = data.risk_sources().map_err(|e| unreadable(&e))?;
    let mut risks = data.risks().map_err(|e| unreadable(&e))?;
    if let Some(id) = &args.listing.id {
        sources.retain(|s| s.id == *id || s.key == *id);
        risks.retain(|r| r.id == *id);
        if sources.is_empty() && risks.is_empty() {
            return Err(missing(id));
        }
    }
    let text = if setting.json {
        let lines = sources.iter().map(Line::Source).chain(risks.iter().map(Line::Risk));
        json_lines(lines)?
    } else {
        format!("{}\n{}", source_table(&sources, setting.lang), risk_table(&risks, setting.lang))
    };
    print(&text)?;
    let least = args.fail_on.map(Severity::from).map(Severity::key);
    let at_least = |key: &str, least: &str| {
        let rank = |k: &str| Severity::ALL.iter().position(|s| s.key() == k);
        rank(key) >= rank(least)
    };
    let found = least.is_some_and(|l| sources.iter().any(|s| at_least(&s.severity, l)));
    Ok(if found { Outcome::Found } else { Outcome::Success })
}

fn source_table(sources: &[RiskSourceRecord], lang: Lang) -> String {
    let header = [
        lang.pick("风险源", "risk source"),
        lang.pick("级别", "severity"),
        lang.pick("名称", "name"),
        lang.pick("位置", "where"),
        lang.pick("次数", "count"),
        lang.pick("情况", "what happened"),
    ];
    let rows = sources.iter().map(|s| {
        let place = [&s.interface, &s.account, &s.caller].into_iter().flatten().cloned().collect::<Vec<_>>();
        let place = if place.is_empty() { s.site.clone() } else { place.join(" ") };
        vec![
            s.id.clone(),
            s.severity.clone(),
            lang.pick(&s.name.zh, &s.name.en).clone(),
            place,
            s.count.to_string(),
            lang.pick(&s.summary.zh, &s.summary.en).clone(),
        ]
    });
    table(&header, rows)
}

fn risk_table(risks: &[RiskRecord], lang: Lang) -> String {
    let header = [
        lang.pick("风险", "risk"),
        lang.pick("等级", "level"),
        lang.pick("类型", "type"),
        lang.pick("危害", "harm"),
        lang.pick("可能性", "likelihood"),
        lang.pick("位置", "where"),
        lang.pick("依据的风险源", "rests on"),
    ];
    let rows = risks.iter().map(|r| {
        let causes: Vec<&str> = r.sources.iter().map(|c| c.id.as_str()).collect();
        vec![
            r.id.clone(),
            r.level.clone(),
            lang.pick(&r.name.zh, &r.name.en).clone(),
            r.harm.clone(),
            r.likelihood.clone(),
            r.interface.clone().unwrap_or_else(|| r.site.clone()),
            causes.join(" "),
        ]
    });
    table(&header, rows)
}

/// Shows all records, or the one of an id; as JSON Lines, as one record in full, or as a table.
fn show<R: Serialize>(
    all: &[R],
    id_of: impl Fn(&R) -> &str,
    id: Option<&str>,
    setting: &Setting,
    shown: impl Fn(&[R]) -> String,
) -> Run {
    let text = match id {
        Some(id) => {
            let one = all.iter().find(|r| id_of(r) == id).ok_or_else(|| missing(id))?;
            if setting.json { json_lines([one])? } else { pretty(one)? }
        }
        None if setting.json => json_lines(all)?,
        None => shown(all),
    };
    print(&text)?;
    Ok(Outcome::Success)
}

fn missing(id: &str) -> Failure {
    Failure::new(
        format!("数据目录中没有编号 {id}；不带编号运行可列出全部"),
        format!("the data directory has no {id}; run without an id to list what there is"),
    )
}

fn json_lines<R: Serialize>(records: impl IntoIterator<Item = R>) -> Result<String, Failure> {
    let mut out = String::new();
    for r in records {
        out += &serde_json::to_string(&r).map_err(|e| unreadable(&e))?;
        out.push('\n');
    }
    Ok(out)
}

fn pretty<R: Serialize>(record: &R) -> Result<String, Failure> {
    serde_json::to_string_pretty(record).map(|s| s + "\n").map_err(|e| unreadable(&e))
}
