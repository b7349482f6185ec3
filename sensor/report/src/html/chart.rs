//! Charts, drawn as inline SVG.

use super::markup::{F, Html};
use crate::Activity;
use crate::facts::{FORMS, Facts, TypeFacts};
use crate::words::{form, moment, number, severity};
use std::f64::consts::TAU;
use std::fmt::Write;
use weir_exchange::{Catalogue, Form};
use weir_model::Severity;

/// Bars of a chart.
const BARS: usize = 14;

/// Calls over time: all, those with sensitive data, those refused or failed.
pub(super) fn activity(h: &mut Html, activity: &Activity) {
    let bins = activity.bins();
    let top = bins.iter().map(|(_, b)| b.calls).max().unwrap_or(0);
    let (Some((first, _)), Some((last, _)), true) = (bins.first(), bins.last(), top > 0) else {
        h.raw("<p class=\"none\">").both("没有接口调用。", "No exchanges.").raw("</p>");
        return;
    };
    let (width, height, left, base) = (920.0, 190.0, 46.0, 160.0);
    h.raw("<figure><div class=\"legend\"><span><i class=\"fill-accent\"></i>").both("全部调用", "All calls");
    h.raw("</span><span><i class=\"fill-medium\"></i>").both("含 3 级以上数据", "With grade 3+ data");
    h.raw("</span><span><i class=\"fill-high\"></i>").both("4xx / 5xx", "4xx / 5xx").raw("</span></div>");
    let label = "调用量随时间的变化 Calls over time";
    let view = format!("0 0 {width} {height}");
    h.open("svg", &[("viewBox", &view), ("role", &"img"), ("aria-label", &label)]);
    for share in [0.0, 0.5, 1.0] {
        let y = base - share * 140.0;
        h.open(
            "line",
            &[("class", &"axis"), ("x1", &F(left)), ("x2", &F(width)), ("y1", &F(y)), ("y2", &F(y))],
        )
        .close("line");
        let value = number((top as f64 * share).round() as u64);
        h.element(
            "text",
            &[("class", &"t"), ("x", &F(left - 6.0)), ("y", &F(y + 4.0)), ("text-anchor", &"end")],
            value,
        );
    }
    let step = (width - left) / bins.len() as f64;
    let (gap, scale) = (if step > 6.0 { 1.5 } else { 0.3 }, 140.0 / top as f64);
    for (i, (_, bin)) in bins.iter().enumerate() {
        let x = left + i as f64 * step;
        let mut bar = |class: &str, n: u64, x: f64, w: f64| {
            let tall = n as f64 * scale;
            if n > 0 {
                let (w, y) = (F(w.max(0.6)), F(base - tall));
                h.open(
                    "rect",
                    &[("class", &class), ("x", &F(x)), ("y", &y), ("width", &w), ("height", &F(tall))],
                )
                .close("rect");
            }
        };
        let w = (step - gap).min(60.0);
        bar("area fill-accent", bin.calls, x, w);
        bar("fill-medium", bin.sensitive, x, w / 2.0);
        bar("fill-high", bin.errors, x + w / 2.0, w / 2.0);
    }
    let y = F(height - 10.0);
    h.element("text", &[("class", &"t"), ("x", &F(left)), ("y", &y)], moment(*first));
    h.element(
        "text",
        &[("class", &"t"), ("x", &F(width)), ("y", &y), ("text-anchor", &"end")],
        moment(*last),
    );
    h.close("svg").raw("<figcaption>");
    let seconds = activity.width() / 1_000_000_000;
    h.both(
        format_args!("每格 {seconds} 秒，时间为 UTC。"),
        format_args!("{seconds} s a bin; times are UTC."),
    );
    h.raw("</figcaption></figure>");
}

/// Risk sources by severity, as a ring with its legend.
pub(super) fn severity_ring(h: &mut Html, facts: &Facts<'_>) {
    let total: usize = facts.severities.iter().sum();
    h.raw("<figure><svg viewBox=\"0 0 300 190\" role=\"img\" aria-label=\"风险源等级 Severity of risk sources\">");
    let mut from = 0.0;
    for (severity, n) in Severity::ALL.iter().zip(facts.severities).rev().filter(|(_, n)| *n > 0) {
        let share = n as f64 / total as f64;
        let class = format!("fill-{}", severity.key());
        h.open("path", &[("class", &class), ("d", &arc(90.0, 95.0, 78.0, 52.0, from, from + share))])
            .close("path");
        from += share;
    }
    h.raw("<text x=\"90\" y=\"98\" text-anchor=\"middle\" style=\"font-size:28px;font-weight:650\">")
        .text(total)
        .raw("</text>");
    h.raw("<text class=\"t zh\" x=\"90\" y=\"118\" text-anchor=\"middle\">项风险源</text>");
    h.raw("<text class=\"t en\" x=\"90\" y=\"118\" text-anchor=\"middle\">risk sources</text>");
    for (row, (s, n)) in Severity::ALL.iter().zip(facts.severities).rev().enumerate() {
        let y = 42.0 + row as f64 * 27.0;
        let class = format!("fill-{}", s.key());
        h.open(
            "rect",
            &[
                ("class", &class),
                ("x", &"196"),
                ("y", &F(y - 10.0)),
                ("width", &"12"),
                ("height", &"12"),
                ("rx", &"2"),
            ],
        );
        h.close("rect");
        let (zh, en) = severity(*s);
        h.element("text", &[("class", &"zh"), ("x", &"216"), ("y", &F(y))], zh);
        h.element("text", &[("class", &"en"), ("x", &"216"), ("y", &F(y))], en);
        h.element("text", &[("x", &"294"), ("y", &F(y)), ("text-anchor", &"end")], n);
    }
    h.raw("</svg></figure>");
}

/// A segment of a ring from `a` to `b`, in turns from the top, clockwise.
fn arc(x: f64, y: f64, outer: f64, inner: f64, a: f64, b: f64) -> String {
    // A whole ring cannot be one arc: it would begin where it ends.
    let b = b.min(a + 0.9999);
    let at = |r: f64, turn: f64| (x + r * (turn * TAU).sin(), y - r * (turn * TAU).cos());
    let large = u8::from(b - a > 0.5);
    let ((x0, y0), (x1, y1), (x2, y2), (x3, y3)) = (at(outer, a), at(outer, b), at(inner, b), at(inner, a));
    format!(
        "M{x0:.2} {y0:.2}A{outer} {outer} 0 {large} 1 {x1:.2} {y1:.2}L{x2:.2} {y2:.2}A{inner} {inner} 0 {large} 0 {x3:.2} {y3:.2}Z"
    )
}

pub(super) const fn form_class(f: Form) -> &'static str {
    match f {
        Form::Plain => "fill-plain",
        Form::Masked => "fill-masked",
        Form::Encrypted => "fill-encrypted",
        Form::Hashed => "fill-hashed",
        Form::Encoded => "fill-encoded",
    }
}

/// Values by data type, each bar parted by form.
pub(super) fn type_bars(h: &mut Html, types: &[TypeFacts], catalogue: &Catalogue) {
    let shown = &types[..types.len().min(BARS)];
    let top = shown.iter().map(TypeFacts::values).max().unwrap_or(0).max(1) as f64;
    h.raw("<figure><div class=\"legend\">");
    for f in FORMS {
        let (zh, en) = form(f);
        h.raw("<span>").open("i", &[("class", &form_class(f))]).raw("</i>").both(zh, en).raw("</span>");
    }
    let height = shown.len() * 26 + 6;
    h.raw("</div>").open(
        "svg",
        &[
            ("viewBox", &format_args!("0 0 920 {height}")),
            ("role", &"img"),
            ("aria-label", &"数据类型与形态 Data types by form"),
        ],
    );
    for (row, t) in shown.iter().enumerate() {
        let y = row as f64 * 26.0 + 6.0;
        let (zh, en) = catalogue.data_type(t.id).map_or(("?", "?"), |d| (&*d.zh, &*d.en));
        for (class, name) in [("zh", zh), ("en", en)] {
            let name = super::markup::clip(name, 26);
            h.element(
                "text",
                &[("class", &class), ("x", &"188"), ("y", &F(y + 13.0)), ("text-anchor", &"end")],
                name,
            );
        }
        let mut x = 200.0;
        for (f, n) in FORMS.iter().zip(t.forms).filter(|(_, n)| *n > 0) {
            let w = (n as f64 / top * 620.0).max(2.0);
            let title = format!("{} {}", form(*f).0, n);
            h.open(
                "rect",
                &[
                    ("class", &form_class(*f)),
                    ("x", &F(x)),
                    ("y", &F(y)),
                    ("width", &F(w)),
                    ("height", &"18"),
                ],
            );
            h.element("title", &[], title).close("rect");
            x += w;
        }
        h.element("text", &[("class", &"t"), ("x", &F(x + 8.0)), ("y", &F(y + 13.0))], number(t.values()));
    }
    h.raw("</svg></figure>");
}

/// A bar of shares with its legend; parts are class, Chinese, English, amount.
pub(super) fn shares(h: &mut Html, parts: &[(&'static str, &str, &str, u64)]) {
    let total = parts.iter().map(|p| p.3).sum::<u64>().max(1);
    h.raw("<div class=\"bar\">");
    for (class, _, _, n) in parts.iter().filter(|p| p.3 > 0) {
        let mut width = String::new();
        // Writing to a string does not fail.
        let _ = write!(width, "width:{:.2}%", *n as f64 / total as f64 * 100.0);
        h.open("i", &[("class", class), ("style", &width)]).raw("</i>");
    }
    h.raw("</div>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_ring_is_drawn() {
        let path = arc(0.0, 0.0, 10.0, 5.0, 0.0, 1.0);
        assert!(path.starts_with("M0.00 -10.00A10 10 0 1 1 -0.01 -10.00"), "{path}");
    }
}
