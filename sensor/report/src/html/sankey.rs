//! Who calls what, and which grade of data it holds: callers, interfaces, grades, joined by ribbons as wide as the calls.

use super::markup::{F, Html, clip};
use crate::ReportInput;
use crate::words::{grade, number};
use std::collections::BTreeMap;
use weir_model::{CallerId, InterfaceId, InterfaceState};

const CALLERS: usize = 7;
const INTERFACES: usize = 10;
const WIDTH: f64 = 920.0;
const TALL: f64 = 330.0;
const GAP: f64 = 9.0;

/// A box of a column with where its next ribbons start.
struct Node {
    label: (String, String),
    class: String,
    calls: u64,
    height: f64,
    top: f64,
    left_used: f64,
    right_used: f64,
}

/// Draws the figure; nothing where there are no calls.
pub(super) fn calls(h: &mut Html, input: &ReportInput<'_>) {
    let mut pairs: BTreeMap<(CallerId, InterfaceId), u64> = BTreeMap::new();
    for ((caller, interface), n) in &input.tally.pairs {
        let interface = (input.resolve)(*interface);
        let active = input.known.interface(interface).is_some_and(|i| i.state == InterfaceState::Active);
        if active {
            *pairs.entry((*caller, interface)).or_default() += n;
        }
    }
    if pairs.is_empty() {
        return;
    }
    let callers = ranked(pairs.iter().map(|((c, _), n)| (*c, *n, 0)), CALLERS);
    let level = |i: InterfaceId| input.known.interface(i).map_or(1, |i| i.level);
    let interfaces = ranked(pairs.iter().map(|((_, i), n)| (*i, *n, level(*i))), INTERFACES);
    let mut left: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    let mut right: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    for ((c, i), n) in &pairs {
        let from = callers.iter().position(|x| x == c).unwrap_or(callers.len());
        let to = interfaces.iter().position(|x| x == i).unwrap_or(interfaces.len());
        *left.entry((from, to)).or_default() += n;
        *right.entry((to, usize::from(4 - level(*i).clamp(1, 4)))).or_default() += n;
    }
    let total: u64 = pairs.values().sum();
    let scale = (TALL - GAP * (INTERFACES as f64)) / total as f64;
    let caller = |id: CallerId| input.known.caller(id).map_or_else(String::new, |c| c.ip.to_string());
    let mut columns = [
        column(callers.iter().map(|c| same(caller(*c))).collect(), |_| "fill-brand".into()),
        column(interfaces.iter().map(|i| same(name(input, *i))).collect(), |_| "fill-accent".into()),
        (1..=4).rev().map(|g| node((grade(g).0.into(), grade(g).1.into()), format!("fill-g{g}"))).collect(),
    ];
    measure(&mut columns, &left, &right, scale);
    draw(h, &mut columns, &left, &right, scale);
}

fn same(text: String) -> (String, String) {
    (text.clone(), text)
}

fn name(input: &ReportInput<'_>, id: InterfaceId) -> String {
    let text = |i: &weir_model::Interface| format!("{} {}", i.method, i.template);
    clip(&input.known.interface(id).map_or_else(String::new, text), 44)
}

/// The most called, highest grade first: what matters stays visible when the list is cut.
fn ranked<T: Copy + Ord>(items: impl Iterator<Item = (T, u64, u8)>, keep: usize) -> Vec<T> {
    let mut sums: BTreeMap<T, (u8, u64)> = BTreeMap::new();
    for (item, n, grade) in items {
        let sum = sums.entry(item).or_default();
        *sum = (grade, sum.1 + n);
    }
    let mut order: Vec<_> = sums.into_iter().collect();
    order.sort_by(|(a, x), (b, y)| y.cmp(x).then(a.cmp(b)));
    order.into_iter().take(keep).map(|(item, _)| item).collect()
}

fn node(label: (String, String), class: String) -> Node {
    Node { label, class, calls: 0, height: 0.0, top: 0.0, left_used: 0.0, right_used: 0.0 }
}

/// Nodes of a column and one for all others.
fn column(labels: Vec<(String, String)>, class: impl Fn(usize) -> String) -> Vec<Node> {
    let others = node(("其余".into(), "others".into()), "fill-info".into());
    let nodes = labels.into_iter().enumerate().map(|(i, label)| node(label, class(i)));
    nodes.chain([others]).collect()
}

type Links = BTreeMap<(usize, usize), u64>;

fn thick(n: u64, scale: f64) -> f64 {
    (n as f64 * scale).max(1.0)
}

/// Heights from the ribbons at either side, and positions from heights.
fn measure(columns: &mut [Vec<Node>; 3], left: &Links, right: &Links, scale: f64) {
    let sum = |links: &Links, node: usize, to: bool| -> (u64, f64) {
        let mine = links.iter().filter(|((a, b), _)| if to { *b == node } else { *a == node });
        mine.fold((0, 0.0), |(n, t), (_, m)| (n + m, t + thick(*m, scale)))
    };
    for (at, nodes) in columns.iter_mut().enumerate() {
        let mut top = 22.0;
        for (i, node) in nodes.iter_mut().enumerate() {
            let (n, height) = match at {
                0 => sum(left, i, false),
                1 => (sum(left, i, true).0, sum(left, i, true).1.max(sum(right, i, false).1)),
                _ => sum(right, i, true),
            };
            (node.calls, node.height, node.top) = (n, height, top);
            if n > 0 {
                top += height.max(8.0) + GAP;
            }
        }
    }
}

const AT: [f64; 3] = [150.0, 440.0, 796.0];
const BOX: f64 = 9.0;

fn draw(h: &mut Html, columns: &mut [Vec<Node>; 3], left: &Links, right: &Links, scale: f64) {
    let end = columns.iter().flatten().map(|n| n.top + n.height.max(12.0)).fold(0.0, f64::max) + 8.0;
    let view = format!("0 0 {WIDTH} {end:.0}");
    h.raw("<figure>")
        .open("svg", &[("viewBox", &view), ("role", &"img"), ("aria-label", &"调用关系 Who calls what")]);
    for (x, anchor, zh, en) in [
        (AT[0] + BOX, "end", "调用方", "Callers"),
        (AT[1], "start", "数据接口", "Interfaces"),
        (AT[2], "start", "数据级别", "Data grade"),
    ] {
        for (class, text) in [("t zh", zh), ("t en", en)] {
            h.element(
                "text",
                &[("class", &class), ("x", &F(x)), ("y", &"10"), ("text-anchor", &anchor)],
                text,
            );
        }
    }
    for (links, from, to) in [(left, 0, 1), (right, 1, 2)] {
        for ((a, b), n) in links {
            ribbon(h, columns, (from, *a), (to, *b), thick(*n, scale));
        }
    }
    for (at, nodes) in columns.iter().enumerate() {
        nodes.iter().filter(|n| n.calls > 0).for_each(|n| label(h, n, at));
    }
    h.raw("</svg><figcaption>").both(
        "线宽表示调用次数；数据级别为该接口所涉数据的最高级别。",
        "Width is the number of calls; the grade is the highest of the interface's data.",
    );
    h.raw("</figcaption></figure>");
}

fn ribbon(h: &mut Html, columns: &mut [Vec<Node>; 3], from: (usize, usize), to: (usize, usize), t: f64) {
    let Some(a) = columns.get_mut(from.0).and_then(|c| c.get_mut(from.1)) else { return };
    let y0 = a.top + a.right_used;
    a.right_used += t;
    let mut class = a.class.clone();
    let Some(b) = columns.get_mut(to.0).and_then(|c| c.get_mut(to.1)) else { return };
    let y1 = b.top + b.left_used;
    b.left_used += t;
    if to.0 == 2 {
        class.clone_from(&b.class);
    }
    let (x0, x1) = (AT[from.0] + BOX, AT[to.0]);
    let (mid, y0b, y1b) = ((x0 + x1) / 2.0, y0 + t, y1 + t);
    let path = format!(
        "M{x0:.1} {y0:.1}C{mid:.1} {y0:.1} {mid:.1} {y1:.1} {x1:.1} {y1:.1}V{y1b:.1}C{mid:.1} {y1b:.1} {mid:.1} {y0b:.1} {x0:.1} {y0b:.1}Z"
    );
    h.open("path", &[("class", &format_args!("ribbon {class}")), ("d", &path)]).close("path");
}

fn label(h: &mut Html, n: &Node, at: usize) {
    let x = AT[at];
    h.open(
        "rect",
        &[
            ("class", &n.class),
            ("x", &F(x)),
            ("y", &F(n.top)),
            ("width", &F(BOX)),
            ("height", &F(n.height.max(2.0))),
        ],
    );
    h.close("rect");
    let y = F(n.top + n.height / 2.0 + 4.0);
    let (tx, anchor, mono) = if at == 0 {
        (x - 8.0, "end", "mono")
    } else {
        (x + BOX + 7.0, "start", if at == 1 { "mono" } else { "" })
    };
    for (lang, text) in [("zh", &n.label.0), ("en", &n.label.1)] {
        let class = format!("{mono} {lang}");
        h.element(
            "text",
            &[("class", &class), ("x", &F(tx)), ("y", &y), ("text-anchor", &anchor)],
            format_args!("{text} · {}", number(n.calls)),
        );
    }
}
