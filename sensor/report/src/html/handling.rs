//! Warnings and handling (9.3 e): what to do, in order of what it settles.

use super::heading;
use super::markup::Html;
use crate::ReportInput;
use crate::facts::Facts;
use crate::words::severity;
use std::collections::{BTreeMap, BTreeSet};
use weir_model::{Handling, Severity};

/// What a measure would settle.
struct Settles<'a> {
    ids: BTreeSet<&'a str>,
    serious: usize,
    all: usize,
    worst: Severity,
}

/// Writes the section.
pub(super) fn section(h: &mut Html, input: &ReportInput<'_>, facts: &Facts<'_>) {
    heading(h, "handling", "9.3 e)");
    h.raw("<p>").both(
        "本报告由抓包离线分析得出，期间未向外发送预警，也未记录处置；以下为建议措施，按所涉风险源的最高等级与数量排序。",
        "This report comes from captures analysed off line: no warnings were sent and no handling was recorded. Measures are advised in order of the most serious risk source they settle, then of how many.",
    );
    h.raw("</p>");
    let measures = measures(input, facts);
    if measures.is_empty() {
        h.raw("<p class=\"none\">").both("没有需要处置的事项。", "There is nothing to handle.").raw("</p>");
        return;
    }
    h.raw("<div class=\"scroll\"><table>").columns(&[
        ("建议措施", "Measure"),
        ("最高等级", "Highest"),
        ("#重大与高", "Critical, high"),
        ("#全部", "All"),
        ("涉及风险源", "Risk sources"),
    ]);
    h.raw("<tbody>");
    for (m, s) in measures {
        h.raw("<tr><td><code class=\"soft\">H")
            .text(m.0)
            .raw("</code> ")
            .both(m.zh(), m.en())
            .raw("</td><td>");
        h.badge(s.worst.key(), severity(s.worst))
            .raw("</td>")
            .number_cell(s.serious as u64)
            .number_cell(s.all as u64);
        h.code_cell(s.ids.into_iter().collect::<Vec<_>>().join(" ")).raw("</tr>");
    }
    h.raw("</tbody></table></div>");
}

fn measures<'a>(input: &ReportInput<'_>, facts: &Facts<'a>) -> Vec<(Handling, Settles<'a>)> {
    let mut settles: BTreeMap<Handling, Settles<'a>> = BTreeMap::new();
    for s in &facts.sources {
        for m in input.card(s.key.id).map_or(&[][..], |c| c.measures) {
            let none = Settles { ids: BTreeSet::new(), serious: 0, all: 0, worst: Severity::Info };
            let entry = settles.entry(*m).or_insert(none);
            entry.ids.insert(s.key.id);
            entry.serious += usize::from(s.severity >= Severity::High);
            entry.all += 1;
            entry.worst = entry.worst.max(s.severity);
        }
    }
    let mut list: Vec<_> = settles.into_iter().collect();
    list.sort_by(|(a, x), (b, y)| (y.worst, y.serious, y.all, *a).cmp(&(x.worst, x.serious, x.all, *b)));
    list
}
