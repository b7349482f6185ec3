//! What says where addresses are: which data, and how old.

use super::{Check, State, say};
use weir_place::{DatabaseKind, Places};

/// Days from which data is old: address space moves.
const OLD: u64 = 365;

/// A check a database.
pub fn checks(places: &Places) -> Vec<Check> {
    let now = crate::clock::now().nanos() / 1_000_000_000;
    let check = |d: &weir_place::Database| {
        let Some(age) = d.age_days(now) else {
            let found = say(
                format!("{}，版本 {}", d.kind.zh(), d.version),
                format!("{}, version {}", d.kind.en(), d.version),
            );
            return Check::new("places.database", &d.name, serde_json::Value::Null, found);
        };
        let found = say(
            format!("{}，数据日期 {}，距今 {age} 天", d.kind.zh(), d.date),
            format!("{}, data of {}, {age} days old", d.kind.en(), d.date),
        );
        let change = match d.kind {
            DatabaseKind::Table => say(
                "国家归属可能已过时；请升级 weir，或在 places.mmdb 中给出较新的数据库",
                "countries may have changed since; upgrade weir, or name a newer database as places.mmdb",
            ),
            DatabaseKind::Mmdb | DatabaseKind::Plan => say(
                "国家归属可能已过时；请更新 places.mmdb 所指的文件",
                "countries may have changed since; renew the file that places.mmdb names",
            ),
        };
        let check = Check::new("places.database", &d.name, age, found);
        if age > OLD { check.stands(State::Warn, change) } else { check }
    };
    places.databases().into_iter().map(check).collect()
}
