//! The life of an interface (生命周期): what changed and when, and what that makes of it at a moment.

use serde::{Deserialize, Serialize};
use weir_wire::{Duration, Timestamp};

/// Most changes kept of an interface: the newest.
const KEPT: usize = 32;
/// Longest text of one change in bytes; what is appended beyond it is left out.
const LONGEST: usize = 240;
/// Answers 404 or 410 in a row, after good ones, from which an interface counts as retired.
const GONE: u64 = 3;
/// The same where the path has variables: an unknown value is answered 404 while the interface is there.
const GONE_OF_VALUES: u64 = 20;
/// How long nothing but 404 or 410 makes an interface retired.
const GONE_FOR: Duration = Duration::from_secs(86_400);

/// Whether so many answers 404 and 410 over so long a time, without a good one, retire an interface.
fn is_gone(gone: u64, span: Duration, template: &str) -> bool {
    let least = if template.contains('{') { GONE_OF_VALUES } else { GONE };
    gone >= least && span >= GONE_FOR
}

/// How long an interface is learned before what it shows anew counts as a change: its first day is the snapshot to compare with.
pub const LEARNING: Duration = Duration::from_secs(86_400);
/// Least pause between two calls that is noted; shorter ones make no interface dormant whatever the setting.
pub const PAUSE: Duration = Duration::from_secs(7 * 86_400);
/// How long without calls an interface is dormant where nothing else is said.
pub const DORMANT: Duration = Duration::from_secs(30 * 86_400);
/// How long an interface counts as new, or as changed.
const RECENT: Duration = Duration::from_secs(7 * 86_400);

/// What a change is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum ChangeKind {
    /// A parameter not seen before.
    Parameter,
    /// A response field not seen before.
    Field,
    /// A data type not seen before.
    DataType,
    /// Another level.
    Level,
    /// Another manner of authentication, or none any more.
    Authentication,
    /// Another path template.
    Template,
    /// Called again after a pause.
    Returned,
    /// Answered again after it had been gone.
    Reborn,
}

impl ChangeKind {
    /// All of them.
    pub const ALL: [ChangeKind; 8] = [
        ChangeKind::Parameter,
        ChangeKind::Field,
        ChangeKind::DataType,
        ChangeKind::Level,
        ChangeKind::Authentication,
        ChangeKind::Template,
        ChangeKind::Returned,
        ChangeKind::Reborn,
    ];
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            ChangeKind::Parameter => "parameter",
            ChangeKind::Field => "field",
            ChangeKind::DataType => "data_type",
            ChangeKind::Level => "level",
            ChangeKind::Authentication => "authentication",
            ChangeKind::Template => "template",
            ChangeKind::Returned => "returned",
            ChangeKind::Reborn => "reborn",
        }
    }
    /// Whether the interface itself is another since, not only its use.
    const fn alters(self) -> bool {
        !matches!(self, ChangeKind::Returned | ChangeKind::Reborn)
    }
}

/// A change.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Change {
    /// The call that showed it.
    pub time: Timestamp,
    /// What it is about.
    pub kind: ChangeKind,
    /// What changed: names, or from what to what.
    pub what: Box<str>,
    /// Of [`ChangeKind::Returned`], the last call before the pause.
    pub since: Option<Timestamp>,
}

/// What is kept of an interface's life beside its first and last call.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Life {
    /// Changes in order of time, the newest 32.
    pub history: Vec<Change>,
    /// Changes that found no room any more.
    pub forgotten: u64,
    /// Last answer other than 404 and 410; `None` where there was none.
    pub answered: Option<Timestamp>,
    /// Answers 404 and 410 since.
    pub gone: u64,
    /// The first of those.
    pub gone_since: Option<Timestamp>,
    /// Template of a newer version of the interface that took its place; `None` where there is none.
    pub superseded: Option<Box<str>>,
}

impl Life {
    /// Notes a change. What one call shows of one kind becomes one entry.
    pub fn note(&mut self, time: Timestamp, kind: ChangeKind, what: &str, since: Option<Timestamp>) {
        if let Some(last) = self.history.last_mut()
            && (last.time, last.kind) == (time, kind)
        {
            if last.what.len() + what.len() + 2 <= LONGEST {
                last.what = format!("{}, {what}", last.what).into();
            }
            return;
        }
        let end = (0..=LONGEST.min(what.len())).rev().find(|n| what.is_char_boundary(*n)).unwrap_or(0);
        self.history.push(Change { time, kind, what: what[..end].into(), since });
        self.trim();
    }

    fn trim(&mut self) {
        let over = self.history.len().saturating_sub(KEPT);
        self.history.drain(..over);
        self.forgotten += over as u64;
    }

    /// Takes in a call of an interface of this template that was answered `status`, at `time`.
    pub fn answered(&mut self, status: u16, time: Timestamp, template: &str) {
        if matches!(status, 404 | 410) {
            self.gone += 1;
            self.gone_since.get_or_insert(time);
            return;
        }
        if let (Some(since), Some(_)) = (self.gone_since, self.answered)
            && is_gone(self.gone, time.since(since), template)
        {
            let what = format!("{} x 404/410", self.gone);
            self.note(time, ChangeKind::Reborn, &what, self.gone_since);
        }
        (self.answered, self.gone, self.gone_since) = (Some(time), 0, None);
    }

    /// Takes in another's, with which this one became one.
    pub fn unite(&mut self, other: &Life) {
        self.history.extend(other.history.iter().cloned());
        self.history.sort_by(|a, b| (a.time, a.kind, &a.what).cmp(&(b.time, b.kind, &b.what)));
        self.history.dedup();
        self.forgotten += other.forgotten;
        self.trim();
        self.answered = self.answered.max(other.answered);
        let after = |l: &Life| l.gone_since.filter(|t| Some(*t) > self.answered).map(|t| (t, l.gone));
        let (mine, theirs) = (after(self), after(other));
        self.gone = mine.map_or(0, |g| g.1) + theirs.map_or(0, |g| g.1);
        self.gone_since = mine.into_iter().chain(theirs).map(|g| g.0).min();
        if self.superseded.is_none() {
            self.superseded.clone_from(&other.superseded);
        }
    }
}

/// What an interface is at a moment (生命周期状态).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Lifecycle {
    /// First seen in the last seven days, and not on the first day of all.
    New,
    /// In use.
    Active,
    /// Changed in the last seven days.
    Changed,
    /// Not called for as long as makes it dormant.
    Dormant,
    /// In use although an old version or marked as deprecated, or called again after dormancy.
    Zombie,
    /// Answered only 404 or 410 since its last good answer.
    Retired,
    /// Answers again after it was retired.
    Reborn,
}

impl Lifecycle {
    /// All of them.
    pub const ALL: [Lifecycle; 7] = [
        Lifecycle::New,
        Lifecycle::Active,
        Lifecycle::Changed,
        Lifecycle::Dormant,
        Lifecycle::Zombie,
        Lifecycle::Retired,
        Lifecycle::Reborn,
    ];
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            Lifecycle::New => "new",
            Lifecycle::Active => "active",
            Lifecycle::Changed => "changed",
            Lifecycle::Dormant => "dormant",
            Lifecycle::Zombie => "zombie",
            Lifecycle::Retired => "retired",
            Lifecycle::Reborn => "reborn",
        }
    }
    /// Its name in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Lifecycle::New => "新增",
            Lifecycle::Active => "活跃",
            Lifecycle::Changed => "变更",
            Lifecycle::Dormant => "失活",
            Lifecycle::Zombie => "僵尸",
            Lifecycle::Retired => "下线",
            Lifecycle::Reborn => "复活",
        }
    }
}

/// All that the state at a moment depends on.
#[derive(Clone, Copy, Debug)]
pub struct Lived<'a> {
    /// First call.
    pub first_seen: Timestamp,
    /// Last call.
    pub last_seen: Timestamp,
    /// The rest.
    pub life: &'a Life,
    /// Path template.
    pub template: &'a str,
}

/// When the state is asked for, and by what it is told.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// First call of any interface.
    pub begun: Timestamp,
    /// The moment.
    pub now: Timestamp,
    /// How long without calls makes dormant.
    pub dormant: Duration,
}

impl Moment {
    /// The last of these calls, from the first on; dormancy as where nothing else is said.
    pub fn over(spans: impl Iterator<Item = (Timestamp, Timestamp)>) -> Moment {
        let (begun, now) = spans.fold(
            (None, Timestamp::default()),
            |(begun, now): (Option<Timestamp>, _), (first, last)| {
                (Some(begun.map_or(first, |b| b.min(first))), now.max(last))
            },
        );
        Moment { begun: begun.unwrap_or_default(), now, dormant: DORMANT }
    }
}

impl Lived<'_> {
    /// The state at a moment, with its reason; `None` where the interface had not been seen by then.
    pub fn at(&self, m: &Moment) -> Option<(Lifecycle, String)> {
        if self.first_seen > m.now {
            return None;
        }
        let recent = |t: Timestamp, span: Duration| t <= m.now && m.now.since(t) < span;
        let life = self.life;
        let last = |fits: &dyn Fn(ChangeKind) -> bool| {
            life.history.iter().rev().find(|c| fits(c.kind) && c.time <= m.now)
        };
        if let (Some(since), Some(_)) = (life.gone_since.filter(|t| *t <= m.now), life.answered)
            && is_gone(life.gone, m.now.since(since), self.template)
        {
            return Some((Lifecycle::Retired, format!("only 404 or 410 since {since}")));
        }
        let seen = self.last_seen_by(m.now);
        if m.now.since(seen) >= m.dormant {
            return Some((Lifecycle::Dormant, format!("no call since {seen}")));
        }
        if let Some(c) = last(&|k| k == ChangeKind::Reborn).filter(|c| recent(c.time, m.dormant)) {
            return Some((Lifecycle::Reborn, format!("answers again since {} after {}", c.time, c.what)));
        }
        let slept = |c: &&Change| c.since.is_some_and(|s| c.time.since(s) >= m.dormant);
        if let Some(c) =
            last(&|k| k == ChangeKind::Returned).filter(slept).filter(|c| recent(c.time, m.dormant))
        {
            return Some((Lifecycle::Zombie, format!("called again on {} after {}", c.time, c.what)));
        }
        if let Some(word) = deprecated_segment(self.template) {
            return Some((Lifecycle::Zombie, format!("in use though its path says `{word}`")));
        }
        if let Some(newer) = &life.superseded {
            return Some((Lifecycle::Zombie, format!("in use though {newer} took its place")));
        }
        if self.first_seen.since(m.begun) >= LEARNING && recent(self.first_seen, RECENT) {
            return Some((Lifecycle::New, format!("first seen {}", self.first_seen)));
        }
        if let Some(c) = last(&ChangeKind::alters).filter(|c| recent(c.time, RECENT)) {
            return Some((Lifecycle::Changed, format!("{} since {}: {}", c.kind.key(), c.time, c.what)));
        }
        Some((Lifecycle::Active, format!("last call {seen}")))
    }

    /// The last call by a moment, as exactly as pauses are noted.
    pub fn last_seen_by(&self, now: Timestamp) -> Timestamp {
        if self.last_seen <= now {
            return self.last_seen;
        }
        let next = self.life.history.iter().find(|c| c.kind == ChangeKind::Returned && c.time > now);
        next.and_then(|c| c.since).filter(|s| *s <= now).unwrap_or(now)
    }
}

/// The segment of a template that says that what is below it should no longer be used (`legacy`, `old`).
pub fn deprecated_segment(template: &str) -> Option<&str> {
    template.split('/').find(|s| is_deprecated(s))
}

/// Whether a path segment says that what is below it should no longer be used.
fn is_deprecated(segment: &str) -> bool {
    let lower = segment.to_ascii_lowercase();
    lower
        .split(['-', '_', '.'])
        .any(|w| matches!(w, "deprecated" | "legacy" | "obsolete" | "old" | "bak" | "废弃" | "旧版"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn day(n: u64) -> Timestamp {
        Timestamp::from_secs_nanos(1_700_000_000 + n * 86_400, 0)
    }
    fn state(life: &Life, (first, last, now): (u64, u64, u64), template: &str) -> Option<Lifecycle> {
        let lived = Lived { first_seen: day(first), last_seen: day(last), life, template };
        let moment = Moment { begun: day(0), now: day(now), dormant: DORMANT };
        lived.at(&moment).map(|(s, _)| s)
    }

    #[test]
    fn new_active_and_dormant() {
        let life = Life::default();
        assert_eq!(state(&life, (0, 0, 0), "/a"), Some(Lifecycle::Active));
        assert_eq!(state(&life, (5, 6, 6), "/a"), Some(Lifecycle::New));
        assert_eq!(state(&life, (5, 6, 20), "/a"), Some(Lifecycle::Active));
        assert_eq!(state(&life, (5, 6, 36), "/a"), Some(Lifecycle::Dormant));
        assert_eq!(state(&life, (5, 6, 4), "/a"), None);
        assert_eq!(state(&life, (0, 20, 20), "/old/a"), Some(Lifecycle::Zombie));
    }

    #[test]
    fn changed_for_a_week() {
        let mut life = Life::default();
        life.note(day(10), ChangeKind::Field, "a", None);
        life.note(day(10), ChangeKind::Field, "b", None);
        assert_eq!(life.history.len(), 1);
        assert_eq!(&*life.history[0].what, "a, b");
        assert_eq!(state(&life, (0, 20, 12), "/a"), Some(Lifecycle::Changed));
        assert_eq!(state(&life, (0, 20, 9), "/a"), Some(Lifecycle::Active));
        assert_eq!(state(&life, (0, 20, 20), "/a"), Some(Lifecycle::Active));
    }

    #[test]
    fn retired_and_reborn() {
        let mut life = Life::default();
        life.answered(200, day(1), "/a");
        for n in 2..5 {
            life.answered(404, day(n), "/a");
        }
        assert_eq!(state(&life, (0, 5, 5), "/a"), Some(Lifecycle::Retired));
        assert_eq!(state(&life, (0, 5, 1), "/a"), Some(Lifecycle::Active));
        life.answered(200, day(6), "/a");
        assert_eq!(state(&life, (0, 6, 6), "/a"), Some(Lifecycle::Reborn));
    }

    #[test]
    fn unknown_values_retire_nothing() {
        let mut life = Life::default();
        for (status, n) in [(200, 0), (404, 1), (404, 2), (404, 3)] {
            life.answered(status, day(n), "/a/{id}");
        }
        assert_eq!(state(&life, (0, 3, 3), "/a/{id}"), Some(Lifecycle::Active));
        life.answered(200, day(4), "/a/{id}");
        assert!(life.history.is_empty());
    }

    #[test]
    fn returned_after_dormancy_and_as_of_the_pause() {
        let mut life = Life::default();
        life.note(day(50), ChangeKind::Returned, "47 days", Some(day(3)));
        assert_eq!(state(&life, (0, 50, 50), "/a"), Some(Lifecycle::Zombie));
        assert_eq!(state(&life, (0, 50, 40), "/a"), Some(Lifecycle::Dormant));
        assert_eq!(state(&life, (0, 50, 10), "/a"), Some(Lifecycle::Active));
    }

    #[test]
    fn history_is_bounded() {
        let mut life = Life::default();
        for n in 0..100 {
            life.note(day(n), ChangeKind::Parameter, &"名".repeat(200), None);
        }
        assert_eq!((life.history.len(), life.forgotten), (KEPT, 68));
        assert!(life.history.iter().all(|c| c.what.len() <= LONGEST));
        let other = life.clone();
        life.unite(&other);
        assert_eq!(life.history.len(), KEPT);
    }
}
