//! D03 Inconsistent masking (脱敏策略不一致).

use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use weir_exchange::{DataItem, DataType, DataTypeId, Form, KeptPositions, Part};
use weir_model::{
    AccountId, CallerId, Card, Findings, Group, Handling, InterfaceId, Known, RiskType, Severity, SiteId,
    Summary,
};

pub(super) static CARD: Card = Card {
    id: "D03",
    zh: "脱敏策略不一致",
    en: "inconsistent masking",
    group: Group::Disclosure,
    severity: Severity::Medium,
    risks: &[RiskType(20), RiskType(1)],
    measures: &[Handling(5)],
    owasp: "API3:2023 CWE-213",
    basis: "CAICT 3.2.3, 5.1",
    how_zh: "同一站点中，同一调用方（账号）从一个接口取得某类个人信息的脱敏值，又从另一个接口取得同类明文；或各接口保留的字符位置不同，合起来除至多 2 个字符外全部可读。列出足以还原的最小接口组，按给出明文（或补全）的接口汇总。同一接口的脱敏与明文、本人记录、回显请求中的值、脱敏值不足 3 个的接口不计；比较以类型为单位，不要求是同一个人的记录。",
    how_en: "On one site the same caller (under one account) gets values of a personal type masked from one interface and in clear from another, or interfaces keep different characters that together leave at most 2 unread. The smallest set of interfaces that rebuilds a value is named; one finding an interface that gives the clear (or completing) part. Masked and clear values of one interface, own records, values that come back from the request, and interfaces with fewer than 3 masked values do not count. Types are compared, not the records of one person.",
};

/// Callers' types watched, and interfaces of each.
const WATCHED: usize = 16_384;
const INTERFACES: usize = 8;
/// Shortest value whose kept positions are put together.
const SHORTEST: u8 = 8;

/// Who got which type.
type Key = (SiteId, CallerId, Option<AccountId>, DataTypeId);

/// What interfaces gave of one type: how many values masked, and with which characters kept; `None` in clear.
#[derive(Default, Serialize, Deserialize)]
struct Given {
    masked: BTreeMap<InterfaceId, (u64, KeptPositions)>,
    clear: BTreeMap<InterfaceId, u64>,
}

/// How interfaces differ.
enum Differs {
    /// What one masks another gives in clear.
    Clear { masked: InterfaceId, clear: InterfaceId },
    /// What they keep together is nearly all of a value; the last completes it.
    Splice(Vec<InterfaceId>),
}

/// Identifies D03.
pub(super) struct Source {
    values: u64,
    unread: u32,
    given: Table<Key, Given>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            values: thresholds.d03_values,
            unread: u32::try_from(thresholds.d03_unread).unwrap_or(u32::MAX),
            given: Table::new(WATCHED),
        }
    }
}

/// Positions, from the start, that are readable in a value of `length` characters.
fn readable(kept: &KeptPositions, length: u8) -> u64 {
    let length = u32::from(length.min(64));
    let all = if length == 64 { u64::MAX } else { (1 << length) - 1 };
    let tail = u64::from(kept.tail.reverse_bits()) << 32;
    (u64::from(kept.head) | tail.checked_shr(64 - length).unwrap_or(0)) & all
}

impl Given {
    /// Takes in an item of an interface; whether with it the interface has come to mask, that is to have given `values` masked ones.
    fn add(&mut self, interface: InterfaceId, item: &DataItem, values: u64) -> bool {
        let full = self.masked.len() + self.clear.len() >= INTERFACES;
        let count = u64::from(item.count);
        if item.form == Form::Masked {
            if full && !self.masked.contains_key(&interface) {
                return false;
            }
            let (n, kept) = self.masked.entry(interface).or_insert((0, item.kept));
            let before = *n;
            *n += count;
            // Of values of another length the positions are others.
            if kept.length == item.kept.length {
                (kept.head, kept.tail) = (kept.head & item.kept.head, kept.tail & item.kept.tail);
            }
            return before < values && *n >= values;
        }
        if !full || self.clear.contains_key(&interface) {
            *self.clear.entry(interface).or_insert(0) += count;
        }
        false
    }

    /// What `at` makes of it by giving values in this form. Where it gives both forms itself, it is not interfaces that differ.
    fn judge(
        &self,
        at: InterfaceId,
        form: Form,
        came_to_mask: bool,
        values: u64,
        unread: u32,
    ) -> Option<Differs> {
        let mixed = self.masked.contains_key(&at) && self.clear.contains_key(&at);
        if form != Form::Masked {
            let other = self.masks(at, values).filter(|_| !mixed)?;
            return Some(Differs::Clear { masked: other, clear: at });
        }
        if let Some(set) = self.splice(at, values, unread) {
            return Some(Differs::Splice(set));
        }
        let clear = self.clear.keys().find(|i| **i != at && !self.masked.contains_key(i));
        clear.filter(|_| came_to_mask && !mixed).map(|clear| Differs::Clear { masked: at, clear: *clear })
    }

    /// An interface other than `at` that gives enough masked values.
    fn masks(&self, at: InterfaceId, values: u64) -> Option<InterfaceId> {
        self.masked.iter().find(|(i, (n, _))| **i != at && *n >= values).map(|(i, _)| *i)
    }

    /// The smallest set of interfaces, `at` among them, whose kept characters together leave at most `unread` of a value, while none alone does.
    fn splice(&self, at: InterfaceId, values: u64, unread: u32) -> Option<Vec<InterfaceId>> {
        let (_, kept) = self.masked.get(&at)?;
        let length = kept.length;
        if !(SHORTEST..=64).contains(&length) {
            return None;
        }
        let enough = |read: u64| u32::from(length) <= read.count_ones() + unread;
        let own = readable(kept, length);
        let others: Vec<(InterfaceId, u64)> = self
            .masked
            .iter()
            .filter(|(i, (n, k))| **i != at && *n >= values && k.length == length)
            .map(|(i, (_, k))| (*i, readable(k, length)))
            .filter(|(_, read)| !enough(*read))
            .collect();
        if enough(own) {
            return None;
        }
        let rebuilt = (1u32..1 << others.len()).filter_map(|chosen| {
            let of = others.iter().enumerate().filter(|(n, _)| chosen & (1 << n) != 0).map(|(_, o)| *o);
            let read = of.clone().fold(own, |read, (_, more)| read | more);
            enough(read).then(|| of.map(|(i, _)| i).chain([at]).collect::<Vec<_>>())
        });
        rebuilt.min_by_key(Vec::len)
    }
}

/// Whether a type is one whose masking is judged.
fn judged(item: &DataItem, data_type: &DataType) -> bool {
    item.place.response && facts::tells_of_person(data_type) && data_type.level >= 2
}

/// The names of interfaces, as in notes.
fn names(interfaces: &[InterfaceId], known: &Known<'_>) -> String {
    let name = |i: &InterfaceId| known.interface(*i).map(|i| format!("{} {}", i.method, i.template));
    interfaces.iter().filter_map(name).collect::<Vec<_>>().join(" + ")
}

/// Summary and note of how interfaces differ.
fn say(
    data_type: &DataType,
    item: &DataItem,
    at: Option<InterfaceId>,
    how: &Differs,
    known: &Known<'_>,
) -> (Summary, Summary) {
    let (zh, en) = (&data_type.zh, &data_type.en);
    let place = names(at.as_slice(), known);
    let summary = both(
        format!("{place} 的{zh}脱敏与其他接口不一致"),
        format!("{place} masks {en} otherwise than other interfaces"),
    );
    let sample = &item.sample;
    let note = match how {
        Differs::Clear { masked, clear } => {
            let set = names(&[*masked, *clear], known);
            both(
                format!("{zh}在前者脱敏，在后者为明文，如 {sample}：{set}"),
                format!("{en} is masked by the first and in clear by the second, such as {sample}: {set}"),
            )
        }
        Differs::Splice(set) => {
            let set = names(set, known);
            both(
                format!("{zh}各接口保留的字符不同，合起来可还原：{set}"),
                format!("kept characters of {en} differ and rebuild it together: {set}"),
            )
        }
    };
    (summary, note)
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(given);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some(interface) = seen.interface.filter(|_| facts::succeeded(seen)) else { return };
        let items = facts::data(seen).filter(|(d, t)| judged(d, t) && d.place.part == Part::Body);
        let items = items.filter(|(d, _)| {
            d.form == Form::Masked || d.form.is_clear() && facts::new_to_caller(seen, d) > 0
        });
        let items: Vec<_> = items.collect();
        if items.is_empty() || facts::own_record(seen, known) {
            return;
        }
        let key_of = |item: &DataItem| (seen.site, seen.caller, seen.account, item.data_type);
        let mut came_to_mask = false;
        for (item, _) in &items {
            let given = self.given.entry(&key_of(item), Given::default);
            came_to_mask |= given.add(interface, item, self.values);
        }
        let differs = items.iter().filter_map(|(item, data_type)| {
            let given = self.given.get(&key_of(item))?;
            let how = given.judge(interface, item.form, came_to_mask, self.values, self.unread)?;
            Some((*item, *data_type, how))
        });
        let Some((item, data_type, how)) = differs.max_by_key(|(d, ..)| d.level) else { return };
        let at = match &how {
            Differs::Clear { clear, .. } => Some(*clear),
            Differs::Splice(_) => seen.interface,
        };
        let (summary, note) = say(data_type, item, at, &how, known);
        let mut sighting = Sighting::of(&CARD, seen).of_interface(at).weigh_level(data_type.level);
        if at == seen.interface {
            sighting = sighting.rests_on(item);
        }
        out.push(sighting.weigh_exposure(known).say(summary, note));
    }

    fn merged(&mut self, from: InterfaceId, into: InterfaceId) {
        let holds = |_: &Key, g: &Given| g.masked.contains_key(&from) || g.clear.contains_key(&from);
        for key in self.given.keys_holding(holds) {
            let given = self.given.entry(&key, Given::default);
            if let Some(n) = given.clear.remove(&from) {
                *given.clear.entry(into).or_insert(0) += n;
            }
            if let Some((n, kept)) = given.masked.remove(&from) {
                given.masked.entry(into).or_insert((0, kept)).0 += n;
            }
        }
    }

    fn evicted(&self) -> u64 {
        self.given.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    fn found(calls: impl IntoIterator<Item = Call>) -> Findings {
        World::new().found(&mut Source::new(&Thresholds::default()), calls)
    }
    fn masked(interface: u32, n: u32) -> Call {
        call("GET", "/c").to(interface).item("cn_mobile", true, Part::Body, Form::Masked, 1, n)
    }
    fn clear(interface: u32) -> Call {
        call("GET", "/c/5/full").to(interface).gives("cn_mobile", 1, 1)
    }
    /// A mobile number of which the characters at these places are kept, as bits from the start.
    fn keeps(interface: u32, places: u32) -> Call {
        let mut c = masked(interface, 5);
        let tail = (0..11).filter(|i| places & (1 << i) != 0).map(|i| 1 << (10 - i)).sum();
        c.exchange.data[0].kept = KeptPositions { head: places, tail, length: 11 };
        c
    }

    #[test]
    fn reports_what_is_masked_here_and_clear_there() {
        assert!(found([masked(1, 2), clear(2)]).is_empty(), "two values tell nothing of a policy");
        let f = found([masked(1, 3), clear(2)]);
        assert_eq!((f.len(), f[0].key.interface, f[0].key.caller), (1, Some(InterfaceId(2)), None));
        assert!(f[0].evidence.note.en.ends_with("GET /t1/{id} + GET /t2/{id}"), "{}", f[0].evidence.note.en);
        let f = found([clear(2), masked(1, 2), masked(1, 1), masked(1, 9), clear(2)]);
        let at: Vec<_> = f.iter().map(|f| f.key.interface).collect();
        assert_eq!(at, [Some(InterfaceId(2)); 2], "in any order, and then by what is given in clear");
    }

    #[test]
    fn leaves_other_callers_one_interface_and_own_records_alone() {
        assert!(found([masked(1, 9), clear(2).by(1)]).is_empty());
        assert!(found([masked(1, 9), clear(1)]).is_empty());
        assert!(
            found([masked(1, 9), clear(2).item("cn_mobile", true, Part::Body, Form::Masked, 5, 5), clear(2)])
                .is_empty()
        );
        assert!(
            found([masked(1, 9), call("GET", "/me").to(2).signed_in().gives("cn_mobile", 1, 1)]).is_empty()
        );
        let echoed = clear(2).item("cn_mobile", false, Part::Query, Form::Plain, 1, 1);
        assert!(found([masked(1, 9), echoed]).is_empty());
    }

    #[test]
    fn reports_what_can_be_spliced_from_the_fewest_interfaces() {
        let (front, back, middle) = (0b000_0001_1111, 0b111_1000_0000, 0b000_0110_0000);
        assert!(found([keeps(1, 0b111), keeps(2, back)]).is_empty());
        let f = found([keeps(1, 0b1), keeps(2, front), keeps(3, back)]);
        assert_eq!(f.len(), 1, "two characters are left");
        assert!(f[0].evidence.note.en.ends_with("GET /t2/{id} + GET /t3/{id}"), "{}", f[0].evidence.note.en);
        assert!(found([keeps(1, front), keeps(2, front & !1), keeps(3, middle)]).is_empty());
    }

    #[test]
    fn reads_positions_from_both_ends() {
        assert_eq!(readable(&KeptPositions { head: 0b111, tail: 0b11, length: 11 }, 11), 0b110_0000_0111);
        assert_eq!(readable(&KeptPositions { head: 0, tail: 0b1, length: 64 }, 64), 1 << 63);
    }

    #[test]
    fn follows_merges_and_stays_bounded() {
        let w = World::new();
        let mut source = Source::new(&Thresholds::default());
        w.found(&mut source, [masked(1, 9)]);
        source.merged(InterfaceId(1), InterfaceId(2));
        assert!(w.found(&mut source, [clear(2)]).is_empty());
        assert_eq!(w.found(&mut source, [clear(3)]).len(), 1);
        w.found(&mut source, (0..50).map(clear));
        let key = (SiteId(0), CallerId(0), None, catalogue().find("cn_mobile").unwrap());
        let given = source.given.get(&key).unwrap();
        assert_eq!(given.clear.len() + given.masked.len(), INTERFACES);
    }
}
