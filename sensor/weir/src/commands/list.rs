//! `weir interfaces`, `weir accounts`, `weir risks`: what a data directory knows.

use super::{Setting, print};
use crate::args::{InterfacesListing, Listing, RisksListing};
use crate::failure::{Failure, Outcome, Run};
use crate::lang::Lang;
use crate::table::table;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write;
use weir_judge::Matrix;
use weir_model::{Harm, Lifecycle, Likelihood, RegistrationState, RiskLevel, Severity, Shelf};
use weir_place::{Country, Scope};
use weir_respond::{measures, overrule_risks};
use weir_store::record::{
    AccountRecord, CallersPlaceRecord, InterfaceDataRecord, InterfaceRecord, PersonRecord, PlaceRecord,
    RiskRecord, RiskSourceRecord, SubjectsRecord, read_time,
};
use weir_store::{Completeness, Data, Decisions, HARMS, LIKELIHOODS, StoreError};
use weir_wire::Duration;

/// Opens the data directory, and says so where it does not hold the whole run: an empty list would look like good news.
pub(super) fn open(dir: &std::path::Path, lang: Lang) -> Result<Data, Failure> {
    let data = Data::open(dir).map_err(|e| unreadable(&e))?;
    let shown = dir.display();
    let said = match data.completeness().map_err(|e| unreadable(&e))? {
        Completeness::Whole => return Ok(data),
        Completeness::Partial => lang.pick(
            format!("{shown}：记录不完整，缺少部分接口调用（如磁盘已满）"),
            format!("{shown}: the records are partial: exchanges are missing (a full disk, for example)"),
        ),
        Completeness::Unfinished => lang.pick(
            format!("{shown}：写入该目录的运行未完成，或仍在进行；所列不能说明全部情况"),
            format!("{shown}: the run that writes this directory did not end, or goes on; what is listed is not all"),
        ),
    };
    drop(writeln!(std::io::stderr(), "weir: {said}"));
    Ok(data)
}

pub(super) fn unreadable(e: &StoreError) -> Failure {
    Failure::during("无法读取数据目录", "cannot read the data directory", e)
}

/// Most serious first, as people want to read; JSON keeps the order of the records.
pub(super) fn most<R, K: Ord>(all: &[R], importance: impl Fn(&R) -> K) -> Vec<&R> {
    let mut sorted: Vec<&R> = all.iter().collect();
    sorted.sort_by_key(|r| std::cmp::Reverse(importance(r)));
    sorted
}

/// A table, or a word where there is nothing to list.
pub(super) fn listed(
    title: (&str, &str),
    lang: Lang,
    header: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> String {
    let mut rows = rows.into_iter().peekable();
    match rows.peek() {
        Some(_) => table(header, rows),
        None => lang.pick(format!("没有{}。\n", title.0), format!("No {}.\n", title.1)),
    }
}

/// The word of a key in the reader's language, from the model's words.
pub(super) fn word<T: Copy>(
    key: &str,
    all: &[T],
    key_of: fn(T) -> &'static str,
    zh_of: fn(T) -> &'static str,
    lang: Lang,
) -> String {
    let zh = all.iter().find(|w| key_of(**w) == key).map_or(key, |w| zh_of(*w));
    lang.pick(zh, key).to_string()
}

/// Callers by where they are, the most first: `office 3, Hong Kong, China 1`. A zone of the plan is told by its name.
fn from(places: &[CallersPlaceRecord], lang: Lang) -> String {
    /// Places told.
    const TOLD: usize = 3;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for p in places {
        *counts.entry(place(&p.place, lang)).or_default() += p.count;
    }
    let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let told = counts.iter().take(TOLD).map(|(name, n)| format!("{name} {n}"));
    let more = counts.len().checked_sub(TOLD).filter(|n| *n > 0).map(|n| format!("+{n}"));
    told.chain(more).collect::<Vec<_>>().join(lang.pick("、", ", "))
}

/// A place in one word or two.
fn place(p: &PlaceRecord, lang: Lang) -> String {
    if let Some(zone) = &p.zone {
        return zone.name.clone();
    }
    match (p.country.as_deref().and_then(Country::new), p.scope.as_str()) {
        (Some(c), _) => lang.pick(c.zh(), c.en()).to_string(),
        (None, scope) if scope == Scope::External.key() => lang.pick("未知", "unknown").to_string(),
        (None, scope) => word(scope, &[Scope::Internal, Scope::Special], Scope::key, Scope::zh, lang),
    }
}

/// `weir interfaces`
pub fn interfaces(args: &InterfacesListing, setting: &Setting) -> Run {
    let all = open(&args.listing.data, setting.lang)?.interfaces().map_err(|e| unreadable(&e))?;
    let lang = setting.lang;
    let all = by_then(all, args)?;
    let counts = Shelf::ALL.map(|s| (s, all.iter().filter(|i| i.shelf == s.key()).count()));
    let wanted = match (args.shelf, setting.json || args.listing.id.is_some()) {
        (Some(named), _) => named.shelf(),
        (None, true) => None,
        (None, false) => Some(Shelf::None),
    };
    let all: Vec<_> = all.into_iter().filter(|i| wanted.is_none_or(|s| i.shelf == s.key())).collect();
    let shown = |all: &[InterfaceRecord]| {
        let header = [
            lang.pick("编号", "id"),
            lang.pick("站点", "site"),
            lang.pick("接口", "interface"),
            lang.pick("形态", "form"),
            lang.pick("用途", "purpose"),
            lang.pick("状态", "life"),
            lang.pick("调用", "calls"),
            lang.pick("来自", "from"),
            lang.pick("级别", "level"),
            lang.pick("分级", "grade"),
            lang.pick("涉及人数", "persons"),
            lang.pick("登记", "registered"),
            lang.pick("数据", "data"),
        ];
        let rows = most(all, |i| (i.level, i.exchanges)).into_iter().map(|i| {
            let data: Vec<String> = i.data.iter().map(|d| data_shown(d, lang)).collect();
            let name = name_of(i);
            let tag = i.purposes.first().map(|t| lang.pick(&t.zh, &t.is).clone()).unwrap_or_default();
            vec![
                i.id.clone(),
                i.host.clone(),
                name,
                i.form.clone(),
                tag,
                word(&i.life.lifecycle, &Lifecycle::ALL, Lifecycle::key, Lifecycle::zh, lang),
                i.exchanges.to_string(),
                from(&i.callers.places, lang),
                i.level.to_string(),
                i.grade.clone().unwrap_or_default(),
                persons(&i.subjects),
                i.registration.as_ref().map(|r| standing(&r.state, lang)).unwrap_or_default(),
                data.join(" "),
            ]
        });
        let shelves: Vec<String> =
            counts.iter().map(|(s, n)| format!("{} {n}", lang.pick(s.zh(), s.en()))).collect();
        let foot = lang.pick(
            format!("分区：{}（--shelf 可查看）", shelves.join("，")),
            format!("shelves: {} (--shelf opens one)", shelves.join(", ")),
        );
        format!("{}\n{foot}\n", listed(("接口", "interfaces"), lang, &header, rows))
    };
    show(&all, |i| i.id.as_str(), args.listing.id.as_deref(), setting, shown)
}

/// How an interface stands to the registered list.
fn standing(state: &str, lang: Lang) -> String {
    word(state, &RegistrationState::ALL, RegistrationState::key, RegistrationState::zh, lang)
}

/// Method, template and operation of an interface, or the name a person gave it before them.
pub(super) fn name_of(i: &InterfaceRecord) -> String {
    let mut name = format!("{} {}", i.method, i.template);
    if !i.operation.is_empty() {
        name += &format!(" #{}", i.operation);
    }
    if i.name.is_empty() { name } else { format!("{} ({name})", i.name) }
}

/// The records as of the time asked for, states told anew: those written are of the last save.
fn by_then(all: Vec<InterfaceRecord>, args: &InterfacesListing) -> Result<Vec<InterfaceRecord>, Failure> {
    let now = match &args.as_of {
        Some(text) => Some(read_time(text).ok_or_else(|| {
            Failure::new(
                format!("--as-of 的“{text}”不是时间；请写 2026-01-02 或 2026-01-02T03:04:05Z"),
                format!("\"{text}\" of --as-of is no time; write 2026-01-02 or 2026-01-02T03:04:05Z"),
            )
        })?),
        None => None,
    };
    let dormant = Duration::from_secs(u64::from(args.dormant) * 86_400);
    let moment = InterfaceRecord::moment(&all, now, dormant);
    Ok(all.into_iter().filter_map(|i| i.as_of(&moment)).collect())
}

/// A type of data with its form; one of which no value counts is crossed out by its verdict.
fn data_shown(d: &InterfaceDataRecord, lang: Lang) -> String {
    let name = format!("{}({})", d.data_type, d.form);
    match (d.count, d.rejected) {
        (0, 1..) => format!("{name}[{}]", lang.pick("排除", "rejected")),
        _ => name,
    }
}

/// How many persons; `~` before an estimate.
fn persons(s: &SubjectsRecord) -> String {
    match s.count {
        0 => String::new(),
        n => format!("{}{n}", if s.exact { "" } else { "~" }),
    }
}

/// Who has an account: name, department and role, and whether it should be gone.
fn person(p: &PersonRecord, lang: Lang) -> String {
    let until = lang.pick(format!("至 {}", p.until), format!("until {}", p.until));
    let said = [
        p.name.as_str(),
        &p.department,
        &p.role,
        if p.disabled { lang.pick("停用", "disabled") } else { "" },
        if p.until.is_empty() { "" } else { &until },
    ];
    said.into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(lang.pick("，", ", "))
}

/// `weir accounts`
pub fn accounts(args: &Listing, setting: &Setting) -> Run {
    let all = open(&args.data, setting.lang)?.accounts().map_err(|e| unreadable(&e))?;
    let lang = setting.lang;
    let shown = |all: &[AccountRecord]| {
        let header = [
            lang.pick("编号", "id"),
            lang.pick("账号", "account"),
            lang.pick("站点", "site"),
            lang.pick("来源", "learned by"),
            lang.pick("调用", "calls"),
            lang.pick("地址数", "addresses"),
            lang.pick("涉及人数", "persons"),
            lang.pick("来自", "from"),
            lang.pick("特权", "privileged"),
            lang.pick("人员", "person"),
        ];
        let rows = most(all, |a| (a.privileged, a.exchanges)).into_iter().map(|a| {
            let privileged = if a.privileged { lang.pick("是", "yes") } else { "" };
            vec![
                a.id.clone(),
                a.name.clone(),
                a.site.clone(),
                a.how.clone(),
                a.exchanges.to_string(),
                a.sources.len().to_string(),
                persons(&a.subjects),
                from(&a.places, lang),
                privileged.into(),
                a.person.as_ref().map_or_else(String::new, |p| person(p, lang)),
            ]
        });
        listed(("账号", "accounts"), lang, &header, rows)
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
    let data = open(&args.listing.data, setting.lang)?;
    let mut sources = data.risk_sources().map_err(|e| unreadable(&e))?;
    let mut risks = data.risks().map_err(|e| unreadable(&e))?;
    if let Some(id) = &args.listing.id {
        sources.retain(|s| s.id == *id || s.key == *id);
        risks.retain(|r| r.id == *id);
        if sources.is_empty() && risks.is_empty() {
            return Err(missing(id));
        }
    }
    let decisions = Decisions::read(&args.listing.data).map_err(|e| unreadable(&e))?;
    overrule_risks(&mut risks, &decisions, &Matrix::gbt45577_2025());
    let text = if setting.json {
        let lines = sources.iter().map(Line::Source).chain(risks.iter().map(Line::Risk));
        json_lines(lines)?
    } else {
        let mut text =
            format!("{}\n{}", source_table(&sources, setting.lang), risk_table(&risks, setting.lang));
        if args.listing.id.is_some() {
            text += &explained(&data, &sources, &risks, setting.lang)?;
        }
        text
    };
    print(&text)?;
    let least = args.fail_on.map(Severity::from).map(Severity::key);
    let found = least.is_some_and(|l| sources.iter().any(|s| rank(&s.severity) >= rank(l)));
    Ok(if found { Outcome::Found } else { Outcome::Success })
}

const LEVELS: [RiskLevel; 5] =
    [RiskLevel::Slight, RiskLevel::Low, RiskLevel::Medium, RiskLevel::High, RiskLevel::Major];

/// What one risk source or risk rests on, and the measures with what they set.
fn explained(
    data: &Data,
    sources: &[RiskSourceRecord],
    risks: &[RiskRecord],
    lang: Lang,
) -> Result<String, Failure> {
    let (interfaces, incidents) =
        (data.interfaces().map_err(|e| unreadable(&e))?, data.incidents().map_err(|e| unreadable(&e))?);
    let mut out = String::new();
    for r in risks {
        out += &format!("\n{}\n", r.id);
        r.factors.values().for_each(|f| out += &format!("  {}\n", lang.pick(&f.zh, &f.en)));
    }
    for s in sources {
        out += &format!("\n{} {}\n", s.id, s.key);
        for e in &s.evidence {
            let note = lang.pick(&e.note.zh, &e.note.en);
            out += &format!("  {} {} #{} {note}\n", e.time, e.flow, e.number);
        }
    }
    let all = measures(sources, &interfaces, &incidents);
    if !all.is_empty() {
        out += lang.pick("\n处置措施\n", "\nmeasures\n");
    }
    for m in all {
        let place = m.interface.as_ref().map_or(m.site.clone(), |i| format!("{} {}", i.method, i.template));
        let name = lang.pick(&m.name.zh, &m.name.en);
        out += &format!("  {} {} {name}\n    {place}\n    {}\n", m.risk_source, m.measure, m.told());
    }
    Ok(out)
}

/// Place of a severity's key among all, least first.
fn rank(severity: &str) -> Option<usize> {
    Severity::ALL.iter().position(|s| s.key() == severity)
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
    let rows = most(sources, |s| (rank(&s.severity), s.count)).into_iter().map(|s| {
        let place = [&s.interface, &s.account, &s.caller].into_iter().flatten().cloned().collect::<Vec<_>>();
        let place = if place.is_empty() { s.site.clone() } else { place.join(" ") };
        vec![
            s.id.clone(),
            word(&s.severity, &Severity::ALL, Severity::key, Severity::zh, lang),
            lang.pick(&s.name.zh, &s.name.en).clone(),
            place,
            s.count.to_string(),
            lang.pick(&s.summary.zh, &s.summary.en).clone(),
        ]
    });
    listed(("风险源", "risk sources"), lang, &header, rows)
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
    let level = |r: &RiskRecord| LEVELS.iter().position(|l| l.key() == r.level);
    let rows = most(risks, level).into_iter().map(|r| {
        let causes: Vec<&str> = r.sources.iter().map(|c| c.id.as_str()).collect();
        vec![
            r.id.clone(),
            word(&r.level, &LEVELS, RiskLevel::key, RiskLevel::zh, lang),
            lang.pick(&r.name.zh, &r.name.en).clone(),
            word(&r.harm, &HARMS, Harm::key, Harm::zh, lang),
            word(&r.likelihood, &LIKELIHOODS, Likelihood::key, Likelihood::zh, lang),
            r.interface.clone().unwrap_or_else(|| r.site.clone()),
            causes.join(" "),
        ]
    });
    listed(("风险", "risks"), lang, &header, rows)
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

pub(super) fn missing(id: &str) -> Failure {
    Failure::new(
        format!("数据目录中没有编号 {id}；不带编号运行可列出全部"),
        format!("the data directory has no {id}; run without an id to list what there is"),
    )
}

fn unsayable(e: &serde_json::Error) -> Failure {
    Failure::because("无法转换为 JSON", "cannot be turned into JSON", e)
}

pub(super) fn json_lines<R: Serialize>(records: impl IntoIterator<Item = R>) -> Result<String, Failure> {
    let mut out = String::new();
    for r in records {
        out += &serde_json::to_string(&r).map_err(|e| unsayable(&e))?;
        out.push('\n');
    }
    Ok(out)
}

fn pretty<R: Serialize>(record: &R) -> Result<String, Failure> {
    serde_json::to_string_pretty(record).map(|s| s + "\n").map_err(|e| unsayable(&e))
}
