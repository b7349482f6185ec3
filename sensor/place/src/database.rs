//! Which database says where an address is.

/// What sort of database it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DatabaseKind {
    /// The organisation's own address plan (地址规划).
    Plan,
    /// A MaxMind DB file.
    Mmdb,
    /// The table that is built in.
    Table,
}

impl DatabaseKind {
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            DatabaseKind::Plan => "plan",
            DatabaseKind::Mmdb => "mmdb",
            DatabaseKind::Table => "table",
        }
    }
    /// Its name in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            DatabaseKind::Plan => "地址规划",
            DatabaseKind::Mmdb => "MMDB 文件",
            DatabaseKind::Table => "内置表",
        }
    }
    /// Its name in English.
    pub const fn en(self) -> &'static str {
        match self {
            DatabaseKind::Plan => "address plan",
            DatabaseKind::Mmdb => "MMDB file",
            DatabaseKind::Table => "built-in table",
        }
    }
}

/// A database by name, version and date: what each claim of a place rests on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Database {
    /// What it is.
    pub kind: DatabaseKind,
    /// Its name: a plan's file name, an MMDB's `database_type`.
    pub name: Box<str>,
    /// Its version; of a plan, a digest of what it holds.
    pub version: Box<str>,
    /// Day of its data as `YYYY-MM-DD`; empty where it does not say.
    pub date: Box<str>,
    /// Whose data it is, and under what licence; empty where it does not say.
    pub source: Box<str>,
}

impl Database {
    /// Days from its date to `now` (seconds since the epoch); `None` where it has no date.
    pub fn age_days(&self, now: u64) -> Option<u64> {
        let mut parts = self.date.split('-').map(|p| p.parse::<u64>().ok());
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        let then = days(year, month, day)?;
        Some((now / 86_400).saturating_sub(then))
    }
}

/// Days from the epoch of a civil date (Howard Hinnant, "chrono-compatible low-level date algorithms"), for years from 1970.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1970..10_000).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, yoe) = (year / 400, year % 400);
    let doy = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    (era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy).checked_sub(719_468)
}

/// The civil date of a day counted from the epoch, as `YYYY-MM-DD` (same source).
pub(crate) fn civil(day: u64) -> String {
    // Databases of the year 10,000 are none; the bound keeps what follows from overflowing.
    let z = day.min(2_932_896) + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (d, m) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let y = yoe + era * 400 + u64::from(m <= 2);
    format!("{y:04}-{m:02}-{d:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree() {
        for day in [0, 58, 59, 60, 11_016, 20_000, 20_786, 47_541, 2_932_896] {
            let date = civil(day);
            let database = Database {
                kind: DatabaseKind::Table,
                name: "".into(),
                version: "".into(),
                date: date.as_str().into(),
                source: "".into(),
            };
            assert_eq!(database.age_days((day + 7) * 86_400), Some(7), "{date}");
        }
        assert_eq!(civil(20_783), "2026-11-26");
        let none = |date: &str| days_of(date).is_none();
        assert!(none("") && none("2026") && none("2026-13-01") && none("x-y-z"));
        assert_eq!(civil(u64::MAX), "9999-12-31");
    }

    fn days_of(date: &str) -> Option<u64> {
        let (kind, empty) = (DatabaseKind::Table, "");
        Database { kind, name: empty.into(), version: empty.into(), date: date.into(), source: empty.into() }
            .age_days(0)
    }
}
