//! Data found, by type, form and grade.

use super::markup::Html;
use super::{chart, heading};
use crate::ReportInput;
use crate::facts::{FORMS, Facts};
use crate::words::{form, grade, number, percent};
use weir_exchange::{Form, Grading};

/// Data types listed.
const LISTED: usize = 40;

/// Writes the section.
pub(super) fn section(h: &mut Html, input: &ReportInput<'_>, facts: &Facts<'_>) {
    heading(h, "data", "7.2.2 d)");
    if facts.types.is_empty() {
        h.raw("<p class=\"none\">").both("未发现敏感数据。", "No sensitive data was found.").raw("</p>");
        return;
    }
    let (values, plain) = (facts.values(), facts.plain());
    h.raw("<p>").both(
        format_args!("发现 {} 类敏感数据、{} 个值，其中明文 {}（{}）。样本均已掩码，原值不落盘。", facts.types.len(), number(values), number(plain), percent(plain, values)),
        format_args!("{} types of sensitive data, {} values, {} of them in clear ({}). Values themselves are never stored.", facts.types.len(), number(values), number(plain), percent(plain, values)),
    );
    if facts.rejected > 0 {
        h.raw(" ").both(
            format_args!("另有 {} 个值所在的列经整体判定不是该类数据（如恰好通过校验的订单号），未计入。", number(facts.rejected)),
            format_args!("{} more values do not count: their columns, judged as a whole, are something else (such as order numbers that happen to verify).", number(facts.rejected)),
        );
    }
    h.raw("</p>");
    if let Some(g) = &input.catalogue.grading {
        h.raw("<p class=\"soft\">")
            .both(
                format_args!("分级方案：{}（{}）", g.zh, g.standard),
                format_args!("Grading profile: {} ({})", g.en, g.standard),
            )
            .raw("</p>");
    }
    chart::type_bars(h, &facts.types, input.catalogue);
    h.raw("<div class=\"scroll\"><table>");
    h.columns(&[
        ("数据类型", "Data type"),
        ("级别", "Grade"),
        ("#接口", "Interfaces"),
        ("#请求中", "In requests"),
        ("#响应中", "In responses"),
    ]);
    h.raw("<tbody>");
    for t in facts.types.iter().take(LISTED) {
        let (zh, en, id) =
            input.catalogue.data_type(t.id).map_or(("?", "?", ""), |d| (&*d.zh, &*d.en, &*d.id));
        h.raw("<tr><td>")
            .both(zh, en)
            .raw(" <code class=\"soft\">")
            .text(id)
            .raw("</code><br><span class=\"soft\">");
        let told = FORMS.iter().zip(t.forms).filter(|(_, n)| *n > 0);
        for (i, (f, n)) in told.enumerate() {
            let (zh, en) = form(*f);
            h.raw(if i > 0 { " · " } else { "" })
                .both(format_args!("{zh} {}", number(n)), format_args!("{en} {}", number(n)));
        }
        h.raw("</span></td><td>").badge(format_args!("g{}", t.level.clamp(1, 4)), grade(t.level));
        let in_profile = |g: &Grading| Some(g.label(g.field(t.id, Form::Plain))?.clone());
        if let Some(label) = input.catalogue.grading.as_ref().and_then(in_profile) {
            h.raw("<br><span class=\"soft\">").both(&label.zh, &label.en).raw("</span>");
        }
        h.raw("</td>");
        h.number_cell(t.interfaces.len() as u64).number_cell(t.request).number_cell(t.response).raw("</tr>");
    }
    h.raw("</tbody></table></div>").more(LISTED, facts.types.len(), "interfaces.jsonl");
}
