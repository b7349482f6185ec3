//! Bodies of the API mix.

use crate::people::Person;
use crate::rng::Rng;
use std::fmt::{Arguments, Write};

const WORDS: &[&str] = &[
    "订单",
    "状态",
    "已完成",
    "处理中",
    "产品",
    "名称",
    "说明",
    "北区",
    "季度",
    "销售",
    "order",
    "status",
    "paid",
    "standard",
    "north",
    "ready",
];

/// A JSON body of about `target` bytes; with personal data in its records where `personal`.
pub fn json(rng: &mut Rng, target: usize, personal: bool) -> String {
    let mut out = String::with_capacity(target + 512);
    let trace = rng.bits();
    add(
        &mut out,
        format_args!(
            "{{\"code\":0,\"msg\":\"ok\",\"traceId\":\"{trace:016x}\",\"data\":{{\"total\":{},\"list\":[",
            rng.below(5000)
        ),
    );
    let mut first = true;
    while out.len() < target || first {
        if !first {
            out.push(',');
        }
        first = false;
        record(rng, &mut out, personal);
    }
    out.push_str("]}}");
    out
}

/// A record of such a body.
pub(crate) fn record(rng: &mut Rng, out: &mut String, personal: bool) {
    let (id, price) = (1_000_000 + rng.below(9_000_000), rng.below(1_000_000) as f64 / 100.0);
    let at = 1_760_000_000_000 + rng.below(40_000_000_000);
    add(
        out,
        format_args!(
            "{{\"id\":{id},\"sku\":\"SKU-{:06}\",\"price\":{price:.2},\"createdAt\":{at},\"title\":\"",
            rng.below(1_000_000)
        ),
    );
    for _ in 0..4 + rng.below(12) {
        out.push_str(word(rng));
    }
    add(
        out,
        format_args!(
            "\",\"tags\":[\"{}\",\"{}\"],\"active\":{}",
            rng.pick(WORDS),
            rng.pick(WORDS),
            rng.chance(0.7)
        ),
    );
    if personal {
        let p = Person::draw(rng);
        add(
            out,
            format_args!(
                ",\"custName\":\"{}\",\"idCard\":\"{}\",\"mobile\":\"{}\",\"bankCardNo\":\"{}\",\"email\":\"{}\",\"address\":\"{}\"",
                p.name, p.id, p.mobile, p.card, p.email, p.address
            ),
        );
    }
    out.push('}');
}

/// A JSON body of about `target` bytes in which nothing looks like data of any sort: words and flags.
pub fn quiet(rng: &mut Rng, target: usize) -> String {
    let mut out = String::with_capacity(target + 512);
    out.push_str("{\"ok\":true,\"list\":[{\"top\":true}");
    while out.len() < target {
        out.push_str(",{\"title\":\"");
        (0..4 + rng.below(12)).for_each(|_| out.push_str(word(rng)));
        let (one, other, active) = (rng.pick(WORDS), rng.pick(WORDS), rng.chance(0.7));
        add(&mut out, format_args!("\",\"tags\":[\"{one}\",\"{other}\"],\"active\":{active}}}"));
    }
    out.push_str("]}");
    out
}

/// A word of business.
pub(crate) fn word(rng: &mut Rng) -> &'static str {
    let words: &[&'static str] = WORDS;
    words[rng.below(words.len() as u64) as usize]
}

/// Appends; writing to a `String` cannot fail.
fn add(out: &mut String, text: Arguments<'_>) {
    let _ = out.write_fmt(text);
}
