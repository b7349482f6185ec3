//! D19 Live data on a test interface (测试接口返回真实数据).

use crate::environments::test_word;
use crate::familiar::{Familiar, mix};
use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts};
use std::collections::BTreeSet;
use weir_model::{Card, Findings, Group, Handling, Known, RiskType, Severity, SiteId};

pub(super) static CARD: Card = Card {
    id: "D19",
    zh: "测试接口返回真实数据",
    en: "live data on a test interface",
    group: Group::Disclosure,
    severity: Severity::Medium,
    risks: &[RiskType(1), RiskType(9)],
    measures: &[Handling(8), Handling(5)],
    owasp: "API9:2023 CWE-200 CWE-531",
    basis: "OWASP API Security Top 10 2023, API9",
    how_zh: "主机名或路径前两段含 test、dev、uat、sit、mock、staging、sandbox、demo、测试等词的测试环境，成功响应以明文给出的个人标识（2 级以上），有 3 个以上不同的值近一个月在非测试站点上出现过（以指纹比对）：即生产数据被搬到测试环境。按接口汇总，仅内部访问降一级。只在测试环境出现的值（造的数据）、脱敏值不报；生产站点不在所镜像的流量中时无从比对。",
    how_en: "A test environment, by words of its host name or first two path segments (test, dev, uat, sit, mock, staging, sandbox, demo), gives identifying personal data (grade 2 or above) in clear of which 3 different values or more were met on other sites within about a month, by their fingerprints: live data were carried over. One finding an interface, one step less serious where the caller is internal. Values that only the test environment has (made up) and masked ones are not reported; where the live sites are not in the mirrored traffic nothing can be compared.",
};

/// Blocks of the filter of live values: twice 1 MiB; and how many days they are known.
const BLOCKS: usize = 8_192;
const DAYS: u32 = 30;
/// Values of one reply that are taken in or looked up.
const LOOKED_UP: usize = 8;
/// Test sites watched, and live values kept of one.
const SITES: usize = 512;
const KEPT: usize = 64;
const DAY: u64 = 86_400;

/// Identifies D19.
pub(super) struct Source {
    values: usize,
    live: Familiar,
    met: Table<SiteId, BTreeSet<u64>>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            values: usize::try_from(thresholds.d19_values).unwrap_or(KEPT).min(KEPT),
            live: Familiar::new(BLOCKS, DAYS),
            met: Table::new(SITES),
        }
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(live, met);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        if seen.exchange.data.is_empty() || !facts::succeeded(seen) {
            return;
        }
        let Some((item, data_type)) =
            facts::given_out(seen).find(|(d, t)| t.identifies && d.level >= 2 && facts::tells_of_person(t))
        else {
            return;
        };
        let values = item.values.iter().take(LOOKED_UP).map(|v| mix(v.0, 19));
        let Some(word) = test_word(seen, known) else {
            let day = u32::try_from(seen.exchange.time.secs() / DAY).unwrap_or(u32::MAX);
            values.for_each(|v| {
                self.live.met(v, day);
            });
            return;
        };
        let met = self.met.entry(&seen.site, BTreeSet::new);
        let before = met.len();
        met.extend(values.filter(|v| self.live.knows(*v)).take(KEPT.saturating_sub(before)));
        if met.len() < self.values || met.len() == before && before < KEPT {
            return;
        }
        let (place, n) = (facts::place(seen, known), met.len());
        out.push(Sighting::of(&CARD, seen).rests_on(item).weigh_exposure(known).say(
            both(
                format!("测试环境的 {place} 返回生产数据"),
                format!("{place} of a test environment returns live data"),
            ),
            both(
                format!(
                    "名称含“{word}”；{} 中已有 {n} 个值在其他站点出现过，如 {}",
                    data_type.zh, item.sample
                ),
                format!(
                    "its name says `{word}`; {n} values of {} were met on other sites, such as {}",
                    data_type.en, item.sample
                ),
            ),
        ));
    }

    fn evicted(&self) -> u64 {
        self.met.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    fn found(live: u64, tested: u64) -> Findings {
        let calls = (0..live).map(|n| call("GET", "/api/c").gives("cn_mobile", n, 1));
        let test = (0..tested).map(|n| call("GET", "/uat2/c").gives("cn_mobile", n, 1).by(100));
        World::new().found(&mut Source::new(&Thresholds::default()), calls.chain(test).collect::<Vec<_>>())
    }

    #[test]
    fn reports_three_values_that_live_sites_have_too() {
        let f = found(10, 3);
        assert_eq!((f.len(), f[0].severity), (1, Severity::Medium));
        assert!(f[0].evidence.note.en.contains("uat2"), "{}", f[0].evidence.note.en);
        assert!(found(10, 2).is_empty(), "two may be chance");
        assert!(found(2, 9).is_empty(), "made up but for two");
    }
}
