//! Annex (9.3 f): the lists of risk sources, risks and events.

use super::heading;
use super::markup::{Html, clip};
use super::{incidents, risks, sources};
use crate::ReportInput;
use crate::facts::Facts;
use crate::words::{level, moment, severity};

/// Rows of each list.
const LISTED: usize = 100;

/// Writes the section.
pub(super) fn section(h: &mut Html, input: &ReportInput<'_>, facts: &Facts<'_>) {
    h.raw("<div class=\"annex\">");
    heading(h, "annex", "9.3 f)");
    h.raw("<h3>").both("风险源清单", "Risk sources").raw("</h3><div class=\"scroll\"><table>").columns(&[
        ("#序号", "No."),
        ("风险源", "Risk source"),
        ("等级", "Severity"),
        ("对象", "Object"),
        ("描述", "Description"),
        ("首次发现", "First seen"),
    ]);
    h.raw("<tbody>");
    for (n, s) in (1..).zip(facts.sources.iter().take(LISTED)) {
        h.raw("<tr>").number_cell(n).raw("<td><code>").text(s.key.id).raw("</code> ");
        sources::name(h, input.card(s.key.id));
        h.raw("</td><td>").badge(s.severity.key(), severity(s.severity)).raw("</td><td>");
        sources::place(h, input, s);
        h.raw("</td><td>").both(clip(&s.summary.zh, 160), clip(&s.summary.en, 220)).raw("</td>");
        h.element("td", &[], moment(s.first_seen)).raw("</tr>");
    }
    h.raw("</tbody></table></div>").more(LISTED, facts.sources.len(), "risk-sources.jsonl");
    risk_list(h, input, facts);
    incidents::list(h, input);
    h.raw("</div>");
}

fn risk_list(h: &mut Html, input: &ReportInput<'_>, facts: &Facts<'_>) {
    h.raw("<h3>").both("风险清单", "Risks").raw("</h3><div class=\"scroll\"><table>").columns(&[
        ("#序号", "No."),
        ("编号", "Id"),
        ("风险类型", "Type"),
        ("等级", "Level"),
        ("对象", "Object"),
        ("风险源", "Risk sources"),
    ]);
    h.raw("<tbody>");
    for (n, (_, r)) in (1..).zip(facts.risks.iter().take(LISTED)) {
        h.raw("<tr>")
            .number_cell(n)
            .code_cell(&r.key)
            .raw("<td>")
            .both(r.risk_type.zh(), r.risk_type.en())
            .raw("</td><td>");
        h.badge(r.level.key(), level(r.level)).raw("</td><td>");
        risks::place(h, input, r);
        h.raw("</td>")
            .code_cell(risks::causes(input, r).into_iter().collect::<Vec<_>>().join(" "))
            .raw("</tr>");
    }
    h.raw("</tbody></table></div>").more(LISTED, facts.risks.len(), "risks.jsonl");
}
