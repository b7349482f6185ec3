//! Measured precision: what people said of findings, by rule.

use serde::Serialize;
use std::collections::BTreeMap;
use weir_store::{Action, Decisions};

/// Verdicts on one rule: a risk source of the catalogue, or a data type that findings rest on.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Precision {
    /// Version of the record.
    pub v: u32,
    /// Catalogue id or data type.
    pub rule: String,
    /// `risk-source` or `data-type`.
    pub kind: &'static str,
    /// Findings that a person confirmed, or handled.
    pub confirmed: u64,
    /// Findings that a person called false.
    #[serde(rename = "false")]
    pub dismissed: u64,
    /// Share confirmed.
    pub precision: f64,
    /// Its interval of 95 % (Wilson), from and to.
    pub interval: [f64; 2],
}

/// A rule: its kind and its id.
type Rule<'a> = (&'static str, &'a str);

/// Verdicts by rule: of each finding the newest one counts.
pub fn precision(decisions: &Decisions) -> Vec<Precision> {
    let mut verdicts: BTreeMap<&str, (bool, Vec<Rule<'_>>)> = BTreeMap::new();
    for d in decisions.in_force() {
        let so = match d.action {
            Action::Confirm | Action::Handle => true,
            Action::Dismiss => false,
            _ => continue,
        };
        for c in &d.covers {
            let types = c.rules.iter().map(|r| ("data-type", &**r));
            let rules = [("risk-source", &*c.id)].into_iter().chain(types).collect();
            verdicts.insert(&c.key, (so, rules));
        }
    }
    let mut counts: BTreeMap<Rule<'_>, (u64, u64)> = BTreeMap::new();
    for (so, rules) in verdicts.values() {
        for rule in rules {
            let (confirmed, dismissed) = counts.entry(*rule).or_default();
            *(if *so { confirmed } else { dismissed }) += 1;
        }
    }
    let mut all: Vec<Precision> = counts
        .into_iter()
        .map(|((kind, rule), (confirmed, dismissed))| Precision {
            v: 1,
            rule: rule.into(),
            kind,
            confirmed,
            dismissed,
            precision: rounded(confirmed as f64 / (confirmed + dismissed).max(1) as f64),
            interval: wilson(confirmed, confirmed + dismissed),
        })
        .collect();
    all.sort_by(|a, b| (b.kind, &a.rule).cmp(&(a.kind, &b.rule)));
    all
}

/// The interval of 95 % of a share by Wilson's score (E. B. Wilson, JASA 1927), to four digits.
pub fn wilson(hits: u64, of: u64) -> [f64; 2] {
    /// Quantile of the normal distribution.
    const Z: f64 = 1.959_963_984_540_054;
    if of == 0 {
        return [0.0, 1.0];
    }
    let n = of as f64;
    let p = hits as f64 / n;
    let z2 = Z * Z;
    let middle = p + z2 / (2.0 * n);
    let spread = Z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    [rounded(((middle - spread) / scale).max(0.0)), rounded(((middle + spread) / scale).min(1.0))]
}

fn rounded(x: f64) -> f64 {
    (x * 10_000.0).round() / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_wilsons() {
        // The seed's operator: 67 of 72 were true.
        assert_eq!(wilson(67, 72), [0.8475, 0.97]);
        assert_eq!(wilson(0, 10), [0.0, 0.2775]);
        assert_eq!(wilson(10, 10), [0.7225, 1.0]);
        assert_eq!(wilson(0, 0), [0.0, 1.0]);
    }
}
