//! `weir incidents`: what happened, as far as the traffic shows.

use super::list::{json_lines, listed, missing, most, open, unreadable, word};
use super::{Setting, print};
use crate::args::IncidentsListing;
use crate::failure::{Failure, Outcome, Run};
use crate::lang::Lang;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use weir_model::{Effect, IncidentLevel, IncidentType};
use weir_respond::{Directory, Standing, cases, overrule_incidents};
use weir_store::record::{
    Bilingual, DutyRecord, IncidentRecord, InterfaceRecord, RiskCause, RiskSourceRecord,
};
use weir_store::{Data, Decisions};

/// Lists incidents, or explains one.
pub fn incidents(args: &IncidentsListing, setting: &Setting) -> Run {
    let lang = setting.lang;
    let data = open(&args.listing.data, lang)?;
    let mut all = data.incidents().map_err(|e| unreadable(&e))?;
    let decisions = Decisions::read(&args.listing.data).map_err(|e| unreadable(&e))?;
    overrule_incidents(&mut all, &decisions);
    let standings = standings(&data, &decisions)?;
    let text = match &args.listing.id {
        Some(id) => {
            let one = all.iter().find(|i| i.id == *id).ok_or_else(|| missing(id))?;
            if setting.json {
                json_lines([one])?
            } else {
                explained(one, &data, standings.get(&one.id), lang)?
            }
        }
        None if setting.json => json_lines(&all)?,
        None => table_of(&all, &standings, lang),
    };
    print(&text)?;
    let least = args.fail_on.map(IncidentLevel::from);
    let found = least.is_some_and(|l| all.iter().any(|i| IncidentLevel::of(&i.level) >= Some(l)));
    Ok(if found { Outcome::Found } else { Outcome::Success })
}

fn level_word(key: &str, lang: Lang) -> String {
    word(key, IncidentLevel::ALL, IncidentLevel::key, IncidentLevel::zh, lang)
}

fn pick(text: &Bilingual, lang: Lang) -> &str {
    lang.pick(&text.zh, &text.en)
}

/// How each incident stands, by its id.
fn standings(data: &Data, decisions: &Decisions) -> Result<BTreeMap<String, Standing>, Failure> {
    let directory = Directory::read(data, decisions).map_err(|e| unreadable(&e))?;
    let all = cases(&directory).map_err(|e| unreadable(&e))?;
    Ok(all.into_iter().filter_map(|c| Some((c.incident?, c.standing))).collect())
}

fn table_of(all: &[IncidentRecord], standings: &BTreeMap<String, Standing>, lang: Lang) -> String {
    let header = [
        lang.pick("编号", "id"),
        lang.pick("级别", "level"),
        lang.pick("类型", "type"),
        lang.pick("状态", "state"),
        lang.pick("站点", "site"),
        lang.pick("发现时间", "found"),
        lang.pick("至多人数", "persons at most"),
        lang.pick("线索", "clues"),
        lang.pick("依据的风险源", "rests on"),
        lang.pick("首个时限", "first due"),
    ];
    let rows = most(all, |i| IncidentLevel::of(&i.level)).into_iter().map(|i| {
        let clues: Vec<&str> = i.callers.iter().chain(&i.accounts).map(String::as_str).take(3).collect();
        vec![
            i.id.clone(),
            level_word(&i.level, lang),
            pick(&i.name, lang).to_string(),
            standings.get(&i.id).map(|s| super::cases::state(s, lang)).unwrap_or_default(),
            i.site.clone(),
            seconds(&i.found),
            if i.persons_at_most == 0 { String::new() } else { i.persons_at_most.to_string() },
            clues.join(" "),
            ids(&i.sources),
            i.duties.iter().find(|d| d.due.is_some()).map(|d| due(d, lang)).unwrap_or_default(),
        ]
    });
    listed(("事件", "incidents"), lang, &header, rows)
}

/// A time without what is below seconds.
fn seconds(time: &str) -> String {
    time.get(..19).map_or_else(|| time.to_string(), |t| format!("{t}Z"))
}

/// Catalogue ids, each once.
fn ids(causes: &[RiskCause]) -> String {
    let mut ids: Vec<&str> = causes.iter().map(|c| c.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.join(" ")
}

fn due(d: &DutyRecord, lang: Lang) -> String {
    match &d.due {
        None => lang.pick("处置结束后起算", "runs once handled").to_string(),
        Some(_) if d.within_seconds == 0 => lang.pick("立即", "at once").to_string(),
        Some(time) => seconds(time),
    }
}

/// One incident in full: what happened, how that is known, what it touches and what must be done by when.
fn explained(
    i: &IncidentRecord,
    data: &Data,
    standing: Option<&Standing>,
    lang: Lang,
) -> Result<String, Failure> {
    let interfaces = data.interfaces().map_err(|e| unreadable(&e))?;
    let sources = data.risk_sources().map_err(|e| unreadable(&e))?;
    let (name, class, level) = (pick(&i.name, lang), pick(&i.class, lang), level_word(&i.level, lang));
    let mut out = lang.pick(
        format!("{} {name}（{class}），{level}\n", i.id),
        format!("{} {name} ({class}), level {level}\n", i.id),
    );
    let row = |out: &mut String, zh: &str, en: &str, text: &str| {
        // Writing to a string does not fail.
        let _ = writeln!(out, "  {}{}{text}", lang.pick(zh, en), lang.pick("：", ": "));
    };
    if let Some(s) = standing {
        row(&mut out, "状态", "state", &super::cases::standing(s, lang));
    }
    row(&mut out, "级别依据", "level by", pick(&i.level_reason, lang));
    row(&mut out, "原因", "cause", pick(&i.cause, lang));
    row(&mut out, "后果", "consequence", pick(&i.consequence, lang));
    let time = lang.pick(
        format!(
            "发现 {}；起始 {}；最近 {}；共 {} 次",
            seconds(&i.found),
            seconds(&i.first_seen),
            seconds(&i.last_seen),
            i.sightings
        ),
        format!(
            "found {}; from {} to {}; {} sightings",
            seconds(&i.found),
            seconds(&i.first_seen),
            seconds(&i.last_seen),
            i.sightings
        ),
    );
    row(&mut out, "时间", "time", &time);
    row(&mut out, "影响范围", "scope", &scope(i, &interfaces, lang));
    let objects: Vec<String> = i.data.iter().map(|d| format!("{}({})", d.data_type, d.level)).collect();
    if !objects.is_empty() {
        row(&mut out, "影响对象（级别）", "objects (grade)", &objects.join(" "));
    }
    if !i.secondary.is_empty() {
        let names = i.secondary.iter().map(|t| type_word(t, lang)).collect::<Vec<_>>();
        row(&mut out, "次要类型", "secondary types", &names.join(lang.pick("、", ", ")));
    }
    let clues: Vec<&str> = i.callers.iter().chain(&i.accounts).map(String::as_str).collect();
    if !clues.is_empty() {
        row(&mut out, "线索", "clues", &clues.join(" "));
    }
    let happened = i
        .effects
        .iter()
        .map(|(e, t)| format!("{} {}", lang.pick(Effect::of(e).map_or(&**e, |e| e.zh()), e), seconds(t)));
    row(&mut out, "首次发生", "first shown", &happened.collect::<Vec<_>>().join(lang.pick("；", "; ")));
    row(&mut out, "风险", "risks", &i.risks.join(" "));
    out += lang.pick("证据\n", "evidence\n");
    evidence(&mut out, &i.sources, &sources, lang);
    if !i.weaknesses.is_empty() {
        out += lang.pick("相关接口的脆弱性\n", "weaknesses of the interfaces\n");
        evidence(&mut out, &i.weaknesses, &sources, lang);
    }
    out += lang.pick("报告与告知\n", "duties\n");
    for d in &i.duties {
        let _ = writeln!(out, "  {} [{}] {}", due(d, lang), d.clause, pick(&d.what, lang));
    }
    row(&mut out, "规则", "rules", &i.rules);
    Ok(out)
}

fn type_word(key: &str, lang: Lang) -> String {
    word(key, IncidentType::ALL, IncidentType::key, IncidentType::zh, lang)
}

fn scope(i: &IncidentRecord, interfaces: &[InterfaceRecord], lang: Lang) -> String {
    if i.interfaces.is_empty() {
        return lang.pick(format!("{} 整个站点", i.site), format!("all of {}", i.site));
    }
    let names: BTreeMap<&str, &InterfaceRecord> = interfaces.iter().map(|r| (&*r.id, r)).collect();
    let named = |id: &String| match names.get(&**id) {
        Some(r) => format!("{id} {}", super::list::name_of(r)),
        None => id.clone(),
    };
    let all: Vec<String> = i.interfaces.iter().map(named).collect();
    format!("{} {}", i.site, all.join(lang.pick("；", "; ")))
}

/// Each risk source with what it says and the exchanges that show it.
fn evidence(out: &mut String, causes: &[RiskCause], sources: &[RiskSourceRecord], lang: Lang) {
    for cause in causes {
        let Some(s) = sources.iter().find(|s| s.key == cause.key) else {
            let _ = writeln!(out, "  {} {}", cause.id, cause.key);
            continue;
        };
        let _ = writeln!(out, "  {} {} ×{} {}", s.id, s.key, s.count, pick(&s.summary, lang));
        for e in &s.evidence {
            let _ = writeln!(out, "    {} {} #{} {}", e.time, e.flow, e.number, pick(&e.note, lang));
        }
    }
}
