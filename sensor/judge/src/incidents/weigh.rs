//! Scope, object, degree and consequence of an incident, its level and its clocks.

use super::World;
use std::collections::{BTreeMap, BTreeSet};
use weir_exchange::{Catalogue, DataTypeId, Effect, IncidentRules, Operator, PersonalClass, Since};
use weir_model::{Clock, IncidentLevel, Interface, InterfaceId, RiskSource, Summary};
use weir_wire::{Duration, Timestamp};

/// Types of data named in a sentence.
const NAMED: usize = 6;

/// What an incident touches.
pub(super) struct Weighed {
    pub interfaces: BTreeSet<InterfaceId>,
    pub effects: BTreeMap<Effect, Timestamp>,
    pub data: BTreeMap<DataTypeId, u8>,
    pub persons: u64,
    personal: bool,
    important: bool,
}

impl Weighed {
    /// `raising` are those of the risk sources `of` the incident that show it.
    pub(super) fn of(world: &World<'_>, raising: &[&RiskSource], of: &[&RiskSource]) -> Weighed {
        let mut effects = BTreeMap::new();
        for (effect, time) in raising.iter().flat_map(|s| &s.effects) {
            let first = effects.entry(*effect).or_insert(*time);
            *first = (*time).min(*first);
        }
        let interfaces: BTreeSet<InterfaceId> = of.iter().filter_map(|s| s.key.interface).collect();
        let taken = effects.keys().any(|e| matches!(e, Effect::Obtained | Effect::Disclosed));
        let mut w = Weighed {
            interfaces,
            effects,
            data: BTreeMap::new(),
            persons: 0,
            personal: false,
            important: false,
        };
        if taken {
            w.take(world, raising);
        }
        w
    }

    /// What the interfaces concerned give out in clear: those of the risk sources that show it, or all of the site.
    fn take(&mut self, world: &World<'_>, raising: &[&RiskSource]) {
        let taking =
            |s: &&&RiskSource| s.effects.keys().any(|e| matches!(e, Effect::Obtained | Effect::Disclosed));
        let (mut most, mut seen) = (0, BTreeSet::new());
        for s in raising.iter().filter(taking) {
            let of: Vec<&Interface> = match s.key.interface {
                Some(id) => world.known.interface(id).into_iter().collect(),
                None => world.known.interfaces.iter().filter(|i| i.site == s.key.site).collect(),
            };
            for i in of.into_iter().filter(|i| seen.insert(i.key.clone())) {
                self.add(i, world.catalogue);
                most = most.max(i.subjects.count());
            }
        }
        // Under an account no more than it ever got; where somebody else took part, what the interface gave out.
        let accounts: Option<BTreeSet<&str>> =
            raising.iter().filter(taking).map(|s| s.key.account.as_deref()).collect();
        let under = accounts.map(|names| {
            let sites: BTreeSet<_> = raising.iter().map(|s| s.key.site).collect();
            let of = world.known.accounts.iter();
            of.filter(|a| sites.contains(&a.site) && names.contains(&*a.name))
                .map(|a| a.subjects.count())
                .sum()
        });
        self.persons = under.map_or(most, |n: u64| n.min(most));
    }

    fn add(&mut self, i: &Interface, catalogue: &Catalogue) {
        for ((response, id, form), profile) in &i.data {
            let Some(t) = catalogue.data_type(*id) else { continue };
            let told = t.personal != PersonalClass::None || t.secret || &*t.group == "important";
            if !response || !form.is_clear() || profile.counted() == 0 || !told {
                continue;
            }
            let level = self.data.entry(*id).or_default();
            *level = profile.level.max(*level);
            self.personal |= t.personal != PersonalClass::None;
            self.important |= &*t.group == "important";
        }
    }

    /// What came of it, as far as the traffic tells.
    pub(super) fn consequence(&self, catalogue: &Catalogue) -> Summary {
        let named = |of: fn(&weir_exchange::DataType) -> &str| -> Vec<&str> {
            let mut all: Vec<_> =
                self.data.iter().map(|(id, level)| (std::cmp::Reverse(*level), *id)).collect();
            all.sort_unstable();
            all.iter().filter_map(|(_, id)| catalogue.data_type(*id)).map(of).take(NAMED).collect()
        };
        let mut zh = self.effects.keys().map(|e| e.zh()).collect::<Vec<_>>().join("，");
        let mut en = self.effects.keys().map(|e| e.en()).collect::<Vec<_>>().join(", ");
        if !self.data.is_empty() {
            let more = self.data.len().saturating_sub(NAMED);
            let (more_zh, more_en) = match more {
                0 => (String::new(), String::new()),
                n => (format!("等 {} 种", self.data.len()), format!(" and {n} more types")),
            };
            zh += &format!("；所涉接口明文给出{}{more_zh}", named(|t| &t.zh).join("、"));
            en += &format!("; the interfaces give out, in clear, {}{more_en}", named(|t| &t.en).join(", "));
        }
        if self.persons > 0 {
            let n = self.persons;
            zh += &format!("；至多涉及 {n} 人");
            en += &format!("; {n} {} at most", if n == 1 { "person" } else { "persons" });
        }
        Summary { zh, en }
    }
}

/// The level with what gave it.
pub(super) fn level(w: &Weighed, rules: &IncidentRules) -> (IncidentLevel, Summary) {
    let holds =
        rules.levels.iter().find(|l| l.persons.is_some_and(|n| w.persons >= n) || l.important && w.important);
    match holds {
        Some(rule) => (rule.level, Summary { zh: rule.said.zh.to_string(), en: rule.said.en.to_string() }),
        None => (
            IncidentLevel::General,
            Summary {
                zh: "未达到任何量化的较大事件门槛；可由人工上调".into(),
                en: "below every quantified trigger of a higher level; a person may raise it".into(),
            },
        ),
    }
}

/// The duties that hold, first due first; those that wait for something else last.
pub(super) fn clocks(
    w: &Weighed,
    level: IncidentLevel,
    known: Timestamp,
    operator: Operator,
    rules: &IncidentRules,
) -> Vec<Clock> {
    let holds = rules.duties.iter().filter(|d| {
        level >= d.from
            && d.operator.is_none_or(|o| o == operator)
            && (!d.personal || w.personal)
            && (!d.important || w.important)
    });
    let mut clocks: Vec<Clock> = holds
        .map(|d| Clock {
            id: d.id.clone(),
            said: Summary { zh: d.said.zh.to_string(), en: d.said.en.to_string() },
            clause: d.clause.clone(),
            since: d.since,
            within: d.within,
            due: (d.since == Since::Known).then(|| known.plus(Duration::from_secs(d.within))),
        })
        .collect();
    clocks.sort_by_key(|c| (c.due.is_none(), c.due, c.id.clone()));
    clocks
}
