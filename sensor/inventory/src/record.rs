//! Keeping an interface's record: what one exchange adds to it, and what another record adds when both become one.

use crate::lists::Recent;
use crate::{columns, schema};
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use weir_exchange::{
    Catalogue, DataTypeId, Exchange, Form, KeptPositions, ParamName, PersonalClass, Request, Text,
};
use weir_model::{CallerId, ChangeKind, DataProfile, Grading, Interface, LEARNING, PAUSE};
use weir_wire::Timestamp;

/// Most callers kept of an interface.
const CALLERS: usize = 1_024;

/// Most parameter names kept of an interface.
const PARAMS: usize = 64;

/// Most field names kept of an interface.
const FIELDS: usize = 128;

/// Most entries of an interface's data: types are bounded by the rules, so this is never met with sound ones.
const DATA: usize = 512;

/// Lists of names whose names are all kept, as far as there is room.
#[derive(Default, Debug)]
pub(crate) struct Met {
    asked: Recent<ParamName>,
    replied: Recent<Text>,
}

/// Adds one exchange.
pub(crate) fn add(
    i: &mut Interface,
    met: &mut Met,
    x: &Exchange,
    request: &Request,
    (caller, authenticated): (CallerId, bool),
    (catalogue, grading): (&Catalogue, &Grading),
) {
    i.protocol = x.protocol.key();
    let learned = i.exchanges > 0 && x.time.since(i.first_seen) >= LEARNING;
    let pause = x.time.since(i.last_seen);
    if i.exchanges > 0 && pause >= PAUSE {
        let days = pause.as_nanos() / (86_400 * 1_000_000_000);
        i.life.note(x.time, ChangeKind::Returned, &format!("{days} days without a call"), Some(i.last_seen));
    }
    i.first_seen = i.first_seen.min(x.time);
    i.last_seen = i.last_seen.max(x.ended);
    i.exchanges += 1;
    let status = x.status();
    if let Some(class) = i.statuses.get_mut(usize::from(status.unwrap_or(0) / 100).min(5)) {
        *class += 1;
    }
    if i.callers.len() < CALLERS {
        i.callers.insert(caller);
    }
    authentication(i, x.time, request, (status, authenticated), learned);
    if !request.params.is_empty() && !met.asked.knows(request.params.names()) {
        for p in request.params.iter() {
            if insert(&mut i.params, p.name, PARAMS) && learned {
                i.life.note(x.time, ChangeKind::Parameter, p.name, None);
            }
        }
    }
    if let Some(reply) = &x.response {
        i.life.answered(reply.status, x.time, &i.template);
        if !reply.fields.is_empty()
            && !met.replied.knows(&reply.fields)
            && !knows_all(&i.fields, &reply.fields)
        {
            for f in &reply.fields {
                if insert(&mut i.fields, f, FIELDS) && learned {
                    i.life.note(x.time, ChangeKind::Field, f, None);
                }
            }
        }
        i.response_bytes = i.response_bytes.saturating_add(reply.body.bytes);
    }
    i.duration_nanos = i.duration_nanos.saturating_add(x.duration().as_nanos());
    if !x.data.is_empty() {
        data(i, x, catalogue, learned);
        i.subjects.add(x.time, &x.data, catalogue);
    }
    if !x.data.is_empty() || !i.columns.is_empty() {
        columns::add(i, x, request, catalogue);
        let before = i.level;
        i.grade(grading);
        if learned && i.level != before {
            i.life.note(x.time, ChangeKind::Level, &format!("{before} -> {}", i.level), None);
        }
    }
}

/// Whether no name is new or finds room. Both are sorted, so one walk along them tells; names out of order only count as new.
fn knows_all(set: &BTreeSet<Box<str>>, names: &[Text]) -> bool {
    let mut known = set.iter();
    set.len() >= FIELDS || names.iter().all(|n| known.find(|k| ***k >= **n).is_some_and(|k| **k == **n))
}

/// Says whether the name is new and found room.
fn insert(set: &mut BTreeSet<Box<str>>, name: &str, most: usize) -> bool {
    set.len() < most && !set.contains(name) && set.insert(name.into())
}

fn authentication(
    i: &mut Interface,
    time: Timestamp,
    request: &Request,
    (status, authenticated): (Option<u16>, bool),
    learned: bool,
) {
    let (with, without) = (i.authentication.with, i.authentication.without);
    match status {
        Some(200..=299) if learned && !authenticated && without == 0 && with > 0 => {
            i.life.note(time, ChangeKind::Authentication, "answers without a credential", None);
        }
        Some(200..=299) if learned && authenticated && with == 0 && without > 0 => {
            i.life.note(time, ChangeKind::Authentication, "called with a credential", None);
        }
        _ => {}
    }
    match status {
        Some(200..=299) if authenticated => i.authentication.with += 1,
        Some(200..=299) => i.authentication.without += 1,
        Some(401 | 403) => i.authentication.refused += 1,
        _ => {}
    }
    for (n, c) in request.credentials.iter().enumerate() {
        if !request.credentials.iter().take(n).any(|earlier| earlier.kind == c.kind) {
            *i.authentication.kinds.entry(c.kind).or_default() += 1;
        }
    }
}

fn data(i: &mut Interface, x: &Exchange, catalogue: &Catalogue, learned: bool) {
    let mut counts: BTreeMap<(bool, DataTypeId, Form), u32> = BTreeMap::new();
    for item in &x.data {
        let key = (item.place.response, item.data_type, item.form);
        if i.data.len() >= DATA && !i.data.contains_key(&key) {
            continue;
        }
        let n = counts.entry(key).or_default();
        *n = n.saturating_add(item.count);
        if learned && !i.data.contains_key(&key) {
            let id = catalogue.data_type(item.data_type).map_or("unknown", |t| &t.id);
            let side = if item.place.response { "response" } else { "request" };
            i.life.note(
                x.time,
                ChangeKind::DataType,
                &format!("{id} ({}) in the {side}", item.form.key()),
                None,
            );
        }
        let profile = i.data.entry(key).or_insert_with(|| DataProfile {
            values: 0,
            rejected: 0,
            personal: catalogue.data_type(key.1).is_some_and(|t| t.personal != PersonalClass::None),
            exchanges: 0,
            most: 0,
            level: item.level,
            path: item.path.as_str().into(),
            sample: item.sample.as_str().into(),
            kept: KeptPositions::default(),
        });
        profile.level = profile.level.max(item.level);
        profile.kept = both(profile.kept, item.kept);
    }
    for (key, n) in counts {
        if let Some(p) = i.data.get_mut(&key) {
            p.values = p.values.saturating_add(u64::from(n));
            p.exchanges += 1;
            p.most = p.most.max(n);
        }
    }
}

fn both(a: KeptPositions, b: KeptPositions) -> KeptPositions {
    KeptPositions { head: a.head | b.head, tail: a.tail | b.tail, length: a.length.max(b.length) }
}

/// Adds all that another record holds.
pub(crate) fn absorb(i: &mut Interface, other: &Interface, grading: &Grading) {
    if other.last_seen > i.last_seen {
        i.protocol = other.protocol;
    }
    i.first_seen = i.first_seen.min(other.first_seen);
    i.last_seen = i.last_seen.max(other.last_seen);
    i.exchanges += other.exchanges;
    for (mine, more) in i.statuses.iter_mut().zip(other.statuses) {
        *mine += more;
    }
    for caller in &other.callers {
        if i.callers.len() < CALLERS {
            i.callers.insert(*caller);
        }
    }
    i.authentication.with += other.authentication.with;
    i.authentication.without += other.authentication.without;
    i.authentication.refused += other.authentication.refused;
    for (kind, n) in &other.authentication.kinds {
        *i.authentication.kinds.entry(*kind).or_default() += n;
    }
    for p in &other.params {
        insert(&mut i.params, p, PARAMS);
    }
    for f in &other.fields {
        insert(&mut i.fields, f, FIELDS);
    }
    i.life.unite(&other.life);
    schema::absorb(&mut i.schema, &other.schema);
    i.subjects.unite(&other.subjects);
    for (key, more) in &other.columns {
        if i.columns.len() < columns::COLUMNS || i.columns.contains_key(key) {
            i.columns.entry(key.clone()).or_default().unite(more);
        }
    }
    i.response_bytes = i.response_bytes.saturating_add(other.response_bytes);
    i.duration_nanos = i.duration_nanos.saturating_add(other.duration_nanos);
    for (key, more) in &other.data {
        let room = i.data.len() < DATA;
        match i.data.get_mut(key) {
            Some(p) => {
                p.values = p.values.saturating_add(more.values);
                p.exchanges += more.exchanges;
                p.most = p.most.max(more.most);
                p.level = p.level.max(more.level);
                p.kept = both(p.kept, more.kept);
            }
            None if room => drop(i.data.insert(*key, more.clone())),
            None => {}
        }
    }
    i.grade(grading);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_finds_what_is_new() {
        let set: BTreeSet<Box<str>> = ["a", "b", "d"].map(Box::from).into();
        let knows =
            |names: &[&str]| knows_all(&set, &names.iter().map(|n| Text::from(*n)).collect::<Vec<_>>());
        assert!(knows(&[]) && knows(&["a", "d"]) && knows(&["a", "b", "d"]));
        assert!(!knows(&["c"]) && !knows(&["a", "c", "d"]) && !knows(&["e"]));
        assert!(!knows(&["d", "a"]) && !knows(&["a", "a"]), "looked up one by one");
    }
}
