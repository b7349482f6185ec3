//! Interfaces.

use super::markup::{Html, clip};
use super::{heading, sankey};
use crate::ReportInput;
use crate::facts::{Facts, SENSITIVE, answers_anyone};
use crate::words::{credential, grade, interface_form, number, operation};
use weir_exchange::Label;
use weir_model::{Interface, Lifecycle, Shelf, exposure, purposes};

/// Interfaces listed.
const LISTED: usize = 40;

/// Writes the section.
pub(super) fn section(h: &mut Html, input: &ReportInput<'_>, facts: &Facts<'_>) {
    heading(h, "interfaces", "9.3 b) · A.1");
    h.raw("<p>").both(
        format_args!(
            "活跃接口 {} 个（静态资源除外 {} 个），另有 {} 个路径仅见拒绝或无应答，未列入清单。按数据级别与调用次数排序。",
            number(facts.interfaces.len() as u64), facts.dynamic(), facts.noise
        ),
        format_args!(
            "{} active interfaces ({} without static content); {} more paths were only refused or unanswered and are kept apart. In order of data grade, then calls.",
            number(facts.interfaces.len() as u64), facts.dynamic(), facts.noise
        ),
    );
    h.raw(" ").both(shelves(facts, true), shelves(facts, false)).raw("</p>");
    sankey::calls(h, input);
    if facts.interfaces.is_empty() {
        return;
    }
    h.raw("<div class=\"scroll\"><table>").columns(&[
        ("接口", "Interface"),
        ("级别", "Grade"),
        ("形态 / 用途", "Form / purpose"),
        ("鉴别", "Authentication"),
        ("#调用", "Calls"),
        ("#调用方", "Callers"),
        ("数据", "Data"),
    ]);
    h.raw("<tbody>");
    for (_, i) in facts.interfaces.iter().take(LISTED) {
        row(h, input, facts, i);
    }
    h.raw("</tbody></table></div>").more(LISTED, facts.interfaces.len(), "interfaces.jsonl");
}

/// How many are on each shelf.
fn shelves(facts: &Facts<'_>, zh: bool) -> String {
    let all = Shelf::ALL.iter().zip(facts.shelves).filter(|(_, n)| *n > 0);
    let each = all.map(|(s, n)| format!("{} {}", if zh { s.zh() } else { s.en() }, number(n as u64)));
    let each: Vec<String> = each.collect();
    if zh { format!("分区：{}。", each.join("，")) } else { format!("Shelves: {}.", each.join(", ")) }
}

fn row(h: &mut Html, input: &ReportInput<'_>, facts: &Facts<'_>, i: &Interface) {
    let host = input.known.site(i.site).map_or("", |s| &*s.host);
    h.open("tr", &[("id", &i.key)])
        .raw("<td><code><b>")
        .text(&i.method)
        .raw("</b> ")
        .text(clip(&i.template, 90))
        .raw("</code>");
    if !i.operation_name.is_empty() {
        h.raw(" <code>#").text(clip(&i.operation_name, 40)).raw("</code>");
    }
    if !i.name.is_empty() {
        h.raw("<br>").text(clip(&i.name, 60));
    }
    h.raw("<br><span class=\"soft\">").text(clip(host, 60)).raw("</span>");
    let state = facts.lifecycle(i);
    if state != Lifecycle::Active {
        h.raw(" ").badge("line", (state.zh(), state.key()));
    }
    h.raw("</td><td>");
    h.badge(format_args!("g{}", i.level.clamp(1, 4)), grade(i.level));
    if let Some(label) = in_profile(input, i) {
        h.raw("<br><span class=\"soft\">").both(&label.zh, &label.en).raw("</span>");
    }
    h.raw("</td><td class=\"tight\">");
    let (form, purpose) = (interface_form(i.form), operation(i.operation));
    h.both(format_args!("{} · {}", form.0, purpose.0), format_args!("{} · {}", form.1, purpose.1));
    let tags = purposes(i, input.catalogue);
    let named =
        |of: fn(weir_model::Purpose) -> &'static str| tags.iter().map(|t| of(t.purpose)).collect::<Vec<_>>();
    let shown = exposure(i, &input.known).is;
    h.raw("<br><span class=\"soft\">")
        .both(
            [&[shown.zh()], &*named(weir_model::Purpose::zh)].concat().join(" · "),
            [&[shown.key()], &*named(weir_model::Purpose::en)].concat().join(" · "),
        )
        .raw("</span></td><td>");
    authentication(h, i);
    h.raw("</td>").number_cell(i.exchanges).number_cell(i.callers.len() as u64).raw("<td>");
    let mut names: Vec<_> = i
        .data
        .iter()
        .filter(|(_, p)| p.counted() > 0)
        .filter_map(|((_, t, _), _)| input.catalogue.data_type(*t))
        .collect();
    names.sort_by(|a, b| (b.level, &a.id).cmp(&(a.level, &b.id)));
    names.dedup();
    for (n, t) in names.iter().take(4).enumerate() {
        h.both(if n > 0 { "、" } else { "" }, if n > 0 { ", " } else { "" }).both(&t.zh, &t.en);
    }
    if names.len() > 4 {
        h.both(format_args!(" 等 {} 类", names.len()), format_args!(" +{}", names.len() - 4));
    }
    let (persons, exact) = (i.subjects.count(), i.subjects.is_exact());
    if persons > 0 {
        let (zh, en) = if exact { ("", "") } else { ("约 ", "about ") };
        h.raw("<br><span class=\"soft\">")
            .both(format_args!("{zh}{} 人", number(persons)), format_args!("{en}{} persons", number(persons)))
            .raw("</span>");
    }
    h.raw("</td></tr>");
}

/// The interface's level in the grading profile in force.
fn in_profile<'a>(input: &ReportInput<'a>, i: &Interface) -> Option<&'a Label> {
    let grading = input.catalogue.grading.as_ref()?;
    let fields = i.data.iter().map(|((_, data_type, form), profile)| (*data_type, *form, profile.most));
    grading.label(grading.highest(fields)?)
}

fn authentication(h: &mut Html, i: &Interface) {
    let a = &i.authentication;
    match (a.with, a.without) {
        (0, 0) => h.raw("<span class=\"none\">—</span>"),
        (_, 0) => {
            let kinds: Vec<_> = a.kinds.keys().map(|k| credential(*k)).collect();
            h.badge("line", ("有凭据", "Yes"))
                .raw(" <span class=\"soft\">")
                .text(kinds.join(", "))
                .raw("</span>")
        }
        (0, _) if i.level >= SENSITIVE && answers_anyone(i) => h.badge("warn", ("无凭据", "None")),
        (0, _) => h.badge("line", ("无凭据", "None")),
        (_, n) => h
            .badge("warn", ("部分", "Partial"))
            .raw(" <span class=\"soft\">")
            .both(format_args!("{} 次无凭据", number(n)), format_args!("{} without", number(n)))
            .raw("</span>"),
    };
}
