//! One measured figure beside what is asked of it, as text for people and as a line of JSON for the collector.

use serde::{Deserialize, Serialize};

/// A figure of a target G1 to G24, of what finding data may cost (I4), or of decryption (I7).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Row {
    /// Number of the target, such as `G3`.
    pub gate: String,
    /// What was measured.
    pub name: String,
    /// The figure.
    pub value: f64,
    /// Its unit; empty for ratios.
    #[serde(default)]
    pub unit: String,
    /// The floor (where more is better) or ceiling (where less is); none where the figure only explains another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate_value: Option<f64>,
    /// What we want.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<f64>,
    /// Whether less is better. Where absent, the target says it: a target below the gate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub less: Option<bool>,
}

impl Row {
    /// A figure with nothing asked of it.
    pub fn new(gate: &str, name: impl Into<String>, value: f64, unit: &str) -> Row {
        Row {
            gate: gate.into(),
            name: name.into(),
            value,
            unit: unit.into(),
            gate_value: None,
            target: None,
            less: None,
        }
    }
    /// At least `gate`, better `target`.
    pub fn at_least(mut self, gate: f64, target: f64) -> Row {
        (self.gate_value, self.target, self.less) = (Some(gate), Some(target), Some(false));
        self
    }
    /// At most `gate`, better `target`.
    pub fn at_most(mut self, gate: f64, target: f64) -> Row {
        (self.gate_value, self.target, self.less) = (Some(gate), Some(target), Some(true));
        self
    }
    /// Wanted at most `target`, with no gate to miss.
    pub fn wanted_at_most(mut self, target: f64) -> Row {
        (self.target, self.less) = (Some(target), Some(true));
        self
    }
    /// Whether less is better.
    pub fn is_less(&self) -> bool {
        let zero = self.gate_value == Some(0.0);
        self.less.unwrap_or(zero || self.target.zip(self.gate_value).is_some_and(|(t, g)| t < g))
    }
    /// Whether the figure keeps a bound; `None` where there is none.
    fn keeps(&self, bound: Option<f64>) -> Option<bool> {
        bound.map(|b| if self.is_less() { self.value <= b } else { self.value >= b })
    }
    /// `target`, `gate`, `missed` or `-`: what the figure reaches.
    pub fn verdict(&self) -> &'static str {
        match (self.keeps(self.gate_value), self.keeps(self.target)) {
            (_, Some(true)) => "target",
            (Some(true), _) => "gate",
            (Some(false), _) => "missed",
            (None, _) => "-",
        }
    }
    /// Whether a bound is missed.
    pub fn missed(&self) -> bool {
        self.verdict() == "missed"
    }
    /// The figure with its unit.
    pub fn shown(&self) -> String {
        format!("{}{}{}", number(self.value), if self.unit.is_empty() { "" } else { " " }, self.unit)
    }
    /// Prints the row: a line of JSON where the program was called with `--json`, a line for people else.
    pub fn print(&self) {
        if std::env::args().any(|a| a == "--json") {
            println!("{}", serde_json::to_string(self).unwrap_or_default());
        } else {
            let bound = |v: Option<f64>| v.map_or_else(|| "-".into(), number);
            println!(
                "{:4} {:62} {:>14}   gate {:>8}  target {:>8}  {}",
                self.gate,
                self.name,
                self.shown(),
                bound(self.gate_value),
                bound(self.target),
                self.verdict()
            );
        }
    }
}

/// Three significant digits, whole numbers whole.
pub fn number(v: f64) -> String {
    let size = v.abs();
    match size {
        _ if v.fract() == 0.0 && size < 1e15 => format!("{v:.0}"),
        _ if size >= 100.0 => format!("{v:.0}"),
        _ if size >= 10.0 => format!("{v:.1}"),
        _ if size >= 0.1 => format!("{v:.2}"),
        _ => format!("{v:.2e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_follow_the_direction() {
        let speed = |v| Row::new("G3", "W1", v, "Gbit/s").at_least(4.0, 8.0).verdict();
        assert_eq!([speed(9.0), speed(5.0), speed(1.0)], ["target", "gate", "missed"]);
        let cost = |v| Row::new("G10", "ACK", v, "").at_most(200.0, 120.0).verdict();
        assert_eq!([cost(100.0), cost(150.0), cost(210.0)], ["target", "gate", "missed"]);
        let bare = |json: &str| serde_json::from_str::<Row>(json).map(|r| r.verdict());
        let row = r#"{"gate":"G9","name":"allocations","value":0,"gate_value":0,"target":0}"#;
        assert_eq!(bare(row).ok(), Some("target"));
        assert_eq!(Row::new("G3", "x", 1.0, "").verdict(), "-");
        let wanted = |v| Row::new("G18", "resident", v, "KiB").wanted_at_most(64.0).verdict();
        assert_eq!([wanted(60.0), wanted(90.0)], ["target", "-"]);
    }
}
