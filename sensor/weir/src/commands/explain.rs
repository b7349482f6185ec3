//! `weir explain`: what something is and why.

use super::why_not::Question;
use super::{Setting, print};
use crate::args::Explain;
use crate::config::{self, Key};
use crate::failure::{Failure, Outcome, Run};
use crate::lang::Lang;
use crate::table::table;
use serde_json::{Value, json};
use weir_detect::{Awaiting, Input, Thresholds};
use weir_exchange::PersonalClass;
use weir_rules::RuleSet;
use weir_wire::{Account, Layer};

/// Lines of each entry that a list shows.
const LISTED: usize = 3;

/// One explanation: a name, the kind of thing, and its lines (label, text).
struct Entry {
    name: String,
    kind: (&'static str, &'static str),
    lines: Vec<((&'static str, &'static str), String)>,
}

/// Explains one thing, or lists one kind of things.
pub fn explain(args: &Explain, setting: &Setting) -> Run {
    let what = args.what.as_deref().unwrap_or_default();
    match (&args.why_not, &args.id, &args.data) {
        (Some(risk), _, Some(data)) => {
            let (account, interface) = (args.account.as_deref(), args.interface.as_deref());
            return super::why_not::why_not(&Question { risk, account, interface, data }, setting);
        }
        (None, Some(id), Some(data)) => return super::explain_interface::explain(what, id, data, setting),
        (_, _, Some(_)) => {
            return Err(Failure::new(
                "--data 须与接口编号或 --why-not 同用",
                "--data goes with the id of an interface, or with --why-not",
            ));
        }
        _ => {}
    }
    let rules = setting.rules(&[], None)?;
    let lang = setting.lang;
    let found: Vec<Entry> = match what {
        "risks" => weir_detect::entries().into_iter().map(|e| risk(e, lang)).collect(),
        "inputs" => Input::ALL.iter().map(|i| input(*i, lang)).collect(),
        "data" => data_types(&rules, lang),
        "ledger" => Account::ALL.iter().map(|a| account(*a, lang)).collect(),
        "thresholds" => thresholds(lang),
        "bounds" => bounds(lang),
        "config" => config::keys().map(|k| key(k, lang)).collect(),
        "places" => places(setting)?,
        _ => one(what, &rules, lang),
    };
    if found.is_empty() {
        return Err(Failure::new(
            format!(
                "没有名为 {what} 的风险源、输入、数据类型、台账科目、阈值、上限或配置键；weir explain risks|inputs|data|ledger|thresholds|bounds|config|places 可列出全部"
            ),
            format!(
                "there is no risk source, input, data type, ledger account, threshold, bound or configuration key named {what}; `weir explain risks|inputs|data|ledger|thresholds|bounds|config|places` lists them"
            ),
        ));
    }
    print(&if setting.json { as_json(&found) } else { as_text(&found, lang) })?;
    Ok(Outcome::Success)
}

/// Everything that bears the name, whatever its kind.
fn one(what: &str, rules: &RuleSet, lang: Lang) -> Vec<Entry> {
    let mut all: Vec<Entry> = weir_detect::entries().into_iter().map(|e| risk(e, lang)).collect();
    all.extend(Input::ALL.iter().map(|i| input(*i, lang)));
    all.extend(data_types(rules, lang));
    all.extend(Account::ALL.iter().map(|a| account(*a, lang)));
    all.extend(thresholds(lang));
    all.extend(bounds(lang));
    all.extend(config::keys().map(|k| key(k, lang)));
    all.retain(|e| e.name.eq_ignore_ascii_case(what));
    all
}

fn risk(e: weir_detect::Entry, lang: Lang) -> Entry {
    let c = e.card();
    let comma = lang.pick("、", ", ");
    let names =
        |inputs: &[Input]| inputs.iter().map(|i| lang.pick(i.zh(), i.en())).collect::<Vec<_>>().join(comma);
    let state = match e.needs() {
        [] => lang.pick("由流量识别", "by traffic").to_owned(),
        needs => lang.pick(format!("需要：{}", names(needs)), format!("needs {}", names(needs))),
    };
    let risks: Vec<&str> = c.risks.iter().map(|r| lang.pick(r.zh(), r.en())).collect();
    let measures: Vec<String> =
        c.measures.iter().map(|m| format!("H{} {}", m.0, lang.pick(m.zh(), m.en()))).collect();
    let mut lines = vec![
        (("名称", "name"), format!("{} / {}", c.zh, c.en)),
        (("类别", "group"), lang.pick(c.group.zh(), c.group.en()).into()),
        (("识别", "identified"), state),
        (("缺省级别", "default severity"), lang.pick(c.severity.zh(), c.severity.key()).into()),
    ];
    match e {
        weir_detect::Entry::Identified(_) => {
            lines.push((("识别方法", "identified by"), lang.pick(c.how_zh, c.how_en).into()));
        }
        weir_detect::Entry::Awaiting(a) => lines.extend(awaiting(a, lang)),
    }
    lines.extend([
        (("可能导致", "can lead to"), risks.join(comma)),
        (("处置措施", "measures"), measures.join(lang.pick("；", "; "))),
        (("OWASP / CWE", "OWASP / CWE"), c.owasp.into()),
        (("依据", "basis"), c.basis.into()),
    ]);
    Entry { name: c.id.into(), kind: ("风险源", "risk source"), lines }
}

/// Why traffic does not show it, what it takes and what is done with that.
fn awaiting(a: &Awaiting, lang: Lang) -> Vec<((&'static str, &'static str), String)> {
    let mut lines =
        vec![(("为何流量不足", "why traffic is not enough"), lang.pick(a.why_zh, a.why_en).to_owned())];
    let inputs = a.needs.iter().map(|i| {
        let columns: Vec<&str> = i.columns().iter().map(|c| c.name).collect();
        let (from, columns) = (lang.pick(i.from_zh(), i.from_en()), columns.join(" "));
        lang.pick(
            format!("{}（{}），来自{from}；字段：{columns}", i.zh(), i.key()),
            format!("{} ({}), from {from}; columns: {columns}", i.en(), i.key()),
        )
    });
    lines.push((("所需输入", "inputs needed"), inputs.collect::<Vec<_>>().join(" | ")));
    lines.push((
        ("接入后的识别方法", "identified once it is connected"),
        lang.pick(a.card.how_zh, a.card.how_en).to_owned(),
    ));
    if !a.meanwhile.is_empty() {
        lines
            .push((("此前由相近的风险源覆盖", "seen meanwhile by"), a.meanwhile.join(lang.pick("、", ", "))));
    }
    lines
}

/// An input that risk sources wait for.
fn input(i: Input, lang: Lang) -> Entry {
    let of = weir_detect::awaiting().filter(|a| a.needs.contains(&i)).map(|a| a.card.id);
    let columns = i.columns().iter().map(|c| {
        let must = if c.required { lang.pick("必填", "required") } else { lang.pick("选填", "optional") };
        format!("{} ({must}): {}", c.name, lang.pick(c.zh, c.en))
    });
    Entry {
        name: i.key().into(),
        kind: ("输入", "input"),
        lines: vec![
            (("名称", "name"), format!("{} / {}", i.zh(), i.en())),
            (("来自", "from"), lang.pick(i.from_zh(), i.from_en()).into()),
            (("用于", "for"), of.collect::<Vec<_>>().join(" ")),
            (("字段", "columns"), columns.collect::<Vec<_>>().join(lang.pick("；", "; "))),
        ],
    }
}

fn data_types(rules: &RuleSet, lang: Lang) -> Vec<Entry> {
    let yes = |b: bool| lang.pick(if b { "是" } else { "否" }, if b { "yes" } else { "no" }).to_string();
    let personal = |p: PersonalClass| match p {
        PersonalClass::None => lang.pick("否", "no"),
        PersonalClass::Personal => lang.pick("个人信息", "personal"),
        PersonalClass::Sensitive => lang.pick("敏感个人信息", "sensitive"),
    };
    let entry = |t: &weir_exchange::DataType| Entry {
        name: t.id.to_string(),
        kind: ("数据类型", "data type"),
        lines: vec![
            (("名称", "name"), format!("{} / {}", t.zh, t.en)),
            (("分组", "group"), t.group.to_string()),
            (("级别", "level"), t.level.to_string()),
            (("分级方案", "in profiles"), in_profiles(rules, &t.id)),
            (("个人信息", "personal information"), personal(t.personal).into()),
            (("应脱敏展示", "masking expected"), yes(t.mask_expected)),
            (("凭据或密钥", "secret"), yes(t.secret)),
        ],
    };
    rules.catalogue().data_types.iter().map(entry).collect()
}

/// The level that each profile gives a type.
fn in_profiles(rules: &RuleSet, id: &str) -> String {
    let Some(ty) = rules.catalogue().find(id) else { return String::new() };
    let levels = rules
        .profiles()
        .iter()
        .filter_map(|p| Some(format!("{} {}", p.id, p.label(p.field(ty, weir_exchange::Form::Plain))?.id)));
    levels.collect::<Vec<_>>().join(", ")
}

fn account(a: Account, lang: Lang) -> Entry {
    let layer = match a.layer() {
        Layer::Frame => lang.pick("帧", "frame"),
        Layer::Datagram => lang.pick("数据报", "datagram"),
        Layer::Stream => lang.pick("流", "stream"),
        Layer::Message => lang.pick("报文", "message"),
        Layer::Body => lang.pick("正文", "body"),
        Layer::Exchange => lang.pick("接口调用", "exchange"),
    };
    Entry {
        name: a.key().into(),
        kind: ("台账科目", "ledger account"),
        lines: vec![
            (("含义", "meaning"), lang.pick(a.zh(), a.en()).into()),
            (("所属层", "layer"), layer.into()),
        ],
    }
}

fn thresholds(lang: Lang) -> Vec<Entry> {
    Thresholds::keys()
        .iter()
        .map(|t| Entry {
            name: t.key.into(),
            kind: ("阈值", "threshold"),
            lines: vec![
                (("含义", "meaning"), lang.pick(t.zh, t.en).into()),
                (("缺省值", "default"), t.default.to_string()),
                (("可取值", "accepted"), format!("{}–{}", t.min, t.max)),
            ],
        })
        .collect()
}

fn key(k: &Key, lang: Lang) -> Entry {
    Entry {
        name: k.0.into(),
        kind: ("配置键", "configuration key"),
        lines: vec![(("含义", "meaning"), lang.pick(k.1, k.2).into())],
    }
}

/// What says where addresses are, in the order in which it is asked.
fn places(setting: &Setting) -> Result<Vec<Entry>, Failure> {
    let (lang, places) = (setting.lang, setting.places()?);
    let now = crate::clock::now().nanos() / 1_000_000_000;
    let entry = |d: &weir_place::Database| {
        let none = || lang.pick("未注明", "not given").to_string();
        let said = |text: &str| if text.is_empty() { none() } else { text.to_string() };
        let days = |n: u64| lang.pick(format!("{n} 天"), format!("{n} days"));
        let zones =
            places.plan().filter(|_| d.kind == weir_place::DatabaseKind::Plan).map(|p| p.zones().len());
        let mut lines = vec![
            (("种类", "kind"), lang.pick(d.kind.zh(), d.kind.en()).to_string()),
            (("数据日期", "date"), said(&d.date)),
            (("距今", "age"), d.age_days(now).map_or_else(none, days)),
            (("版本", "version"), said(&d.version)),
            (("数据来源", "source"), said(&d.source)),
        ];
        lines.extend(zones.map(|n| (("网段数", "networks"), n.to_string())));
        Entry { name: d.name.to_string(), kind: ("位置数据", "place data"), lines }
    };
    Ok(places.databases().into_iter().map(entry).collect())
}

/// The fixed capacities a user may meet.
fn bounds(lang: Lang) -> Vec<Entry> {
    crate::bounds::all()
        .into_iter()
        .map(|b| Entry {
            name: b.name.into(),
            kind: ("上限", "bound"),
            lines: vec![(("值", "value"), b.amount()), (("含义", "meaning"), lang.pick(b.zh, b.en).into())],
        })
        .collect()
}

fn as_json(found: &[Entry]) -> String {
    let one = |e: &Entry| {
        let lines = e.lines.iter().map(|((_, en), text)| (en.replace(' ', "_"), Value::from(text.as_str())));
        let mut object = serde_json::Map::from_iter(lines);
        object.insert("v".into(), json!(1));
        object.insert("id".into(), json!(e.name));
        object.insert("kind".into(), json!(e.kind.1));
        format!("{}\n", Value::Object(object))
    };
    found.iter().map(one).collect()
}

fn as_text(found: &[Entry], lang: Lang) -> String {
    if let [e] = found {
        let mut out =
            lang.pick(format!("{}（{}）\n", e.name, e.kind.0), format!("{} ({})\n", e.name, e.kind.1));
        for ((zh, en), text) in &e.lines {
            out += &format!("\n{}\n  {text}\n", lang.pick(*zh, *en));
        }
        return out;
    }
    // A list is of one kind, so its entries have the same lines; of a name that several kinds bear, the kind tells.
    let alike = found.windows(2).all(|w| matches!(w, [a, b] if a.kind == b.kind));
    let labels = found.first().map(|e| e.lines.iter().take(LISTED).map(|(l, _)| lang.pick(l.0, l.1)));
    let mut header = vec![lang.pick("编号", "id")];
    match labels.filter(|_| alike) {
        Some(labels) => header.extend(labels),
        None => header.extend([lang.pick("种类", "kind"), lang.pick("说明", "meaning")]),
    }
    let rows = found.iter().map(|e| {
        let texts = e.lines.iter().map(|(_, text)| text.clone());
        let mut row = vec![e.name.clone()];
        if alike {
            row.extend(texts.take(LISTED));
        } else {
            row.push(lang.pick(e.kind.0, e.kind.1).into());
            row.extend(texts.take(1));
        }
        row
    });
    table(&header, rows)
}
