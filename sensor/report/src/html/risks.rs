//! Risks (9.3 d): the matrix, and each risk with the factors of its level.

use super::heading;
use super::markup::{Html, clip};
use crate::ReportInput;
use crate::facts::Facts;
use crate::words::{harm, level, likelihood};
use std::collections::BTreeSet;
use weir_model::{Harm, Likelihood, Risk};

/// Risks listed.
const LISTED: usize = 30;

/// Writes the section.
pub(super) fn section(h: &mut Html, input: &ReportInput<'_>, facts: &Facts<'_>) {
    heading(h, "risks", "9.3 d) · 8.1");
    h.raw("<p>").both(
        format_args!("由风险源归并研判出风险 {} 项。等级由危害程度与发生可能性按矩阵（{}）得出，格内为风险项数。", facts.risks.len(), input.matrix.name()),
        format_args!("{} risks were judged from the risk sources. Levels follow from harm and likelihood by the matrix {}; cells hold the number of risks.", facts.risks.len(), input.matrix.name()),
    );
    h.raw("</p>");
    matrix(h, input, facts);
    if facts.risks.is_empty() {
        return;
    }
    h.raw("<div class=\"scroll\"><table>").columns(&[
        ("等级", "Level"),
        ("风险", "Risk"),
        ("接口", "Interface"),
        ("危害 / 可能性", "Harm / likelihood"),
        ("研判因素", "Factors"),
    ]);
    h.raw("<tbody>");
    for (_, r) in facts.risks.iter().take(LISTED) {
        row(h, input, r);
    }
    h.raw("</tbody></table></div>").more(LISTED, facts.risks.len(), "risks.jsonl");
}

fn matrix(h: &mut Html, input: &ReportInput<'_>, facts: &Facts<'_>) {
    let harms = [Harm::VeryHigh, Harm::High, Harm::Considerable, Harm::Medium, Harm::Low];
    h.raw("<figure><table class=\"matrix\"><thead><tr><th>")
        .both("可能性 ＼ 危害", "Likelihood \\ harm")
        .raw("</th>");
    for column in harms {
        h.raw("<th scope=\"col\">").both(harm(column).0, harm(column).1).raw("</th>");
    }
    h.raw("</tr></thead><tbody>");
    for row in [Likelihood::High, Likelihood::Medium, Likelihood::Low] {
        h.raw("<tr><th scope=\"row\">").both(likelihood(row).0, likelihood(row).1).raw("</th>");
        for column in harms {
            let l = input.matrix.level(column, row);
            let n = facts.risks.iter().filter(|(_, r)| r.harm == column && r.likelihood == row).count();
            let class = if n == 0 { format!("{} empty", l.key()) } else { l.key().to_string() };
            h.open("td", &[("class", &class)]);
            if n > 0 {
                h.element("b", &[], n);
            }
            h.raw("<span>").both(level(l).0, level(l).1).raw("</span></td>");
        }
        h.raw("</tr>");
    }
    h.raw("</tbody></table></figure>");
}

/// Catalogue ids of the risk sources of a risk, each once.
pub(super) fn causes<'a>(input: &ReportInput<'a>, r: &Risk) -> BTreeSet<&'a str> {
    r.sources.iter().filter_map(|i| input.sources.get(*i)).map(|s| s.key.id).collect()
}

/// Where a risk is.
pub(super) fn place(h: &mut Html, input: &ReportInput<'_>, r: &Risk) {
    let host = input.known.site(r.site).map_or("", |s| &*s.host);
    match r.interface.and_then(|id| input.interface(id)) {
        Some(i) => h
            .raw("<code>")
            .text(&i.method)
            .raw(" ")
            .text(clip(&i.template, 80))
            .raw("</code><br><span class=\"soft\">")
            .text(clip(host, 60))
            .raw("</span>"),
        None => h.both("整个站点 ", "whole site ").raw("<code>").text(clip(host, 60)).raw("</code>"),
    };
}

fn row(h: &mut Html, input: &ReportInput<'_>, r: &Risk) {
    h.raw("<tr><td>").badge(r.level.key(), level(r.level)).raw("</td><td>");
    h.both(r.risk_type.zh(), r.risk_type.en()).raw("<br><code class=\"soft\">");
    for (i, id) in causes(input, r).into_iter().enumerate() {
        h.raw(if i > 0 { " " } else { "" }).text(id);
    }
    h.raw("</code></td><td>");
    place(h, input, r);
    h.raw("</td><td class=\"tight\">");
    let (harm, likely) = (harm(r.harm), likelihood(r.likelihood));
    h.both(format_args!("{} / {}", harm.0, likely.0), format_args!("{} / {}", harm.1, likely.1))
        .raw("</td><td>");
    for (i, f) in r.factors.values().enumerate() {
        h.both(if i > 0 { "；" } else { "" }, if i > 0 { "; " } else { "" })
            .both(clip(&f.zh, 160), clip(&f.en, 200));
    }
    h.raw("</td></tr>");
}
