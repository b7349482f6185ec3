//! V11 Broken object-level authorisation (水平越权).

use crate::digest::digest;
use crate::familiar::mix;
use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts};
use serde::{Deserialize, Serialize};
use weir_exchange::Effect;
use weir_model::{AccountId, Card, Findings, Group, Handling, InterfaceId, Known, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "V11",
    zh: "水平越权",
    en: "broken object-level authorisation",
    group: Group::Vulnerability,
    severity: Severity::High,
    risks: &[RiskType(1), RiskType(2)],
    measures: &[Handling(3), Handling(8)],
    owasp: "API1:2023 CWE-285 CWE-639",
    basis: "CAICT 3.1.1, 3.1.3",
    how_zh: "对路径标识（{id}）学习对象归属：某接口有 20 个以上对象由同一账号在不同日子反复读取，而被他人读取的不超过其 2%，即为“各看各的”接口；此后一账号成功读到含个人信息的、此前只属于另一账号的对象，报水平越权，一次即报；按接口和账号汇总。归属以第一个成功读取的账号为准，须在前一日或更早。团队共用对象的接口、从未被主人读过的对象、只在参数中的标识不判断。",
    how_en: "Whose an object is, is learned of identifiers in paths: an interface on which 20 objects or more were read again on other days by the account that read them first, and no more than 2 % as many by others, is one where each sees the own. From then on an account that gets an object with personal data which so far was another account's alone is reported, at the first call; one finding an interface and account. An object is of the account that got it first, on an earlier day. Interfaces whose objects teams share, objects their owner never read and identifiers in parameters alone are not judged.",
};

/// Objects and interfaces watched.
const OBJECTS: usize = 65_536;
const INTERFACES: usize = 4_096;
/// Seconds of a day.
const DAY: u64 = 86_400;

/// Whose an object is.
#[derive(Serialize, Deserialize)]
struct Owner {
    account: AccountId,
    /// Day of the first read, and of the newest by the owner, since the epoch.
    first: u32,
    newest: u32,
    /// Read by others before it was known to be one's own.
    shared: bool,
}

/// How an interface's objects are read.
#[derive(Default, Serialize, Deserialize)]
struct Habit {
    again: u64,
    crossed: u64,
}

/// Identifies V11.
pub(super) struct Source {
    objects: u64,
    owners: Table<(InterfaceId, u64), Owner>,
    habits: Table<InterfaceId, Habit>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            objects: thresholds.v11_objects,
            owners: Table::new(OBJECTS),
            habits: Table::new(INTERFACES),
        }
    }
}

impl Habit {
    fn each_the_own(&self, objects: u64) -> bool {
        self.again >= objects && self.crossed * 50 <= self.again
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(owners, habits);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let (Some(interface), Some(account)) = (seen.interface, seen.account.filter(|_| seen.authenticated))
        else {
            return;
        };
        if seen.path_values.is_empty() {
            return;
        }
        let Some((item, data_type)) = facts::records(seen) else { return };
        let object = seen.path_values.iter().fold(0, |n, (_, value)| mix(n, digest(value)));
        let day = u32::try_from(seen.exchange.time.secs() / DAY).unwrap_or(u32::MAX);
        let habit = self.habits.entry(&interface, Habit::default);
        let owner = self.owners.entry(&(interface, object), || Owner {
            account,
            first: day,
            newest: day,
            shared: false,
        });
        if owner.account == account {
            if day > owner.newest && !owner.shared {
                habit.again += 1;
            }
            owner.newest = owner.newest.max(day);
            return;
        }
        let own_alone = habit.each_the_own(self.objects) && !owner.shared && owner.first < day;
        if !std::mem::replace(&mut owner.shared, true) {
            habit.crossed += 1;
        }
        if !own_alone {
            return;
        }
        let (again, crossed) = (habit.again, habit.crossed);
        let place = facts::place(seen, known);
        let name = known.account(account).map(|a| &*a.name);
        let whose = known.account(owner.account).map_or("", |a| &a.key);
        let sighting = Sighting::of(&CARD, seen).of_account(name).rests_on(item).weigh_level(item.level);
        out.push(sighting.shows(Effect::Obtained, true).say(
            both(
                format!("{place} 允许账号读取他人的对象"),
                format!("{place} lets an account read another's object"),
            ),
            both(
                format!("取得此前只属于账号 {whose} 的对象，含 {} 等；该接口 {again} 次复读为本人、{crossed} 次为他人", data_type.zh),
                format!("got an object that was account {whose}'s alone, with {}; of this interface {again} objects were read again by their own, {crossed} by others", data_type.en),
            ),
        ));
    }

    fn merged(&mut self, from: InterfaceId, into: InterfaceId) {
        for key in self.owners.keys_where(|k| k.0 == from) {
            if let Some(owner) = self.owners.remove(&key) {
                self.owners.entry(&(into, key.1), || owner);
            }
        }
        if let Some(old) = self.habits.remove(&from) {
            let habit = self.habits.entry(&into, Habit::default);
            (habit.again, habit.crossed) = (habit.again + old.again, habit.crossed + old.crossed);
        }
    }

    fn evicted(&self) -> u64 {
        self.owners.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    fn read(account: u32, object: u64, day: u32) -> Call {
        let mut c = call("GET", "/orders/1").gives("cn_mobile", object, 1).at(f64::from(day) * 86_400.0);
        (c.account, c.authenticated, c.object) = (Some(account), true, Some(object.to_string()));
        c
    }
    fn found(objects: u64, last: Call) -> Findings {
        let own = (0..2).flat_map(|day| (0..objects).map(move |o| read(0, o, day)));
        World::new().found(&mut Source::new(&Thresholds::default()), own.chain([last]).collect::<Vec<_>>())
    }

    #[test]
    fn reports_one_read_of_what_is_anothers_alone() {
        let f = found(20, read(1, 3, 2));
        assert_eq!((f.len(), f[0].key.account.as_deref()), (1, Some("admin")));
        assert_eq!(f[0].effect, Some(Effect::Obtained));
        assert!(f[0].evidence.note.en.contains("ac-alice"), "{}", f[0].evidence.note.en);
        assert!(found(19, read(1, 3, 2)).is_empty(), "too few objects");
        assert!(found(20, read(1, 99, 2)).is_empty(), "nobody's so far");
        assert!(found(20, read(1, 3, 2).status(403)).is_empty());
    }

    #[test]
    fn what_a_team_shares_is_nobodys() {
        let calls = (0..6).flat_map(|day| (0..40).map(move |o| read(u32::from(day % 2 == 1), o, day)));
        let f = World::new().found(&mut Source::new(&Thresholds::default()), calls.collect::<Vec<_>>());
        assert!(f.is_empty(), "{f:?}");
    }
}
