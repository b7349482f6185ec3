//! D11 Cross-border provision (数据出境).

use crate::abroad::abroad;
use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts};
use weir_exchange::{DataItem, Fingerprint};
use weir_model::{AccountId, Card, Findings, Group, Handling, Known, RiskType, Severity};

pub(super) static CARD: Card = Card {
    id: "D11",
    zh: "数据出境",
    en: "cross-border provision",
    group: Group::Disclosure,
    severity: Severity::High,
    risks: &[RiskType(12)],
    measures: &[Handling(16)],
    owasp: "CWE-359",
    basis: "CAICT 4(2)4",
    how_zh: "接口向境外地址（位置库所示的境内以外国家和地区，含港澳台）明文给出 2 级以上个人信息；按接口和调用方汇总，4 级升一级。调用方取本人记录（路径所示，或该账号在境外至今只取得同一个人的信息）、回显请求中的值、位置库不认识的地址不报。全年人数与申报门槛（一万敏感、十万、一百万）的累计尚未统计。",
    how_en: "An interface gives personal data of grade 2 or above in clear to an address abroad (a country or region other than the mainland by the place databases, Hong Kong, Macao and Taiwan among them); one finding an interface and caller, one step more serious for grade 4. A caller's own record (as the path tells, or where the account has got one and the same person's data from abroad so far), values that come back from the request and addresses that no database knows are not reported. Persons of the year are not added up against the limits of filing yet.",
};

/// Accounts that were abroad.
const ACCOUNTS: usize = 16_384;

/// Identifies D11.
pub(super) struct Source {
    /// The first person whose data an account got abroad; `None` once there was another.
    own: Table<AccountId, Option<Fingerprint>>,
}

impl Source {
    pub(super) fn new(_: &Thresholds) -> Self {
        Source { own: Table::new(ACCOUNTS) }
    }

    /// Whether all that an account got abroad is one person's: a customer who travels.
    fn of_one(&mut self, account: AccountId, item: &DataItem, person: Option<Fingerprint>) -> bool {
        let Some(person) = person.filter(|_| item.count == 1) else {
            self.own.entry(&account, || None);
            return false;
        };
        let own = self.own.entry(&account, || Some(person));
        if *own != Some(person) {
            *own = None;
        }
        own.is_some()
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(own);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some((item, data_type)) = facts::records(seen) else { return };
        let Some(country) = abroad(seen, known).and_then(|a| a.country) else { return };
        if facts::own_record(seen, known) || facts::new_to_caller(seen, item) == 0 {
            return;
        }
        // Whose it is, is told by what identifies a person; a name alone is anybody's.
        let identified = facts::given_out(seen).find(|(_, t)| t.identifies);
        let person = identified.and_then(|(d, _)| d.values.first().copied());
        if let Some(account) = seen.account.filter(|_| seen.authenticated)
            && self.of_one(account, identified.map_or(item, |(d, _)| d), person)
        {
            return;
        }
        let (place, n) = (facts::place(seen, known), item.count);
        out.push(Sighting::of(&CARD, seen).by_caller().rests_on(item).weigh_level(item.level).say(
            both(
                format!("{place} 向境外（{}）给出个人信息", country.zh()),
                format!("{place} gives personal data to {}", country.en()),
            ),
            both(
                format!("响应字段 {}：{} {n} 个，如 {}", item.path, data_type.zh, item.sample),
                format!("response field {}: {n} of {}, such as {}", item.path, data_type.en, item.sample),
            ),
        ));
    }

    fn evicted(&self) -> u64 {
        self.own.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_model::Findings;

    fn found(call: Call) -> Findings {
        let mut w = World::new();
        w.place_callers(100..120, "US");
        w.place_callers(120..128, "CN");
        w.found(&mut Source::new(&Thresholds::default()), [call])
    }

    #[test]
    fn reports_personal_data_that_goes_abroad() {
        let gives = |id| call("GET", "/c/1").gives(id, 1, 1);
        assert_eq!(found(gives("cn_mobile").by(100))[0].severity, Severity::High);
        assert_eq!(found(gives("cn_id18").by(100))[0].severity, Severity::Critical);
        for near in [gives("cn_mobile").by(121), gives("cn_mobile").by(1), gives("ipv4").by(100)] {
            assert!(found(near).is_empty());
        }
        assert!(found(gives("cn_mobile").by(100).status(404)).is_empty());
        assert!(
            found(call("GET", "/me").signed_in().gives("cn_mobile", 1, 1).by(100)).is_empty(),
            "the own record"
        );
    }

    #[test]
    fn leaves_customers_who_travel() {
        let mut w = World::new();
        w.place_callers(100..120, "US");
        let of = |person| {
            let mut c = call("GET", "/orders/1").signed_in().gives("cn_mobile", person, 1).by(100);
            c.account = Some(0);
            c
        };
        let found = |calls: Vec<Call>| w.found(&mut Source::new(&Thresholds::default()), calls).len();
        assert_eq!(found(vec![of(1), of(1), of(1)]), 0);
        assert_eq!(found(vec![of(1), of(2), of(1)]), 2, "from the second person on");
    }
}
