//! `report.html`: one file that loads nothing, in both languages, after clause 9.3 of GB/T 46796-2025.
//!
//! Written as plain functions, one a section, over [`markup::Html`]: a template engine would bring a language of its own, and the
//! rule that only literals may be markup is what keeps hostile text harmless.

mod annex;
mod chart;
mod coverage;
mod data;
mod handler;
mod handling;
mod incidents;
mod interfaces;
mod markup;
mod overview;
mod places;
mod risks;
mod sankey;
mod sources;
mod unseen;

use crate::facts::Facts;
use crate::words::Both;
use crate::{Language, ReportInput};
use markup::Html;
pub(crate) use markup::clip;
use std::io;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// SHA-256 of [`SCRIPT`] for the content security policy; a test holds it to the file.
const SCRIPT_HASH: &str = "dfQqnBg1a7XkYez7qmE0M6ybmJAOOpPmuXVj7gYEzXA=";

const TITLE: Both = ("数据接口安全风险监测报告", "Data Interface Security Risk Monitoring Report");

/// The sections, by anchor and title, in the order of clause 9.3.
const SECTIONS: [(&str, Both); 9] = [
    ("handler", ("基本信息", "Handler")),
    ("overview", ("监测概述", "Overview")),
    ("interfaces", ("数据接口", "Interfaces")),
    ("data", ("数据概况", "Data")),
    ("sources", ("风险源识别", "Risk sources")),
    ("risks", ("风险分析与研判", "Risks")),
    ("handling", ("预警与处置", "Warnings and handling")),
    ("coverage", ("覆盖、方法与局限", "Coverage, method, limits")),
    ("annex", ("附录：清单", "Annex: lists")),
];

/// Writes the report; `first` is the language it opens in (and the only one shown where scripts do not run).
///
/// The same input gives the same bytes. Lists are bounded and name the file that holds the rest. Fails only as `out` fails.
pub fn write_html(out: &mut dyn io::Write, input: &ReportInput<'_>, first: Language) -> io::Result<()> {
    let facts = Facts::new(input);
    let mut h = Html::default();
    head(&mut h, first);
    h.raw("<body><div class=\"frame\">");
    contents(&mut h, first);
    h.raw("<main>");
    overview::cover(&mut h, input, &facts);
    handler::section(&mut h, input);
    overview::section(&mut h, input, &facts);
    interfaces::section(&mut h, input, &facts);
    data::section(&mut h, input, &facts);
    sources::section(&mut h, input, &facts);
    risks::section(&mut h, input, &facts);
    incidents::section(&mut h, input);
    handling::section(&mut h, input, &facts);
    coverage::section(&mut h, input);
    annex::section(&mut h, input, &facts);
    footer(&mut h, input);
    h.raw("</main></div><script>").raw(SCRIPT).raw("</script></body></html>\n");
    out.write_all(h.finish().as_bytes())
}

fn head(h: &mut Html, first: Language) {
    let (lang, tag) = first.pick(("zh", "zh-CN"), ("en", "en"));
    h.raw("<!doctype html>\n").open("html", &[("lang", &tag), ("data-lang", &lang)]);
    h.raw("<head><meta charset=\"utf-8\">");
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{SCRIPT_HASH}'; base-uri 'none'; form-action 'none'"
    );
    h.open("meta", &[("http-equiv", &"Content-Security-Policy"), ("content", &policy)]);
    h.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    h.raw(
        "<meta name=\"referrer\" content=\"no-referrer\"><meta name=\"color-scheme\" content=\"light dark\">",
    );
    h.element("title", &[], first.pick(TITLE.0, TITLE.1)).raw("<style>").raw(STYLE).raw("</style></head>");
}

fn contents(h: &mut Html, first: Language) {
    h.raw("<nav aria-label=\"目录 Contents\"><p class=\"mark\">Weir</p><ol>");
    for (number, (anchor, title)) in (1..).zip(SECTIONS) {
        h.raw("<li>").open("a", &[("href", &format_args!("#{anchor}"))]);
        h.text(number).raw("&ensp;").both(title.0, title.1).raw("</a></li>");
    }
    h.raw("</ol><div class=\"tools\">");
    for (lang, name) in [(Language::Zh, "中文"), (Language::En, "English")] {
        let pressed = lang == first;
        let set = lang.pick("zh", "en");
        h.element("button", &[("type", &"button"), ("data-set", &set), ("aria-pressed", &pressed)], name);
    }
    h.raw("<button type=\"button\" id=\"print\">").both("打印", "Print").raw("</button></div></nav>");
}

/// Heading of a section, with the item of clause 9.3 that it answers.
fn heading(h: &mut Html, anchor: &'static str, clause: &'static str) {
    let sections = (1..).zip(SECTIONS);
    let Some((number, (_, (zh, en)))) = sections.into_iter().find(|(_, (a, _))| *a == anchor) else { return };
    h.open("h2", &[("id", &anchor)]);
    if !clause.is_empty() {
        h.element("small", &[], format_args!("GB/T 46796-2025 {clause}"));
    }
    h.text(number).raw("&ensp;").both(zh, en).close("h2");
}

fn footer(h: &mut Html, input: &ReportInput<'_>) {
    h.raw("<footer>");
    h.both(
        "由 Weir 根据被动流量自动生成，文件自成一体，不加载任何外部内容。",
        "Made by Weir from passive traffic; this file is self-contained and loads nothing.",
    );
    for (name, version) in input.versions {
        h.raw(" · ").text(name).raw(" ").text(version);
    }
    h.raw("</footer>");
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use base64::Engine;
    use sha2::Digest;

    #[test]
    fn the_policy_names_the_script() {
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(SCRIPT));
        assert_eq!(SCRIPT_HASH, hash);
    }
}
