//! `weir scan --explain`: every candidate, what spoke for and against it, and what became of it.

use crate::lang::Lang;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::Path;
use weir_exchange::{Catalogue, DataTypeId};
use weir_inspect::{DocumentCandidate, Fate, FoundBy};
use weir_rules::{NameSays, Refusal, ValueSays};

fn id(catalogue: &Catalogue, data_type: DataTypeId) -> &str {
    catalogue.data_type(data_type).map_or("unknown", |t| &t.id)
}

const fn by_key(by: FoundBy) -> &'static str {
    match by {
        FoundBy::Name => "field-name",
        FoundBy::NameInText => "name-in-text",
        FoundBy::Pattern => "pattern",
    }
}

const fn value_key(says: ValueSays) -> &'static str {
    match says {
        ValueSays::No => "no",
        ValueSays::Plausible => "plausible",
        ValueSays::Verified => "verified",
    }
}

const fn name_key(says: NameSays) -> &'static str {
    match says {
        NameSays::Nothing => "nothing",
        NameSays::Promises => "promises",
        NameSays::Suggests => "suggests",
        NameSays::Refuses => "refuses",
    }
}

/// Outcome, reason, and the type that it gave way to.
fn fate_keys(fate: Fate, catalogue: &Catalogue) -> (&'static str, Option<&'static str>, Option<&str>) {
    match fate {
        Fate::Hit => ("hit", None, None),
        Fate::GaveWay(to) => ("gave-way", None, to.map(|t| id(catalogue, t))),
        Fate::Refused(why) => {
            let why = match why {
                Refusal::Name => "name",
                Refusal::Value => "value",
                Refusal::Unsupported => "unsupported",
                Refusal::Meaningless => "meaningless",
            };
            ("refused", Some(why), None)
        }
    }
}

/// A candidate as one line of JSON.
pub fn line(file: &Path, c: &DocumentCandidate, catalogue: &Catalogue) -> String {
    let e = &c.explanation;
    let (outcome, reason, to) = fate_keys(c.fate, catalogue);
    let judged = e.outcome.as_ref().ok();
    let mut object = json!({
        "v": 1, "file": file, "start": c.start, "end": c.end, "type": id(catalogue, c.data_type), "path": c.path,
        "found_by": by_key(c.by), "outcome": outcome, "reason": reason, "gave_way_to": to,
        "form": judged.map(|j| j.form.key()), "level": judged.map(|j| j.level),
        "confidence": judged.map_or(0, |j| j.confidence),
        "steps": [
            { "step": "value", "says": value_key(e.value), "validator": e.validator, "adds": e.adds[0] },
            { "step": "word", "says": e.word, "adds": e.adds[1] },
            { "step": "name", "says": name_key(e.name), "name": c.key, "adds": e.adds[2] },
        ],
        "masked": c.masked,
    });
    if let (Some(value), Some(object)) = (&c.value, object.as_object_mut()) {
        object.insert("value".into(), Value::from(&**value));
    }
    format!("{object}\n")
}

/// Candidates as trees for people.
pub fn trees(file: &Path, all: &[DocumentCandidate], catalogue: &Catalogue, lang: Lang) -> String {
    let mut out = String::new();
    for c in all {
        let shown = c.value.as_deref().unwrap_or(&c.masked);
        let (file, path) = (file.display(), if c.path.is_empty() { "-" } else { &c.path });
        // Writing to a string cannot fail.
        let _ =
            writeln!(out, "{file}:{}-{}  {}  {shown}  {path}", c.start, c.end, id(catalogue, c.data_type));
        let _ = writeln!(out, "├─ {}", found(c, lang));
        let steps = [value(c, lang), word(c, lang), name(c, lang)];
        for (text, adds) in steps.iter().zip(c.explanation.adds) {
            let _ = writeln!(out, "├─ {adds:+4}  {text}");
        }
        let _ = writeln!(out, "└─ {}\n", outcome(c, catalogue, lang));
    }
    out
}

fn found(c: &DocumentCandidate, lang: Lang) -> &'static str {
    match c.by {
        FoundBy::Name => lang.pick("候选：字段名", "candidate by the name of its field"),
        FoundBy::NameInText => lang.pick("候选：正文中的名称", "candidate by a name in running text"),
        FoundBy::Pattern => lang.pick("候选：取值符合模式", "candidate by a pattern of the type"),
    }
}

fn value(c: &DocumentCandidate, lang: Lang) -> String {
    let says = match c.explanation.value {
        ValueSays::No => lang.pick("否", "no"),
        ValueSays::Plausible => lang.pick("形似", "plausible"),
        ValueSays::Verified => lang.pick("通过", "verified"),
    };
    match &c.explanation.validator {
        Some(v) => lang.pick(format!("取值：校验器 {v}：{says}"), format!("value: validator {v}: {says}")),
        None => lang.pick(format!("取值：{says}（无校验器）"), format!("value: {says} (no validator)")),
    }
}

fn word(c: &DocumentCandidate, lang: Lang) -> String {
    match &c.explanation.word {
        Some(w) => lang.pick(format!("前文：“{w}”"), format!("words before: \"{w}\"")),
        None => lang.pick("前文：无相关词".into(), "words before: none of the type".into()),
    }
}

fn name(c: &DocumentCandidate, lang: Lang) -> String {
    let key = c.key.as_deref().unwrap_or("-");
    let says = match c.explanation.name {
        NameSays::Nothing => lang.pick("无提示", "says nothing"),
        NameSays::Promises => lang.pick("表明该类型", "promises the type"),
        NameSays::Suggests => lang.pick("可能是该类型", "suggests the type"),
        NameSays::Refuses => lang.pick("表明不是该类型", "speaks against the type"),
    };
    lang.pick(format!("字段名 {key}：{says}"), format!("name {key}: {says}"))
}

fn outcome(c: &DocumentCandidate, catalogue: &Catalogue, lang: Lang) -> String {
    match (c.fate, &c.explanation.outcome) {
        (Fate::Hit, Ok(j)) => lang.pick(
            format!("命中：可信度 {}，形态 {}，级别 {}", j.confidence, j.form.key(), j.level),
            format!("hit: confidence {}, form {}, level {}", j.confidence, j.form.key(), j.level),
        ),
        (Fate::GaveWay(Some(to)), _) => {
            let to = id(catalogue, to);
            lang.pick(format!("让位于 {to}"), format!("gave way to {to}"))
        }
        (Fate::GaveWay(None) | Fate::Hit, _) => {
            lang.pick("让位于另一候选".into(), "gave way to another candidate".into())
        }
        (Fate::Refused(why), _) => refused(why, lang).into(),
    }
}

fn refused(why: Refusal, lang: Lang) -> &'static str {
    match why {
        Refusal::Name => lang.pick(
            "排除：字段名表明是别的内容",
            "refused: the name of the field says that it is something else",
        ),
        Refusal::Value => lang.pick("排除：取值未通过校验", "refused: the value does not verify"),
        Refusal::Unsupported => lang.pick(
            "排除：仅凭取值不足以认定，字段名与前文均无佐证",
            "refused: the value alone proves nothing, and neither a name nor a word bears it out",
        ),
        Refusal::Meaningless => lang.pick(
            "排除：占位值，或属于其他类型的脱敏形式",
            "refused: a placeholder, or a mask of another type",
        ),
    }
}
