//! `CATALOGUE.md` says what the cards say; `WEIR_BLESS=1` writes it anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write;
use std::path::Path;
use weir_detect::{Entry, Input, Thresholds, entries};

const HEAD: &str = "# 风险源目录 / Catalogue of risk sources

Made from the cards by `WEIR_BLESS=1 cargo test -p weir-detect --test page`; a test fails where the page and the cards differ.
All 113 of them: those that traffic shows, and those that say which input they need. Thresholds are set under `[thresholds]` of the configuration; `weir explain ID` prints a card, `weir explain thresholds` every threshold.
";

/// A card as a section.
fn section(entry: Entry) -> String {
    let (mut out, card) = (String::new(), entry.card());
    writeln!(out, "\n### {} {} / {}", card.id, card.zh, card.en).unwrap();
    let risks: Vec<String> = card.risks.iter().map(|r| format!("R{} {} {}", r.0, r.zh(), r.en())).collect();
    let measures: Vec<String> = card.measures.iter().map(|h| format!("H{} {}", h.0, h.zh())).collect();
    writeln!(out, "{}；{}；{}；{}\n", card.severity.zh(), risks.join("、"), card.owasp, card.basis).unwrap();
    if let Entry::Awaiting(a) = entry {
        let keys: Vec<String> = a.needs.iter().map(|i| format!("{} `{}`", i.zh(), i.key())).collect();
        let en: Vec<&str> = a.needs.iter().map(|i| i.en()).collect();
        writeln!(out, "**需要 needs: {} / {}**\n", keys.join("、"), en.join(", ")).unwrap();
        writeln!(out, "{}\n\n{}\n", a.why_zh, a.why_en).unwrap();
        writeln!(out, "接入后：{}\n\nOnce connected: {}\n", card.how_zh, card.how_en).unwrap();
        if !a.meanwhile.is_empty() {
            writeln!(out, "此前 meanwhile: {}\n", a.meanwhile.join(" ")).unwrap();
        }
    } else {
        writeln!(out, "{}\n\n{}\n", card.how_zh, card.how_en).unwrap();
    }
    writeln!(out, "处置 measures: {}", measures.join("；")).unwrap();
    let prefix = format!("{}.", card.id.to_lowercase());
    for t in Thresholds::keys().iter().filter(|t| t.key.starts_with(&prefix)) {
        writeln!(out, "- `{}` = {} ({} – {}): {} / {}", t.key, t.default, t.min, t.max, t.zh, t.en).unwrap();
    }
    out
}

fn page() -> String {
    let mut out = HEAD.to_owned();
    let mut group = None;
    for entry in entries() {
        let of = entry.card().group;
        if group.replace(of) != Some(of) {
            write!(out, "\n## {} / {}\n", of.zh(), of.en()).unwrap();
        }
        out.push_str(&section(entry));
    }
    out.push_str("\n## 所需输入 / inputs\n");
    Input::ALL.iter().for_each(|i| out.push_str(&input(*i)));
    out
}

/// An input as a section.
fn input(i: Input) -> String {
    let mut out = String::new();
    let of = entries().into_iter().filter(|e| e.needs().contains(&i)).map(|e| e.card().id);
    writeln!(out, "\n### `{}` {} / {}\n", i.key(), i.zh(), i.en()).unwrap();
    writeln!(out, "{} / {}; {}\n", i.from_zh(), i.from_en(), of.collect::<Vec<_>>().join(" ")).unwrap();
    for c in i.columns() {
        let must = if c.required { "" } else { " (optional)" };
        writeln!(out, "- `{}`{must}: {} / {}", c.name, c.zh, c.en).unwrap();
    }
    out
}

#[test]
fn the_page_says_what_the_cards_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("CATALOGUE.md");
    let page = page();
    if std::env::var_os("WEIR_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "CATALOGUE.md is not what the cards say: run with WEIR_BLESS=1");
}
