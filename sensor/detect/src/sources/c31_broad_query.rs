//! C31 Over-broad query (查询条件过宽).

use crate::sighting::{Sighting, both};
use crate::{Detector, Meaning, Seen, Thresholds, facts, target};
use weir_exchange::{MediaKind, ParamPlace, ParamValue};
use weir_model::{Card, Findings, Group, Handling, Known, Observation, RiskType, Severity, Summary};

pub(super) static CARD: Card = Card {
    id: "C31",
    zh: "查询条件过宽",
    en: "over-broad query",
    group: Group::AbnormalCall,
    severity: Severity::Medium,
    risks: &[RiskType(1)],
    measures: &[Handling(6), Handling(7)],
    owasp: "API4:2023 CWE-770",
    basis: "CAICT 3.2.4",
    how_zh: "列表查询取得的记录数不受限制：其一，每页条数参数（page_size、limit、rows、$top 等，含 max、all、-1 等不限值）要求 500 条以上，且响应确实给出其半数以上（不限值时 500 条以上）；其二，不带任何查询条件即返回 100 条以上明文敏感记录的列表。按接口和调用方汇总；仅内部访问降一级，无个人信息再降一级。服务端压低了条数的请求、失败的请求、字典等不含个人信息的无条件列表、单纯的文件导出（D14）不计。",
    how_en: "A listing hands out as many records as are asked for: either a page-size parameter (page_size, limit, rows, $top and the like; also max, all, -1 for no limit) asks for 500 or more and the reply holds at least half of them (500 for no limit), or a listing asked for without any condition returns 100 or more sensitive records in clear. One finding an interface and caller; one step less serious where the caller is internal, one more step where nothing personal is given. Requests that the server cut down, failed requests, unconditional listings without personal data, and plain exports of files (D14) do not count.",
};

/// Names of parameters, in plain form, that say how many records a page has.
pub(crate) const SIZES: &[&str] = &[
    "pagesize",
    "pagelimit",
    "perpage",
    "limit",
    "size",
    "rows",
    "rowcount",
    "count",
    "top",
    "take",
    "first",
    "max",
    "maxresults",
    "maxresult",
    "maxrows",
    "maxitems",
    "num",
    "number",
    "length",
    "itemsperpage",
    "resultsperpage",
    "recordsperpage",
    "pagecount",
    "batchsize",
    "fetchsize",
    "ps",
    "每页条数",
];
/// Values that ask for everything.
const UNLIMITED: &[&str] = &["max", "all", "*", "-1", "unlimited", "none", "inf", "infinity", "全部"];

/// Identifies C31.
pub(super) struct Source {
    page: u64,
    unfiltered: u64,
}

/// What a page-size parameter asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Records(u64),
    Everything,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source { page: thresholds.c31_page, unfiltered: thresholds.c31_unfiltered }
    }

    /// Whether a page-size parameter was obeyed: with its name, what it asked for and what came.
    fn obeyed(&self, seen: &Seen<'_>) -> Option<(String, Summary)> {
        let (name, asked) = asked(seen)?;
        let given = given(seen);
        let (enough, zh, en) = match asked {
            Asked::Records(n) if n >= self.page => (n.div_ceil(2), format!("{n} 条"), format!("{n} records")),
            Asked::Everything => (self.page, "不限条数".to_owned(), "all records".to_owned()),
            Asked::Records(_) => return None,
        };
        (given >= enough).then(|| {
            let how = both(
                format!("参数 {name} 要求{zh}，返回 {given} 条"),
                format!("parameter {name} asks for {en}, {given} came"),
            );
            (name, how)
        })
    }

    /// Whether a listing came without any condition, with how many sensitive records.
    fn unconditional(&self, seen: &Observation<'_>) -> Option<Summary> {
        let request = facts::request(seen)?;
        let body = facts::response(seen)?.body.kind;
        let listing = matches!(body, MediaKind::Json | MediaKind::Xml) && !facts::is_file(seen);
        let bare = request.params.is_empty() && target::query(&request.target).next().is_none();
        if !listing || !bare || !request.method.eq_ignore_ascii_case("GET") {
            return None;
        }
        let (item, data_type) = facts::records(seen)?;
        let n = item.count;
        (u64::from(n) >= self.unfiltered).then(|| {
            both(
                format!("无任何查询条件即返回 {} {n} 个", data_type.zh),
                format!("{n} of {} without any condition", data_type.en),
            )
        })
    }
}

/// What the request's page-size parameter asks for.
fn asked(seen: &Seen<'_>) -> Option<(String, Asked)> {
    let request = facts::request(seen)?;
    seen.params_that_say(Meaning::PAGE_SIZE).find_map(|p| match p.value {
        ParamValue::Integer(n) => Some((p.name.as_str().to_owned(), Asked::Records(n))),
        ParamValue::Wildcard => Some((p.name.as_str().to_owned(), Asked::Everything)),
        ParamValue::Empty => None,
        // Values of the query can be read where they stand; of those in bodies there is only a fingerprint.
        ParamValue::Other { .. } if p.place == ParamPlace::Body => None,
        ParamValue::Other { .. } => {
            let mut all = target::query(&request.target);
            let value = all.find(|(name, _)| target::decoded(name) == p.name.to_lowercase())?.1;
            UNLIMITED
                .contains(&&*target::decoded(value))
                .then(|| (p.name.as_str().to_owned(), Asked::Everything))
        }
    })
}

/// Records of the reply: by its structure, or, where that tells none, by its data.
fn given(seen: &Observation<'_>) -> u64 {
    let by_structure = facts::response(seen).map_or(0, |r| r.body.records);
    let by_data = facts::data(seen).filter(|(d, _)| d.place.response).map(|(d, _)| d.count).max();
    u64::from(by_structure.max(by_data.unwrap_or(0)))
}

/// Whether the reply holds anything of a person, masked or not.
fn personal(seen: &Observation<'_>) -> bool {
    facts::data(seen).any(|(d, t)| d.place.response && facts::tells_of_person(t) && d.count > 1)
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        if !facts::succeeded(seen) {
            return;
        }
        let place = || facts::place(seen, known);
        let (summary, note) = match self.obeyed(seen) {
            Some((name, note)) => (
                both(
                    format!("{} 的每页条数参数 {name} 不受限制", place()),
                    format!("{} obeys page size {name} without a limit", place()),
                ),
                note,
            ),
            None => match self.unconditional(seen) {
                Some(note) => (
                    both(
                        format!("{} 不带查询条件即返回全部敏感记录", place()),
                        format!("{} returns all sensitive records without a condition", place()),
                    ),
                    note,
                ),
                None => return,
            },
        };
        let severity = if personal(seen) { CARD.severity } else { CARD.severity.lowered() };
        out.push(
            Sighting::of(&CARD, seen).by_caller().severity(severity).weigh_exposure(known).say(summary, note),
        );
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::{Fingerprint, Form, Part};

    fn found(call: Call) -> Findings {
        World::new().found(&mut Source::new(&Thresholds::default()), [call])
    }
    fn page(name: &str, asked: u64, given: u32) -> Call {
        let call = call("GET", &format!("/customers?{name}={asked}"));
        let call = call.param(ParamPlace::Query, name, ParamValue::Integer(asked));
        call.item("cn_mobile", true, Part::Body, Form::Masked, 1, given)
    }

    #[test]
    fn reports_pages_of_five_hundred() {
        assert!(found(page("page_size", 499, 499)).is_empty());
        let f = found(page("page_size", 500, 500).by(100));
        assert_eq!((f.len(), f[0].severity), (1, Severity::Medium));
        assert_eq!(found(page("$top", 1_000, 500)).len(), 1, "half of what was asked for");
        assert_eq!(found(page("filter.perPage", 800, 800)).len(), 1);
        assert!(found(page("page_size", 1_000, 100)).is_empty(), "cut down by the server");
        assert!(found(page("customer_id", 5_000, 2_500)).is_empty(), "no page size");
        assert!(found(page("page_size", 500, 500).status(400)).is_empty());
    }

    #[test]
    fn counts_records_by_structure_where_there_is_no_data() {
        let records = |n| {
            let mut c = page("limit", 1_000, 0);
            c.exchange.data.clear();
            c.exchange.response.as_mut().unwrap().body.records = n;
            found(c.by(100))
        };
        assert!(records(499).is_empty());
        assert_eq!(records(1_000)[0].severity, Severity::Low);
    }

    #[test]
    fn reports_words_that_ask_for_everything() {
        let all = |word: &str, n| {
            let value = ParamValue::Other { fingerprint: Fingerprint(1), length: 3 };
            let c = call("GET", &format!("/customers.json?_size={word}"));
            found(c.param(ParamPlace::Query, "_size", value).gives("cn_mobile", 1, n))
        };
        assert_eq!(all("max", 500).len(), 1);
        assert!(all("max", 499).is_empty() && all("big", 3_000).is_empty());
    }

    #[test]
    fn reports_listings_without_a_condition() {
        let all = |n| call("GET", "/users").gives("cn_mobile", 1, n);
        assert!(found(all(99)).is_empty());
        assert_eq!(found(all(100)).len(), 1);
        assert!(found(all(300).param(ParamPlace::Query, "city", ParamValue::Integer(3))).is_empty());
        assert!(found(all(300).kind(MediaKind::Csv)).is_empty(), "an export");
        assert!(found(call("GET", "/cities").gives("ipv4", 1, 3_000)).is_empty());
    }
}
