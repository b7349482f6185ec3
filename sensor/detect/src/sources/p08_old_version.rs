//! P08 Old version alive (旧版本未下线).

use crate::sighting::{Sighting, both, recalled};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use weir_exchange::Form;
use weir_model::{
    Card, Evidence, FindingKey, Findings, Group, Handling, Interface, InterfaceId, Known, RiskType, Severity,
    SiteId, Summary, version_of, version_segment,
};
use weir_wire::Timestamp;

pub(super) static CARD: Card = Card {
    id: "P08",
    zh: "旧版本未下线",
    en: "old version alive",
    group: Group::AbnormalProvision,
    severity: Severity::Medium,
    risks: &[RiskType(1)],
    measures: &[Handling(8)],
    owasp: "API9:2023 CWE-1059 CWE-477",
    basis: "CAICT 1.2",
    how_zh: "同一站点、方法和路径（仅版本段不同，如 /v1/ 与 /v2/）有两个以上版本成功响应时，报告较旧的各版本，按接口汇总。旧版本鉴权更弱（新版要求凭证而旧版不要求）或脱敏更弱（新版脱敏而旧版给明文）为中，否则为低；仅内部访问降一级。版本只写在主机名、请求头或参数里的接口不比较。",
    how_en: "Where two or more versions of one site, method and path that differ in the version segment alone (/v1/ and /v2/) answer well, the older ones are reported, one finding an interface. Medium where the older one protects less (it needs no credential while the newer does, or gives in clear what the newer masks), else low; one step less serious where the caller is internal. Versions told by host name, header field or parameter are not compared.",
};

/// Interfaces with a version in their path that are watched.
const INTERFACES: usize = 4_096;

/// The first good answer of an interface.
#[derive(Serialize, Deserialize)]
struct Answered {
    time: Timestamp,
    flow: Box<str>,
    number: u32,
    outside: bool,
}

/// Identifies P08.
pub(super) struct Source {
    answered: Table<InterfaceId, Answered>,
    /// Older versions, with the newest; at most as many as are watched.
    older: BTreeMap<InterfaceId, InterfaceId>,
    /// Whether there are interfaces that were not compared with the others yet.
    fresh: bool,
}

/// What is said of an older version.
struct Said {
    severity: Severity,
    summary: Summary,
    note: Summary,
}

/// Site, method, operation and template without its version.
type Family = (SiteId, Box<str>, Box<str>, String);

impl Source {
    pub(super) fn new(_: &Thresholds) -> Self {
        Source { answered: Table::new(INTERFACES), older: BTreeMap::new(), fresh: false }
    }

    /// Compares versions anew; gives the older ones found since the last time.
    fn compare(&mut self, known: &Known<'_>) -> Vec<InterfaceId> {
        let mut families: BTreeMap<Family, Vec<(Vec<u32>, InterfaceId)>> = BTreeMap::new();
        for id in self.answered.keys_where(|_| true) {
            let Some(i) = known.interface(id) else { continue };
            if let Some((version, without)) = version_of(&i.template) {
                let family = (i.site, i.method.clone(), i.operation_name.clone(), without);
                families.entry(family).or_default().push((version, id));
            }
        }
        let before = std::mem::take(&mut self.older);
        for mut versions in families.into_values() {
            versions.sort();
            let Some((newest, at)) = versions.pop() else { continue };
            self.older.extend(versions.into_iter().filter(|(v, _)| *v < newest).map(|(_, old)| (old, at)));
        }
        self.older.keys().filter(|i| !before.contains_key(i)).copied().collect()
    }

    fn say(&self, old: InterfaceId, outside: bool, known: &Known<'_>) -> Option<Said> {
        let (older, newer) = (known.interface(old)?, known.interface(*self.older.get(&old)?)?);
        let weaker = weaker(older, newer);
        let severity = if weaker.is_some() { CARD.severity } else { CARD.severity.lowered() };
        let severity = if outside { severity } else { severity.lowered() };
        let (method, template, new) = (&older.method, &older.template, &newer.template);
        let weaker = weaker.unwrap_or_else(|| both("", ""));
        Some(Said {
            severity,
            summary: both(
                format!("{method} {template} 是旧版本，仍在服务{}", weaker.zh),
                format!("{method} {template} is an old version and still serves{}", weaker.en),
            ),
            note: both(
                format!("与新版本 {new} 并存：旧版 {} 次调用，新版 {} 次", older.exchanges, newer.exchanges),
                format!(
                    "beside {new}: {} calls of the old version, {} of the new",
                    older.exchanges, newer.exchanges
                ),
            ),
        })
    }
}

/// In what the older version protects less.
fn weaker(older: &Interface, newer: &Interface) -> Option<Summary> {
    let (old, new) = (&older.authentication, &newer.authentication);
    if old.without > 0 && new.without == 0 && new.with > 0 {
        return Some(both("，且不要求新版本要求的凭证", " without the credential that the newer one needs"));
    }
    let masks = |t| {
        newer.data.contains_key(&(true, t, Form::Masked)) && !newer.data.contains_key(&(true, t, Form::Plain))
    };
    let clear = older
        .data
        .iter()
        .any(|((response, t, form), p)| *response && form.is_clear() && p.counted() > 0 && masks(*t));
    clear.then(|| both("，且以明文给出新版本脱敏的数据", " and gives in clear what the newer one masks"))
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(answered, older, fresh);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some(id) = seen.interface.filter(|_| facts::succeeded(seen) && !facts::is_content(seen, known))
        else {
            return;
        };
        if known.interface(id).is_none_or(|i| version_segment(&i.template).is_none()) {
            return;
        }
        let outside = facts::from_outside(seen, known);
        let exchange = seen.exchange;
        let mut new = false;
        let answered = self.answered.entry(&id, || {
            new = true;
            let flow = exchange.flow.community_id.to_string().into();
            Answered { time: exchange.time, flow, number: exchange.number, outside }
        });
        answered.outside |= outside;
        self.fresh |= new;
        if let Some(said) = self.say(id, outside, known) {
            out.push(Sighting::of(&CARD, seen).severity(said.severity).say(said.summary, said.note));
        }
    }

    fn tick(&mut self, _now: Timestamp, known: &Known<'_>, out: &mut Findings) {
        if !std::mem::take(&mut self.fresh) {
            return;
        }
        for id in self.compare(known) {
            let (Some(first), Some(interface)) = (self.answered.get(&id), known.interface(id)) else {
                continue;
            };
            let Some(said) = self.say(id, first.outside, known) else { continue };
            let key = FindingKey {
                id: CARD.id,
                site: interface.site,
                interface: Some(id),
                caller: None,
                account: None,
            };
            let evidence = Evidence {
                time: first.time,
                flow: first.flow.clone(),
                number: first.number,
                note: said.note,
            };
            out.push(recalled(key, said.severity, said.summary, evidence));
        }
    }

    fn merged(&mut self, from: InterfaceId, into: InterfaceId) {
        if let Some(old) = self.answered.remove(&from) {
            let kept = self.answered.entry(&into, || Answered { flow: old.flow.clone(), ..old });
            kept.outside |= old.outside;
        }
        self.older.remove(&from);
        // The template may be another now.
        self.fresh = true;
    }

    fn evicted(&self) -> u64 {
        self.answered.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    /// Calls of interfaces 1 (v1), 2 (v2) and 3 (another resource, v3).
    fn world() -> World {
        let mut w = World::new();
        for (i, t) in [(1, "/api/v1/users/{id}"), (2, "/api/v2/users/{id}"), (3, "/api/v3/orders/{id}")] {
            w.interfaces[i].template = t.into();
        }
        w
    }
    fn found(w: &World, calls: impl IntoIterator<Item = Call>) -> Findings {
        let mut source = Source::new(&Thresholds::default());
        let mut out = w.found(&mut source, calls);
        source.finish(Timestamp::from_secs_nanos(2_000_000, 0), &w.known(), &mut out);
        out
    }
    fn to(i: u32) -> Call {
        call("GET", "/").to(i).by(100)
    }

    #[test]
    fn reports_the_older_of_two_that_answer() {
        let w = world();
        assert!(found(&w, [to(1), to(3)]).is_empty(), "another resource");
        assert!(found(&w, [to(1), to(2).status(404)]).is_empty());
        let f = found(&w, [to(1), to(2)]);
        assert_eq!((f.len(), f[0].key.interface, f[0].severity), (1, Some(InterfaceId(1)), Severity::Low));
        assert_eq!(f[0].time, to(1).exchange.time);
    }

    #[test]
    fn is_more_serious_where_the_older_protects_less() {
        let mut w = world();
        w.interfaces[1].authentication.without = 5;
        w.interfaces[2].authentication.with = 5;
        assert_eq!(found(&w, [to(2), to(1)])[0].severity, Severity::Medium);
        w.interfaces[2].authentication.without = 1;
        assert_eq!(found(&w, [to(2), to(1)])[0].severity, Severity::Low);
    }

    #[test]
    fn counts_every_further_call_and_follows_merges() {
        let w = world();
        let mut source = Source::new(&Thresholds::default());
        let now = Timestamp::from_secs_nanos(2_000_000, 0);
        let mut out = w.found(&mut source, [to(1), to(2)]);
        source.tick(now, &w.known(), &mut out);
        source.tick(now, &w.known(), &mut out);
        assert_eq!((out.len(), w.found(&mut source, [to(1), to(2)]).len()), (1, 1));
        source.merged(InterfaceId(1), InterfaceId(3));
        out.clear();
        source.tick(now, &w.known(), &mut out);
        assert!(out.is_empty(), "{out:?}");
        w.found(&mut source, (0..64).map(to));
        assert!(source.evicted() == 0 && source.older.len() <= INTERFACES);
    }
}
