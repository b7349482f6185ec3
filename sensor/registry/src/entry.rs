//! An entry of the registered list.

use crate::ListError;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// A registered interface: address, owner, system, level, permitted callers, zones and data types, term.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct Entry {
    /// Host (主机), with the port where it is not the scheme's; empty for any.
    pub host: String,
    /// Method (方法), upper case; `*` for any.
    pub method: String,
    /// Path template (路径): `{name}` (or `:name`) for what varies; names do not matter.
    pub path: String,
    /// Owner (责任人).
    pub owner: String,
    /// System (所属系统).
    pub system: String,
    /// Highest grade permitted (级别), 1 to 4; any where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// Permitted callers (允许的调用方): addresses and networks (`10.1.0.0/16`), or names of accounts and applications; any where empty.
    pub callers: Vec<String>,
    /// Permitted zones (允许的区域): `internal`, `public`, or networks; any where empty.
    pub zones: Vec<String>,
    /// Ids of data types it may give out (允许的数据类型); any where empty.
    pub data_types: Vec<String>,
    /// Last day of the term (有效期), `2026-12-31` in UTC; none where empty.
    pub until: String,
    /// Columns that Weir does not know, as they came.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub more: BTreeMap<String, String>,
}

impl Entry {
    /// Puts method and path into their usual form, and checks every field. `place` is where the entry stands.
    pub(crate) fn checked(mut self, place: &(String, String)) -> Result<Entry, ListError> {
        self.method = match self.method.trim() {
            "" => "*".into(),
            m => m.to_ascii_uppercase(),
        };
        if self.method != "*" && !self.method.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            let (zh, en) = (
                "不是方法；请写 GET、POST 等，或 * 表示任意",
                "not a method; write GET, POST, ..., or * for any",
            );
            return Err(ListError::at(place, "method", zh, en));
        }
        self.host = self.host.trim().to_lowercase();
        if self.host.contains(['/', ' ']) {
            let (zh, en) =
                ("应只写主机名与端口，不带协议与路径", "give host and port alone, without scheme and path");
            return Err(ListError::at(place, "host", zh, en));
        }
        if !self.path.starts_with('/') {
            let (zh, en) = ("须以 / 开头，如 /users/{id}", "must begin with /, as in /users/{id}");
            return Err(ListError::at(place, "path", zh, en));
        }
        if self.level.is_some_and(|l| !(1..=4).contains(&l)) {
            return Err(ListError::at(place, "level", "须为 1 至 4，或留空", "must be 1 to 4, or empty"));
        }
        if !self.until.is_empty() && !is_date(&self.until) {
            let (zh, en) = ("须为日期，如 2026-12-31", "must be a date such as 2026-12-31");
            return Err(ListError::at(place, "until", zh, en));
        }
        let wrong = |z: &&String| !matches!(z.as_str(), "internal" | "public") && network(z).is_none();
        if let Some(zone) = self.zones.iter().find(wrong) {
            let zh = format!("不认识 {zone}；可写 internal、public 或网段，如 10.1.0.0/16");
            let en = format!("{zone} is not known; write internal, public or a network such as 10.1.0.0/16");
            return Err(ListError::at(place, "zones", zh, en));
        }
        Ok(self)
    }

    /// The path as it compares: names of variables left out, no slash at the end.
    pub(crate) fn shape(&self) -> String {
        shape(&self.path)
    }
}

/// A path template as it compares.
pub(crate) fn shape(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for segment in path.trim_end_matches('/').split('/').skip(1) {
        out.push('/');
        if segment.starts_with(':') {
            out.push_str("{}");
            continue;
        }
        let mut rest = segment;
        while let Some((before, variable)) = rest.split_once('{') {
            let Some((_, after)) = variable.split_once('}') else { break };
            out.push_str(before);
            out.push_str("{}");
            rest = after;
        }
        out.push_str(rest);
    }
    out
}

/// Whether a text is a day of the calendar.
pub(crate) fn is_date(text: &str) -> bool {
    let part = |from: usize, to: usize| text.get(from..to).filter(|t| t.bytes().all(|b| b.is_ascii_digit()));
    let number = |from, to| part(from, to).and_then(|t| t.parse::<u16>().ok());
    let dashes = text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let most = match (month, year) {
        (Some(4 | 6 | 9 | 11), _) => 30,
        (Some(2), Some(y)) if y % 4 == 0 && (y % 100 != 0 || y % 400 == 0) => 29,
        (Some(2), _) => 28,
        _ => 31,
    };
    text.len() == 10
        && dashes
        && year.is_some()
        && month.is_some_and(|m| (1..=12).contains(&m))
        && day.is_some_and(|d| (1..=most).contains(&d))
}

/// A network, from `10.1.0.0/16` or a single address.
pub(crate) fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
