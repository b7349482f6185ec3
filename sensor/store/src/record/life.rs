//! What is proposed of an interface and what happened to it: the newer fields of `interfaces.jsonl`.

use super::{InterfaceRecord, nanos};
use crate::Results;
use crate::mask::mask_name;
use serde::{Deserialize, Serialize};
use weir_model::{
    Change, ChangeKind, Interface, LEARNING, Life, Lifecycle, Lived, Moment, PAUSE, Proposal, business_form,
    exposure, purposes,
};
use weir_wire::{Duration, Timestamp};

/// A proposal with its evidence.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct ProposalRecord {
    /// What is proposed: a key.
    pub is: String,
    /// The same in Chinese.
    pub zh: String,
    /// What speaks for it.
    pub evidence: Vec<String>,
}

impl ProposalRecord {
    fn new<T: Copy>(p: &Proposal<T>, key: fn(T) -> &'static str, zh: fn(T) -> &'static str) -> Self {
        ProposalRecord { is: key(p.is).into(), zh: zh(p.is).into(), evidence: p.evidence.clone() }
    }
}

/// A change of an interface.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Debug)]
pub struct ChangeRecord {
    /// The call that showed it.
    pub time: String,
    /// `parameter`, `field`, `data_type`, `level`, `authentication`, `template`, `returned` or `reborn`.
    pub kind: String,
    /// What changed: names, or from what to what.
    pub what: String,
    /// Of `returned`, the last call before the pause; of `reborn`, since when it was gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

impl ChangeRecord {
    fn new(c: &Change) -> Self {
        let what: Vec<String> = match c.kind {
            ChangeKind::Parameter | ChangeKind::Field => c.what.split(", ").map(mask_name).collect(),
            _ => vec![c.what.to_string()],
        };
        ChangeRecord {
            time: c.time.to_string(),
            kind: c.kind.key().into(),
            what: what.join(", "),
            since: c.since.map(|t| t.to_string()),
        }
    }
    fn read(&self) -> Option<Change> {
        let kind = ChangeKind::ALL.into_iter().find(|k| k.key() == self.kind)?;
        Some(Change {
            time: moment_of(&self.time),
            kind,
            what: self.what.as_str().into(),
            since: self.since.as_deref().map(moment_of),
        })
    }
}

/// Life of an interface (生命周期).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(default)]
pub struct LifeRecord {
    /// `new`, `active`, `changed`, `dormant`, `zombie`, `retired` or `reborn` at the last exchange of the run.
    pub lifecycle: String,
    /// Why.
    pub lifecycle_why: String,
    /// Changes in order of time, the newest 32.
    pub history: Vec<ChangeRecord>,
    /// Older changes that are no longer kept.
    #[serde(skip_serializing_if = "is_zero")]
    pub history_forgotten: u64,
    /// Last answer other than 404 and 410.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered: Option<String>,
    /// Answers 404 and 410 since.
    #[serde(skip_serializing_if = "is_zero")]
    pub gone: u64,
    /// The first of those.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone_since: Option<String>,
    /// Template of a newer version that took its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl LifeRecord {
    pub(crate) fn new(i: &Interface, moment: &Moment) -> Self {
        let lived =
            Lived { first_seen: i.first_seen, last_seen: i.last_seen, life: &i.life, template: &i.template };
        let (lifecycle, why) = lived.at(moment).unwrap_or((Lifecycle::New, String::new()));
        LifeRecord {
            lifecycle: lifecycle.key().into(),
            lifecycle_why: why,
            history: i.life.history.iter().map(ChangeRecord::new).collect(),
            history_forgotten: i.life.forgotten,
            answered: i.life.answered.map(|t| t.to_string()),
            gone: i.life.gone,
            gone_since: i.life.gone_since.map(|t| t.to_string()),
            superseded_by: i.life.superseded.as_deref().map(str::to_string),
        }
    }

    fn read(&self) -> Life {
        Life {
            history: self.history.iter().filter_map(ChangeRecord::read).collect(),
            forgotten: self.history_forgotten,
            answered: self.answered.as_deref().map(moment_of),
            gone: self.gone,
            gone_since: self.gone_since.as_deref().map(moment_of),
            superseded: self.superseded_by.as_deref().map(Into::into),
        }
    }

    fn write(&mut self, life: &Life) {
        self.history = life.history.iter().map(ChangeRecord::new).collect();
        self.history_forgotten = life.forgotten;
        self.answered = life.answered.map(|t| t.to_string());
        self.gone = life.gone;
        self.gone_since = life.gone_since.map(|t| t.to_string());
    }
}

/// A time as records hold it.
pub(crate) fn moment_of(time: &str) -> Timestamp {
    Timestamp::from_nanos(nanos(time))
}

/// Tags of purposes with their evidence.
pub(crate) fn tags(i: &Interface, results: &Results<'_>) -> Vec<ProposalRecord> {
    let tag = |t: weir_model::Tag| ProposalRecord {
        is: t.purpose.key().into(),
        zh: t.purpose.zh().into(),
        evidence: t.evidence,
    };
    purposes(i, results.catalogue).into_iter().map(tag).collect()
}

/// Business form and exposure.
pub(crate) fn forms(i: &Interface, results: &Results<'_>) -> (ProposalRecord, ProposalRecord) {
    use weir_model::{BusinessForm, Exposure};
    (
        ProposalRecord::new(&business_form(i, &results.known), BusinessForm::key, BusinessForm::zh),
        ProposalRecord::new(&exposure(i, &results.known), Exposure::key, Exposure::zh),
    )
}

impl Results<'_> {
    /// The moment of the last exchange, at which lives are told.
    pub(crate) fn moment(&self) -> Moment {
        Moment::over(self.interfaces().map(|(_, i)| (i.first_seen, i.last_seen)))
    }
}

impl InterfaceRecord {
    /// What it was at a moment; `None` where it had not been seen by then.
    pub fn lifecycle_at(&self, moment: &Moment) -> Option<(Lifecycle, String)> {
        let life = self.life.read();
        self.lived(&life).at(moment)
    }

    /// The record as of a moment: state told anew, later changes left out, its last call no later. Counters are those of the whole
    /// record. `None` where it had not been seen by then.
    pub fn as_of(mut self, moment: &Moment) -> Option<InterfaceRecord> {
        let life = self.life.read();
        let (lifecycle, why) = self.lived(&life).at(moment)?;
        let last = self.lived(&life).last_seen_by(moment.now);
        self.last_seen = last.to_string();
        self.life.history.retain(|c| moment_of(&c.time) <= moment.now);
        (self.life.lifecycle, self.life.lifecycle_why) = (lifecycle.key().into(), why);
        Some(self)
    }

    /// The first and the last call, and how long without calls makes dormant.
    pub fn moment(all: &[InterfaceRecord], now: Option<Timestamp>, dormant: Duration) -> Moment {
        let over = Moment::over(all.iter().map(|i| (moment_of(&i.first_seen), moment_of(&i.last_seen))));
        Moment { now: now.unwrap_or(over.now), dormant, ..over }
    }

    fn lived<'a>(&'a self, life: &'a Life) -> Lived<'a> {
        Lived {
            first_seen: moment_of(&self.first_seen),
            last_seen: moment_of(&self.last_seen),
            life,
            template: &self.template,
        }
    }

    /// Takes over the life of an earlier run's record, before anything else of it is added: what this run shows beyond it changed.
    pub(crate) fn lives_on(&mut self, old: &InterfaceRecord) {
        let begun = moment_of(&self.first_seen);
        let (first, last) = (moment_of(&old.first_seen), moment_of(&old.last_seen));
        let mut life = old.life.read();
        let pause = begun.since(last);
        if pause >= PAUSE {
            let days = pause.as_nanos() / (86_400 * 1_000_000_000);
            life.note(begun, ChangeKind::Returned, &format!("{days} days without a call"), Some(last));
        }
        if begun.since(first) >= LEARNING {
            for (kind, now, before) in [
                (ChangeKind::Parameter, &self.params, &old.params),
                (ChangeKind::Field, &self.fields, &old.fields),
            ] {
                // Restarts would make every name that found no room a new one.
                let new = now.iter().filter(|n| before.len() < 64 && !before.contains(n));
                new.for_each(|n| life.note(begun, kind, n, None));
            }
        }
        life.unite(&self.life.read());
        self.life.write(&life);
    }
}
