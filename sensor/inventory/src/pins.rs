//! Templates that a person decided: they go before what is learned.

use crate::path::Path;
use crate::words;
use std::collections::BTreeMap;
use weir_model::Ruling;

/// Most pinned templates that are obeyed; later ones are left out.
const MOST: usize = 4_096;

/// A template pinned by a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pin {
    /// Host of the site, as in records.
    pub host: Box<str>,
    /// Path template with `{name}` where any value may stand.
    pub template: Box<str>,
    /// Who says so, for the evidence (`pinned by a person on 2026-01-02`).
    pub note: Box<str>,
}

/// What a person decided of interfaces.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Decided {
    /// Templates.
    pub pins: Vec<Pin>,
    /// Names by interface id.
    pub names: BTreeMap<Box<str>, Box<str>>,
    /// What interfaces are, by their ids.
    pub rulings: BTreeMap<Box<str>, Ruling>,
}

/// One segment of a pinned template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// This text.
    Literal(Box<str>),
    /// Any text between these two.
    Variable { prefix: Box<str>, suffix: Box<str> },
}

impl Step {
    fn of(segment: &str) -> Step {
        match segment.split_once('{').and_then(|(a, rest)| Some((a, rest.split_once('}')?.1))) {
            Some((prefix, suffix)) => Step::Variable { prefix: prefix.into(), suffix: suffix.into() },
            None => Step::Literal(segment.into()),
        }
    }
    fn takes(&self, text: &str) -> bool {
        match self {
            Step::Literal(own) => **own == *text,
            Step::Variable { prefix, suffix } => {
                text.len() > prefix.len() + suffix.len()
                    && text.starts_with(&**prefix)
                    && text.ends_with(&**suffix)
            }
        }
    }
}

/// A pinned template, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Rule {
    pub steps: Vec<Step>,
    pub note: Box<str>,
}

/// The pinned templates by host.
#[derive(Clone, Default, Debug)]
pub(crate) struct Pins(BTreeMap<Box<str>, Vec<Rule>>);

impl Pins {
    /// Of decisions in order: the later of two of one template wins.
    pub fn new(pins: &[Pin]) -> Pins {
        let mut all: BTreeMap<Box<str>, Vec<Rule>> = BTreeMap::new();
        for pin in pins.iter().take(MOST) {
            let steps: Vec<Step> =
                Path::of(&pin.template).segments.iter().map(|s| Step::of(&s.text)).collect();
            let rules = all.entry(pin.host.clone()).or_default();
            rules.retain(|r| r.steps != steps);
            rules.push(Rule { steps, note: pin.note.clone() });
        }
        for rules in all.values_mut() {
            // The most particular first; of equals the newest.
            rules.reverse();
            rules.sort_by_key(|r| r.steps.iter().filter(|s| matches!(s, Step::Variable { .. })).count());
        }
        Pins(all)
    }

    /// Whether nothing is pinned.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rules of a host.
    pub fn of(&self, host: &str) -> &[Rule] {
        self.0.get(host).map_or(&[], Vec::as_slice)
    }

    /// The rule for a path of a host.
    pub fn rule(&self, host: &str, path: &Path<'_>) -> Option<&Rule> {
        let fits = |r: &&Rule| {
            r.steps.len() == path.segments.len()
                && r.steps.iter().zip(&path.segments).all(|(s, p)| s.takes(&p.text))
        };
        self.0.get(host)?.iter().find(fits).filter(|_| !path.cut)
    }
}

/// The variable's text in a segment, without what stands around it.
pub(crate) fn value_of<'t>(text: &'t str, prefix: &str, suffix: &str) -> &'t str {
    let inner = text.strip_prefix(prefix).and_then(|t| t.strip_suffix(suffix)).unwrap_or(text);
    if suffix.is_empty() { words::split_extension(inner).0 } else { inner }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn pin(template: &str) -> Pin {
        Pin { host: "h".into(), template: template.into(), note: template.into() }
    }

    #[test]
    fn the_most_particular_wins() {
        let pins = Pins::new(&[pin("/users/{name}"), pin("/users/admin"), pin("/t/{id}.json")]);
        let note = |path: &str| pins.rule("h", &Path::of(path)).map(|r| r.note.to_string());
        assert_eq!(note("/users/admin").unwrap(), "/users/admin");
        assert_eq!(note("/users/bob?x=1").unwrap(), "/users/{name}");
        assert_eq!(note("/t/5.json").unwrap(), "/t/{id}.json");
        assert_eq!(note("/t/.json"), None);
        assert_eq!(note("/users/bob/x"), None);
        assert!(pins.rule("other", &Path::of("/users/bob")).is_none());
    }
}
