//! Where calls come from, by country and region.

use super::markup::{Html, clip};
use crate::ReportInput;
use crate::whence::{databases, whence};
use crate::words::percent;
use weir_model::place::{Bucket, DatabaseKind};

/// Countries listed.
const LISTED: usize = 20;

/// Writes the part: a table and what it rests on.
pub(super) fn part(h: &mut Html, input: &ReportInput<'_>) {
    let all = whence(&input.known);
    if all.is_empty() {
        return;
    }
    let whole = all.iter().map(|w| w.exchanges).sum();
    h.raw("<h3>").both("调用来源地", "Where calls come from").raw("</h3>");
    h.raw("<div class=\"scroll\"><table>").columns(&[
        ("国家或地区", "Country or region"),
        ("#调用方", "Callers"),
        ("#调用", "Calls"),
        ("#占比", "Share"),
    ]);
    h.raw("<tbody>");
    for w in all.iter().take(LISTED) {
        h.raw("<tr><td>").both(w.bucket.zh(), w.bucket.en());
        if let Bucket::Country(c) = w.bucket {
            h.raw(" <code class=\"soft\">").text(c).raw("</code>");
        }
        h.raw("</td>").number_cell(w.callers).number_cell(w.exchanges);
        h.raw("<td class=\"n\">").text(percent(w.exchanges, whole)).raw("</td></tr>");
    }
    h.raw("</tbody></table></div>").more(LISTED, all.len(), "interfaces.jsonl");
    basis(h, input);
}

/// What the places rest on, and what that is worth.
fn basis(h: &mut Html, input: &ReportInput<'_>) {
    h.raw("<p class=\"soft\">");
    let used = databases(&input.known);
    for d in &used {
        let date = |none: &'static str| if d.date.is_empty() { none.to_string() } else { d.date.to_string() };
        h.both(
            format_args!(
                "{}：{}（版本 {}，{}）；",
                d.kind.zh(),
                clip(&d.name, 60),
                clip(&d.version, 20),
                date("无日期")
            ),
            format_args!(
                "{}: {} (version {}, {}); ",
                d.kind.en(),
                clip(&d.name, 60),
                clip(&d.version, 20),
                date("no date")
            ),
        );
    }
    if used.iter().any(|d| d.kind == DatabaseKind::Table) {
        h.both(
            "内置表为地区互联网注册机构的分配登记，注册地不等于所在地。香港、澳门、台湾单独统计。",
            "the built-in table is what the regional registries assigned: where an address is registered, which need not be where it is. Hong Kong, Macao and Taiwan are counted apart.",
        );
    } else {
        h.both("香港、澳门、台湾单独统计。", "Hong Kong, Macao and Taiwan are counted apart.");
    }
    h.raw("</p>");
}
