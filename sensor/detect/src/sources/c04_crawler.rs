//! C04 Crawler, automation tool (爬虫、自动化工具).

use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, digest, facts};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, VecDeque};
use weir_exchange::{Effect, SignalFamily};
use weir_model::{
    AccountId, CallerId, Card, Findings, Group, Handling, Known, Observation, RiskType, Severity, SiteId,
};
use weir_wire::{Duration, Timestamp};

pub(super) static CARD: Card = Card {
    id: "C04",
    zh: "爬虫、自动化工具",
    en: "crawler, automation tool",
    group: Group::AbnormalCall,
    severity: Severity::Medium,
    risks: &[RiskType(1), RiskType(7)],
    measures: &[Handling(7), Handling(12)],
    owasp: "API6:2023 CWE-799",
    basis: "CAICT 3.1.3, 4(2)1",
    how_zh: "同一调用方（账号）在一段连续的读取中（相邻两次间隔不超过 10 分钟）得分达 70：工具、无头浏览器或空 User-Agent 30 分；至少 20 个间隔、均值小于 10 秒且标准差小于 0.1 秒 40 分；一分钟内超过 100 次 30 分；120 次请求均无 Accept-Language、Referer、Origin 10 分；并且取走了规模可观的数据：100 个以上不同目标各自给出个人信息，或 20 个以上不同目标合计 1,000 条以上记录。按站点、调用方和账号汇总，10 分钟内不重复计；仅内部访问降一级。只有规模或只有机器特征都不报；TLS 指纹尚未采集。",
    how_en: "In one stretch of reading (no pause over 10 minutes) a caller, under one account, scores 70: 30 for a tool, headless browser or empty User-Agent; 40 for 20 gaps or more with a mean below 10 s and a deviation below 0.1 s; 30 for more than 100 calls in a minute; 10 for 120 requests without Accept-Language, Referer and Origin; and it takes data of some size: 100 or more different targets that each give personal data, or 20 or more with 1,000 records together. One finding a site, caller and account, counted again after 10 minutes; one step less serious where the caller is internal. Size alone and machine signs alone are not reported; TLS fingerprints are not collected.",
};

/// Callers watched, and different targets kept of one.
const CALLERS: usize = 4_096;
const TARGETS: usize = 256;
/// The longest pause within a stretch; nothing more is said of a caller for as long.
const PAUSE: Duration = Duration::from_secs(600);
/// Gaps from which they tell something, the mean and the deviation of a machine's, in seconds.
const GAPS: u64 = 20;
const MEAN: f64 = 10.0;
const DEVIATION: f64 = 0.1;
/// Calls in a minute that no person makes.
const PER_MINUTE: usize = 100;
/// Requests without a browser's fields that tell something.
const BARE: u64 = 120;
/// Different targets that suffice where each reply has many records.
const PAGES: usize = 20;

/// Who reads.
type Key = (SiteId, CallerId, Option<AccountId>);

/// One stretch of reading.
#[derive(Default, Serialize, Deserialize)]
struct Stretch {
    last: Option<Timestamp>,
    told: Option<Timestamp>,
    calls: u64,
    bare: u64,
    tool: bool,
    gaps: u64,
    mean: f64,
    squares: f64,
    minute: VecDeque<Timestamp>,
    busiest: usize,
    /// Different targets that gave personal data, and the records of all.
    targets: BTreeSet<u64>,
    records: u64,
}

/// Identifies C04.
pub(super) struct Source {
    score: u64,
    targets: usize,
    records: u64,
    read: Table<Key, Stretch>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            score: thresholds.c04_score,
            targets: usize::try_from(thresholds.c04_targets).unwrap_or(TARGETS).min(TARGETS),
            records: thresholds.c04_records,
            read: Table::new(CALLERS),
        }
    }
}

impl Stretch {
    /// Takes in a call; begins anew after a pause.
    fn add(&mut self, seen: &Observation<'_>) {
        let time = seen.exchange.time;
        if self.last.is_some_and(|l| time.since(l) > PAUSE) {
            *self = Stretch { told: self.told, ..Stretch::default() };
        }
        self.calls += 1;
        if let Some(last) = self.last {
            let gap = time.since(last).as_secs_f64();
            self.gaps += 1;
            let off = gap - self.mean;
            self.mean += off / self.gaps as f64;
            self.squares += off * (gap - self.mean);
        }
        self.last = self.last.max(Some(time));
        self.minute.push_back(time);
        while self.minute.len() > PER_MINUTE + 1
            || self.minute.front().is_some_and(|t| time.since(*t) > Duration::from_secs(60))
        {
            self.minute.pop_front();
        }
        self.busiest = self.busiest.max(self.minute.len());
        let Some(request) = facts::request(seen) else { return };
        let agent =
            facts::signals(seen, SignalFamily::ToolAgent).next().is_some() || request.user_agent.is_empty();
        self.tool |= agent;
        let browser =
            request.has_accept_language || !request.referer.is_empty() || !request.origin.is_empty();
        self.bare += u64::from(!browser);
        if let Some((item, _)) = facts::records(seen) {
            self.records += u64::from(item.count);
            if self.targets.len() < TARGETS {
                self.targets.insert(digest::digest(&request.target));
            }
        }
    }

    /// Points, and what they are for.
    fn score(&self) -> (u64, String, String) {
        let deviation = (self.squares / (self.gaps.max(1) as f64)).sqrt();
        let regular = self.gaps >= GAPS && self.mean < MEAN && deviation < DEVIATION;
        let signs = [
            (self.tool, 30, "工具 User-Agent", "tool's User-Agent"),
            (regular, 40, "间隔规律", "regular gaps"),
            (self.busiest > PER_MINUTE, 30, "一分钟超过 100 次", "over 100 calls in a minute"),
            (self.calls >= BARE && self.bare == self.calls, 10, "无浏览器请求头", "no browser's fields"),
        ];
        let shown = signs.iter().filter(|(there, ..)| *there);
        let names = |of: fn(&(bool, u64, &'static str, &'static str)) -> &'static str| {
            shown.clone().map(of).collect::<Vec<_>>()
        };
        (shown.clone().map(|s| s.1).sum(), names(|s| s.2).join("、"), names(|s| s.3).join(", "))
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(read);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let reads = facts::request(seen).is_some_and(|r| r.method.eq_ignore_ascii_case("GET"));
        if !reads || !facts::succeeded(seen) {
            return;
        }
        let stretch = self.read.entry(&(seen.site, seen.caller, seen.account), Stretch::default);
        stretch.add(seen);
        let many = stretch.targets.len() >= self.targets
            || stretch.targets.len() >= PAGES && stretch.records >= self.records;
        let time = seen.exchange.time;
        if !many || stretch.told.is_some_and(|t| time.since(t) < PAUSE) {
            return;
        }
        let (score, signs_zh, signs_en) = stretch.score();
        if score < self.score {
            return;
        }
        stretch.told = Some(time);
        let (targets, records, mean) = (stretch.targets.len(), stretch.records, stretch.mean);
        let host = known.site(seen.site).map_or("", |s| &s.host);
        let account = seen.account.and_then(|a| known.account(a)).map(|a| &*a.name);
        out.push(Sighting::of(&CARD, seen).of_site().by_caller().of_account(account).shows(Effect::Obtained, true).weigh_exposure(known).say(
            both(format!("站点 {host} 的数据被程序抓取"), format!("data of site {host} are crawled by a program")),
            both(
                format!("{targets} 个不同目标，{records} 条记录，平均间隔 {mean:.2} 秒；得分 {score}：{signs_zh}"),
                format!("{targets} different targets, {records} records, mean gap {mean:.2} s; score {score}: {signs_en}"),
            ),
        ));
    }

    fn evicted(&self) -> u64 {
        self.read.evicted()
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
    /// Reads of different objects by a program that names none, every half second.
    fn reads(n: u64) -> impl Iterator<Item = Call> {
        (0..n).map(|i| call("GET", &format!("/c/{i}")).gives("cn_mobile", i, 1).by(100).at(i as f64 * 0.5))
    }
    fn browser(c: Call) -> Call {
        c.req(|r| {
            r.user_agent = "Mozilla/5.0".into();
            r.has_accept_language = true;
        })
    }

    #[test]
    fn reports_a_hundred_objects_read_by_a_program() {
        assert!(found(reads(99)).is_empty());
        let f = found(reads(150));
        assert_eq!((f.len(), f[0].severity, f[0].key.caller), (1, Severity::Medium, Some(CallerId(100))));
        assert!(f[0].evidence.note.en.contains("regular gaps"), "{}", f[0].evidence.note.en);
        assert_eq!(found(reads(150).map(browser)).len(), 1, "regular and fast beyond any person");
    }

    #[test]
    fn reports_pages_with_a_thousand_records() {
        let pages = |n: u64, each| {
            found((0..n).map(|i| {
                call("GET", &format!("/c?page={i}")).gives("cn_mobile", i * 50, each).by(100).at(i as f64)
            }))
        };
        assert!(pages(30, 10).is_empty() && pages(19, 60).is_empty());
        assert_eq!(pages(21, 50).len(), 1);
    }

    #[test]
    fn leaves_people_repetition_and_harmless_data_alone() {
        let by_hand =
            reads(300).enumerate().map(|(i, c)| browser(c).at(i as f64 * 4.0 + (i % 5) as f64 * 0.7));
        assert!(found(by_hand).is_empty());
        let one =
            (0..500).map(|i| call("GET", "/c/1").gives("cn_mobile", 1, 1).by(100).at(f64::from(i) * 0.5));
        assert!(found(one).is_empty());
        assert!(
            found((0..500).map(|i| call("GET", &format!("/p/{i}")).by(100).at(f64::from(i) * 0.5)))
                .is_empty()
        );
        assert!(found(reads(300).enumerate().map(|(i, c)| c.by(i as u32 % 5))).is_empty());
        assert!(found(reads(300).enumerate().map(|(i, c)| c.at(i as f64 * 601.0))).is_empty(), "paused");
    }

    #[test]
    fn stays_bounded() {
        let mut source = Source::new(&Thresholds::default());
        let world = World::new();
        world.found(&mut source, reads(2_000));
        let stretch = source.read.get(&(SiteId(0), CallerId(100), None)).unwrap();
        assert_eq!((stretch.targets.len(), stretch.minute.len()), (TARGETS, PER_MINUTE + 1));
        world.found(&mut source, (0..CALLERS as u32 + 5).map(|i| call("GET", "/c").by(200 + i)));
        assert_eq!(source.evicted(), 6);
    }
}
