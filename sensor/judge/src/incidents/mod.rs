//! Incidents (事件研判; GB/T 46796-2025, 8.2): what among the risk sources shows that something happened, one incident a cause.

mod group;
mod weigh;

use crate::risks::id;
use group::{Group, groups};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use weigh::{Weighed, clocks, level};
use weir_exchange::{Catalogue, IncidentCause, IncidentType, Operator};
use weir_model::{Harm, Incident, Known, Likelihood, Risk, RiskSource, Summary, internal};

/// Key of incident ids. It only has to be the same in every run: what goes in is no secret.
const ID_KEY: [u8; 16] = *b"weir event id 1\0";

/// Makes incidents of the risk sources that show that something happened, by the rules of `catalogue`.
///
/// Positions in [`Incident::sources`] and [`Incident::risks`] are those of `sources` and `risks`. Risk sources without an effect that the
/// rules name are weaknesses or attempts and make none. The result is ordered by level from the highest, then by time and id.
pub fn incidents(
    sources: &[RiskSource],
    risks: &[Risk],
    known: &Known<'_>,
    catalogue: &Catalogue,
    operator: Operator,
) -> Vec<Incident> {
    let world = World { sources, risks, known, catalogue };
    let mut all: Vec<Incident> =
        groups(&world).into_iter().filter_map(|g| world.incident(g, operator)).collect();
    all.sort_by(|a, b| (Reverse(a.level), a.known, &a.key).cmp(&(Reverse(b.level), b.known, &b.key)));
    all
}

/// What incidents are judged from.
struct World<'a> {
    sources: &'a [RiskSource],
    risks: &'a [Risk],
    known: &'a Known<'a>,
    catalogue: &'a Catalogue,
}

impl<'a> World<'a> {
    fn source(&self, position: usize) -> Option<&'a RiskSource> {
        self.sources.get(position)
    }

    /// The causes of the rules that a risk source fulfils, by their rank.
    fn causes(&self, source: &'a RiskSource) -> impl Iterator<Item = (usize, &'a IncidentCause)> {
        let outside = source.key.caller.and_then(|id| self.known.caller(id)).is_some_and(|c| !internal(c.ip));
        self.catalogue.incidents.causes.iter().enumerate().filter(move |(_, c)| {
            c.sources.iter().any(|id| **id == *source.key.id)
                && source.effects.contains_key(&c.effect)
                && (!c.outside || outside)
        })
    }

    fn incident(&self, group: Group, operator: Operator) -> Option<Incident> {
        let of: Vec<&RiskSource> = group.all().filter_map(|p| self.source(p)).collect();
        let raising: Vec<&RiskSource> = group.raising.iter().filter_map(|p| self.source(*p)).collect();
        let mut causes: Vec<(usize, &IncidentCause)> = raising.iter().flat_map(|s| self.causes(s)).collect();
        causes.sort_by_key(|(rank, _)| *rank);
        causes.dedup_by_key(|(rank, _)| *rank);
        let anchor = raising.iter().min_by_key(|s| (shown_at(s), s.key.id, &s.key))?;
        let weighed = Weighed::of(self, &raising, &of);
        let (level, level_said) = level(&weighed, &self.catalogue.incidents);
        let risks = self.risks_of(&group);
        let harm = risks.iter().filter_map(|p| self.risks.get(*p)).map(|r| r.harm).max();
        let found = raising.iter().map(|s| shown_at(s)).min().unwrap_or_default();
        let weaknesses = self.weaknesses(&weighed, &group);
        Some(Incident {
            key: self.key(anchor),
            types: types(&causes),
            level,
            level_said,
            site: anchor.key.site,
            known: found,
            first_seen: of.iter().map(|s| s.first_seen).min().unwrap_or_default(),
            last_seen: of.iter().map(|s| s.last_seen).max().unwrap_or_default(),
            callers: of.iter().filter_map(|s| s.key.caller).collect(),
            accounts: of.iter().filter_map(|s| s.key.account.clone()).collect(),
            sightings: of.iter().map(|s| s.count).sum(),
            consequence: weighed.consequence(self.catalogue),
            cause: self.cause(&causes, &weaknesses),
            harm: harm.unwrap_or(Harm::Low),
            likelihood: Likelihood::High,
            clocks: clocks(&weighed, level, found, operator, &self.catalogue.incidents),
            sources: group.all().collect(),
            weaknesses,
            risks,
            interfaces: weighed.interfaces,
            effects: weighed.effects,
            data: weighed.data,
            persons: weighed.persons,
        })
    }

    /// Who did it, or what was open: the same for the same cause in every run.
    fn key(&self, anchor: &RiskSource) -> Box<str> {
        let site = self.known.site(anchor.key.site).map_or("", |s| &s.host);
        let caller = anchor.key.caller.and_then(|id| self.known.caller(id)).map(|c| c.ip.to_string());
        let who = caller.or(anchor.key.account.as_deref().map(str::to_owned));
        let named = format!("{site}\n{}", who.as_deref().unwrap_or(anchor.key.id));
        id(ID_KEY, "in", &named)
    }

    fn risks_of(&self, group: &Group) -> Vec<usize> {
        let mine: BTreeSet<usize> = group.all().collect();
        let of = |r: &Risk| r.sources.iter().any(|p| mine.contains(p));
        (0..).zip(self.risks).filter(|(_, r)| of(r)).map(|(p, _)| p).collect()
    }

    /// Vulnerabilities and disclosures of the interfaces concerned that do not belong to it themselves.
    fn weaknesses(&self, weighed: &Weighed, group: &Group) -> Vec<usize> {
        let mine: BTreeSet<usize> = group.all().collect();
        let of = |s: &RiskSource| {
            let weak = s.key.id.starts_with(['V', 'D']);
            weak && s.key.interface.is_some_and(|i| weighed.interfaces.contains(&i))
        };
        (0..).zip(self.sources).filter(|(p, s)| !mine.contains(p) && of(s)).map(|(p, _)| p).collect()
    }

    fn cause(&self, causes: &[(usize, &IncidentCause)], weaknesses: &[usize]) -> Summary {
        let join = |of: fn(&IncidentCause) -> &str, by: &str| {
            causes.iter().map(|(_, c)| of(c)).collect::<Vec<_>>().join(by)
        };
        let mut said = Summary { zh: join(|c| &c.said.zh, "；"), en: join(|c| &c.said.en, "; ") };
        let vulnerable: BTreeSet<&str> = weaknesses
            .iter()
            .filter_map(|p| self.source(*p))
            .map(|s| s.key.id)
            .filter(|id| id.starts_with('V'))
            .collect();
        let cards: Vec<_> = vulnerable.into_iter().filter_map(weir_detect::card).collect();
        if !cards.is_empty() {
            let zh: Vec<String> = cards.iter().map(|c| format!("{} {}", c.id, c.zh)).collect();
            let en: Vec<String> = cards.iter().map(|c| format!("{} {}", c.id, c.en)).collect();
            said.zh += &format!("；相关脆弱性：{}", zh.join("、"));
            said.en += &format!("; weaknesses of the interfaces: {}", en.join(", "));
        }
        said
    }
}

/// The first sighting that shows that something happened.
fn shown_at(source: &RiskSource) -> weir_wire::Timestamp {
    source.effects.values().min().copied().unwrap_or(source.first_seen)
}

/// The first cause's types, then those of the others, each once.
fn types(causes: &[(usize, &IncidentCause)]) -> Vec<IncidentType> {
    let mut types = Vec::new();
    for t in causes.iter().flat_map(|(_, c)| &c.types) {
        if !types.contains(t) {
            types.push(*t);
        }
    }
    types
}

#[cfg(test)]
mod tests;
