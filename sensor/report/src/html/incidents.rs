//! Incidents (9.3 d, f; 8.2): each with scope, object, degree, consequence, cause and clocks, and the list of them (事件清单).

use super::markup::{Html, clip};
use crate::ReportInput;
use crate::words::{moment, number};
use std::collections::BTreeSet;
use weir_model::{Clock, Incident, IncidentLevel};

/// Incidents told in full.
const TOLD: usize = 12;
/// Rows of the list.
const LISTED: usize = 100;
/// Names listed of one incident.
const NAMES: usize = 8;

/// Writes what was judged of incidents, at the end of the section on risks.
pub(super) fn section(h: &mut Html, input: &ReportInput<'_>) {
    h.raw("<h3>").both("事件研判", "Incidents").raw("</h3><p>");
    if input.incidents.is_empty() {
        h.both(
            "未见表明事件已发生的证据；脆弱性与未得逞的尝试不作为事件。是否构成事件由数据处理者最终认定。",
            "Nothing seen shows that an incident happened; weaknesses and attempts that failed are none. The data handler has the last word.",
        );
        h.raw("</p>");
        return;
    }
    h.both(
        format_args!(
            "有证据表明事件已发生的 {} 起，同一原因归为一起，待人工确认；时限自发现时起算。",
            input.incidents.len()
        ),
        format_args!(
            "{} suspected, one a cause, for a person to confirm; clocks run from when each was found.",
            input.incidents.len()
        ),
    );
    h.raw("</p>");
    for incident in input.incidents.iter().take(TOLD) {
        card(h, input, incident);
    }
    h.more(TOLD, input.incidents.len(), "incidents.jsonl");
}

/// Writes the list of the annex.
pub(super) fn list(h: &mut Html, input: &ReportInput<'_>) {
    h.raw("<h3>").both("事件清单", "Incidents").raw("</h3>");
    if input.incidents.is_empty() {
        h.raw("<p class=\"none\">").both("未研判出事件。", "No incident was judged.").raw("</p>");
        return;
    }
    h.raw("<div class=\"scroll\"><table>").columns(&[
        ("#序号", "No."),
        ("编号", "Id"),
        ("类型", "Type"),
        ("级别", "Level"),
        ("发现时间", "Found"),
        ("影响范围", "Scope"),
        ("#至多人数", "Persons at most"),
        ("原因", "Cause"),
        ("关联风险源", "Risk sources"),
        ("首个时限", "First due"),
    ]);
    h.raw("<tbody>");
    for (n, i) in (1..).zip(input.incidents.iter().take(LISTED)) {
        h.raw("<tr>").number_cell(n).code_cell(&i.key).raw("<td>");
        kind(h, i);
        h.raw("</td><td>").badge(class(i.level), (i.level.zh(), i.level.en())).raw("</td>");
        h.element("td", &[], moment(i.known)).raw("<td>");
        scope(h, input, i);
        h.raw("</td>").number_cell(i.persons).raw("<td>");
        h.both(clip(&i.cause.zh, 120), clip(&i.cause.en, 160)).raw("</td>");
        h.code_cell(ids(input, &i.sources)).raw("<td>");
        match i.clocks.iter().find(|c| c.due.is_some()) {
            Some(c) => due(h, c),
            None => {
                h.raw("–");
            }
        }
        h.raw("</td></tr>");
    }
    h.raw("</tbody></table></div>").more(LISTED, input.incidents.len(), "incidents.jsonl");
}

/// The colour of a level: those of severities.
const fn class(level: IncidentLevel) -> &'static str {
    match level {
        IncidentLevel::General => "medium",
        IncidentLevel::Considerable => "high",
        IncidentLevel::Major | IncidentLevel::Extreme => "critical",
    }
}

fn kind(h: &mut Html, i: &Incident) {
    if let Some(t) = i.types.first() {
        h.both(t.zh(), t.en()).raw("<br><span class=\"soft\">").both(t.class().0, t.class().1).raw("</span>");
    }
}

/// Catalogue ids of risk sources, each once.
fn ids(input: &ReportInput<'_>, positions: &[usize]) -> String {
    let ids: BTreeSet<&str> =
        positions.iter().filter_map(|p| input.sources.get(*p)).map(|s| s.key.id).collect();
    ids.into_iter().collect::<Vec<_>>().join(" ")
}

fn scope(h: &mut Html, input: &ReportInput<'_>, i: &Incident) {
    let host = input.known.site(i.site).map_or("", |s| &*s.host);
    h.raw("<code>").text(clip(host, 60)).raw("</code>");
    if i.interfaces.is_empty() {
        h.raw(" ").both("整个站点", "the whole site");
    }
    for interface in i.interfaces.iter().take(NAMES).filter_map(|id| input.interface(*id)) {
        h.raw("<br><code>")
            .text(&interface.method)
            .raw(" ")
            .text(clip(&interface.template, 80))
            .raw("</code>");
    }
    if i.interfaces.len() > NAMES {
        let more = i.interfaces.len() - NAMES;
        h.raw("<br>").both(format_args!("另有 {more} 个"), format_args!("and {more} more"));
    }
}

fn due(h: &mut Html, c: &Clock) {
    match (c.due, c.within) {
        (Some(_), 0) => h.both("立即", "at once"),
        (Some(t), _) => h.text(moment(t)),
        (None, _) => h.both("处置结束后起算", "runs once handled"),
    };
}

fn card(h: &mut Html, input: &ReportInput<'_>, i: &Incident) {
    h.raw("<article class=\"card\"><h3>").badge(class(i.level), (i.level.zh(), i.level.en())).raw("<span>");
    if let Some(t) = i.types.first() {
        h.both(t.zh(), t.en());
    }
    h.raw("</span><code>").text(&i.key).raw("</code></h3><p class=\"where\">");
    scope(h, input, i);
    h.raw("</p><dl>");
    let mut row = |name: (&'static str, &'static str), zh: String, en: String| {
        h.raw("<dt>").both(name.0, name.1).raw("</dt><dd>").both(zh, en).raw("</dd>");
    };
    row(("原因", "Cause"), i.cause.zh.clone(), i.cause.en.clone());
    row(("后果", "Consequence"), i.consequence.zh.clone(), i.consequence.en.clone());
    row(("级别依据", "Level by"), i.level_said.zh.clone(), i.level_said.en.clone());
    let (found, first, last) = (moment(i.known), moment(i.first_seen), moment(i.last_seen));
    row(
        ("时间", "Time"),
        format!("发现 {found}；起始 {first}；最近 {last}；共 {} 次", number(i.sightings)),
        format!("found {found}; from {first} to {last}; {} sightings", number(i.sightings)),
    );
    if i.types.len() > 1 {
        let of = |name: fn(&weir_model::IncidentType) -> &'static str| {
            i.types.iter().skip(1).map(name).collect::<Vec<_>>()
        };
        row(("次要类型", "Secondary types"), of(|t| t.zh()).join("、"), of(|t| t.en()).join(", "));
    }
    who(h, input, i);
    h.raw("<dt>").both("关联风险源", "Risk sources").raw("</dt><dd><code>").text(ids(input, &i.sources));
    h.raw("</code> <span class=\"soft\">").both("相关脆弱性 ", "weaknesses ").text(ids(input, &i.weaknesses));
    h.raw("</span></dd><dt>").both("时限", "Duties").raw("</dt><dd><ul>");
    for c in &i.clocks {
        h.raw("<li>").both(&c.said.zh, &c.said.en).raw(" <span class=\"soft\">").text(&c.clause).raw(" · ");
        due(h, c);
        h.raw("</span></li>");
    }
    h.raw("</ul></dd></dl></article>");
}

/// Clues to who did it.
fn who(h: &mut Html, input: &ReportInput<'_>, i: &Incident) {
    if i.callers.is_empty() && i.accounts.is_empty() {
        return;
    }
    h.raw("<dt>").both("线索", "Clues").raw("</dt><dd>");
    for c in i.callers.iter().take(NAMES).filter_map(|id| input.known.caller(*id)) {
        h.raw("<code>").text(c.ip).raw("</code> ");
    }
    for a in i.accounts.iter().take(NAMES) {
        h.raw("<code>").text(clip(a, 60)).raw("</code> ");
    }
    let more = (i.callers.len() + i.accounts.len())
        .saturating_sub(i.callers.len().min(NAMES) + i.accounts.len().min(NAMES));
    if more > 0 {
        h.both(format_args!("另有 {more} 个"), format_args!("and {more} more"));
    }
    h.raw("</dd>");
}
