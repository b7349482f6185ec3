//! Findings put together.

use crate::facts;
use weir_exchange::{DataItem, Effect};
use weir_model::{
    Basis, CallerId, Card, Evidence, Finding, FindingKey, InterfaceId, Known, Observation, Severity, Summary,
};

/// Longest note of evidence, in characters.
const NOTE: usize = 200;

/// A finding in the making. By default it is about the interface of the observation and has its card's severity.
pub(crate) struct Sighting<'a> {
    seen: &'a Observation<'a>,
    key: FindingKey,
    severity: Severity,
    basis: Option<Basis>,
    effect: Option<Effect>,
}

impl<'a> Sighting<'a> {
    /// Of `card`, resting on `seen`.
    pub fn of(card: &Card, seen: &'a Observation<'a>) -> Self {
        let key = FindingKey {
            id: card.id,
            site: seen.site,
            interface: seen.interface,
            caller: None,
            account: None,
        };
        Sighting { seen, key, severity: card.severity, basis: None, effect: None }
    }

    /// About another interface than the observation's.
    pub fn of_interface(mut self, interface: Option<InterfaceId>) -> Self {
        self.key.interface = interface;
        self
    }

    /// Nothing without this item: should its column turn out to be something else, there was no finding.
    pub fn rests_on(mut self, item: &DataItem) -> Self {
        self.basis = Some(Basis {
            response: item.place.response,
            path: item.path.as_str().into(),
            data_type: item.data_type,
            form: item.form,
        });
        self
    }

    /// About the whole site.
    pub fn of_site(mut self) -> Self {
        self.key.interface = None;
        self
    }

    /// The doing of the observation's caller.
    pub fn by_caller(mut self) -> Self {
        self.key.caller = Some(self.seen.caller);
        self
    }

    /// The doing of a caller.
    pub fn of_caller(mut self, caller: CallerId) -> Self {
        self.key.caller = Some(caller);
        self
    }

    /// About an account.
    pub fn of_account(mut self, name: Option<&str>) -> Self {
        self.key.account = name.map(Into::into);
        self
    }

    /// Starting from this severity instead of the card's.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Shows that this happened, where `so`.
    pub fn shows(mut self, effect: Effect, so: bool) -> Self {
        self.effect = so.then_some(effect);
        self
    }

    /// One step less serious where the call came from inside.
    pub fn weigh_exposure(mut self, known: &Known<'_>) -> Self {
        if !facts::from_outside(self.seen, known) {
            self.severity = self.severity.lowered();
        }
        self
    }

    /// One step more serious for data of grade 4, one less where there is none above grade 1.
    pub fn weigh_level(mut self, level: u8) -> Self {
        self.severity = match level {
            4.. => self.severity.raised(),
            0 | 1 => self.severity.lowered(),
            _ => self.severity,
        };
        self
    }

    /// The finding, with its summary and the note of its evidence.
    pub fn say(self, summary: Summary, note: Summary) -> Finding {
        let exchange = self.seen.exchange;
        Finding {
            key: self.key,
            time: exchange.time,
            severity: self.severity,
            summary,
            evidence: Evidence {
                time: exchange.time,
                flow: exchange.flow.community_id.to_string().into(),
                number: exchange.number,
                note: Summary { zh: bounded(note.zh), en: bounded(note.en) },
            },
            basis: self.basis,
            effect: self.effect,
        }
    }
}

/// A finding that rests on an exchange seen before.
pub(crate) fn recalled(key: FindingKey, severity: Severity, summary: Summary, evidence: Evidence) -> Finding {
    let note = Summary { zh: bounded(evidence.note.zh), en: bounded(evidence.note.en) };
    Finding {
        key,
        time: evidence.time,
        severity,
        summary,
        evidence: Evidence { note, ..evidence },
        basis: None,
        effect: None,
    }
}

/// A sentence in both languages.
pub(crate) fn both(zh: impl Into<String>, en: impl Into<String>) -> Summary {
    Summary { zh: zh.into(), en: en.into() }
}

fn bounded(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(NOTE) {
        text.truncate(end);
    }
    text
}
