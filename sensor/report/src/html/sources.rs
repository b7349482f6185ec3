//! Risk sources (9.3 c): tool, types, concrete description, evidence.

use super::markup::{Html, clip};
use super::{chart, heading};
use crate::ReportInput;
use crate::facts::Facts;
use crate::words::{moment, number, severity};
use std::collections::BTreeMap;
use weir_model::{Card, Group, RiskSource, Severity};

/// Risk sources told in full.
const CARDS: usize = 24;
/// Evidence shown of each.
const EVIDENCE: usize = 4;

/// Writes the section.
pub(super) fn section(h: &mut Html, input: &ReportInput<'_>, facts: &Facts<'_>) {
    heading(h, "sources", "9.3 c)");
    h.raw("<p>").both(
        format_args!(
            "识别工具为 Weir，本次启用 {} 种风险源的识别规则，共识别 {} 项。",
            input.cards.len(),
            facts.sources.len()
        ),
        format_args!(
            "Identified by Weir with {} kinds of risk source in force; {} were found.",
            input.cards.len(),
            facts.sources.len()
        ),
    );
    h.raw("</p>");
    if facts.sources.is_empty() {
        return;
    }
    h.raw("<div class=\"pair\">");
    chart::severity_ring(h, facts);
    kinds(h, input, facts);
    h.raw("</div><h3>").both("逐项说明", "In detail").raw("</h3>");
    for source in facts.sources.iter().take(CARDS) {
        card(h, input, source);
    }
    h.more(CARDS, facts.sources.len(), "risk-sources.jsonl");
}

/// Kinds found, by group and catalogue id.
fn kinds(h: &mut Html, input: &ReportInput<'_>, facts: &Facts<'_>) {
    let mut kinds: BTreeMap<(Option<Group>, &str), (usize, Severity)> = BTreeMap::new();
    for s in &facts.sources {
        let entry = kinds.entry((input.card(s.key.id).map(|c| c.group), s.key.id)).or_insert((0, s.severity));
        *entry = (entry.0 + 1, entry.1.max(s.severity));
    }
    h.raw("<div class=\"scroll\"><table>").columns(&[
        ("风险源", "Risk source"),
        ("最高等级", "Highest"),
        ("#项数", "Count"),
    ]);
    h.raw("<tbody>");
    for ((group, id), (n, worst)) in kinds {
        h.raw("<tr><td><code>").text(id).raw("</code> ");
        name(h, input.card(id));
        if let Some(g) = group {
            h.raw("<br><span class=\"soft\">").both(g.zh(), g.en()).raw("</span>");
        }
        h.raw("</td><td>")
            .badge(worst.key(), severity(worst))
            .raw("</td>")
            .number_cell(n as u64)
            .raw("</tr>");
    }
    h.raw("</tbody></table></div>");
}

pub(super) fn name(h: &mut Html, card: Option<&Card>) {
    if let Some(c) = card {
        h.both(c.zh, c.en);
    }
}

fn card(h: &mut Html, input: &ReportInput<'_>, s: &RiskSource) {
    let card = input.card(s.key.id);
    h.raw("<article class=\"card\"><h3>").badge(s.severity.key(), severity(s.severity)).raw("<span>");
    name(h, card);
    h.raw("</span><code>").text(s.key.id).raw("</code></h3><p class=\"where\">");
    place(h, input, s);
    h.raw("</p><p>").both(&s.summary.zh, &s.summary.en).raw("</p><dl>");
    h.raw("<dt>")
        .both("次数", "Sightings")
        .raw("</dt><dd>")
        .text(number(s.count))
        .raw(" <span class=\"soft\"> · ");
    h.text(moment(s.first_seen)).raw(" — ").text(moment(s.last_seen)).raw("</span></dd>");
    h.raw("<dt>").both("证据", "Evidence").raw("</dt><dd><ul>");
    for e in s.evidence.iter().take(EVIDENCE) {
        h.raw("<li>").both(clip(&e.note.zh, 200), clip(&e.note.en, 200));
        h.raw(" <code>")
            .text(e.time)
            .raw(" ")
            .text(clip(&e.flow, 40))
            .raw(" #")
            .text(e.number)
            .raw("</code></li>");
    }
    h.raw("</ul></dd>");
    if let Some(c) = card {
        h.raw("<dt>").both("识别方法", "How").raw("</dt><dd>").both(c.how_zh, c.how_en).raw("</dd>");
        h.raw("<dt>").both("处置建议", "Advice").raw("</dt><dd><ul>");
        for m in c.measures {
            h.raw("<li>").both(m.zh(), m.en()).raw(" <code>H").text(m.0).raw("</code></li>");
        }
        h.raw("</ul></dd><dt>")
            .both("依据", "Basis")
            .raw("</dt><dd class=\"soft\">")
            .text(c.basis)
            .raw(" · OWASP/CWE ")
            .text(c.owasp)
            .raw("</dd>");
    }
    h.raw("</dl></article>");
}

/// Where a risk source is: interface or site, caller, account.
pub(super) fn place(h: &mut Html, input: &ReportInput<'_>, s: &RiskSource) {
    let host = input.known.site(s.key.site).map_or("", |s| &*s.host);
    match s.key.interface.and_then(|id| input.interface(id)) {
        Some(i) => h
            .raw("<code>")
            .text(&i.method)
            .raw(" ")
            .text(clip(host, 60))
            .text(clip(&i.template, 90))
            .raw("</code>"),
        None => h.both("站点 ", "site ").raw("<code>").text(clip(host, 60)).raw("</code>"),
    };
    if let Some(c) = s.key.caller.and_then(|id| input.known.caller(id)) {
        h.raw(" · ").both("调用方 ", "caller ").raw("<code>").text(c.ip).raw("</code>");
    }
    if let Some(a) = &s.key.account {
        h.raw(" · ").both("账号 ", "account ").raw("<code>").text(clip(a, 60)).raw("</code>");
    }
}
