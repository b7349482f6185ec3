//! Columns: what the values of one field of one interface are, judged together over time.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use weir_exchange::{DataTypeId, Distinct, Form};

/// By what columns are judged. `weir explain thresholds` gives each with its reason.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ColumnRule {
    /// Values from which a column is judged.
    pub least: u64,
    /// Share of values found, in percent of the type's [chance](weir_exchange::DataType::chance), up to which they are chance.
    pub chance_percent: u64,
    /// Share of values found, in percent, from which the column is of what was found.
    pub affirm_percent: u64,
    /// Different values below which the column is one value that comes again.
    pub distinct: u64,
}

/// What the values of a column are taken for (列判定).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ColumnVerdict {
    /// Values of the types found (认定).
    Affirmed,
    /// Neither; what was found counts (未定).
    Undecided,
    /// Something else, of which some pass for the type by chance: what was found does not count (排除).
    Rejected,
}

impl ColumnVerdict {
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            ColumnVerdict::Affirmed => "affirmed",
            ColumnVerdict::Undecided => "undecided",
            ColumnVerdict::Rejected => "rejected",
        }
    }
    /// Its Chinese name.
    pub const fn zh(self) -> &'static str {
        match self {
            ColumnVerdict::Affirmed => "认定",
            ColumnVerdict::Undecided => "未定",
            ColumnVerdict::Rejected => "排除",
        }
    }
}

/// Why a verdict.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColumnReason {
    /// Too few values to judge.
    Few,
    /// The values found stand inside running text, so that the others say nothing against them.
    Text,
    /// No more were found than pass by chance.
    Chance,
    /// Most values were found.
    Most,
    /// More than chance, less than most: the field holds several sorts of values.
    Mixed,
    /// Hardly any two differ.
    Same,
    /// They differ in their last four characters alone: numbers drawn one after another.
    Sequence,
}

impl ColumnReason {
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            ColumnReason::Few => "few-values",
            ColumnReason::Text => "running-text",
            ColumnReason::Chance => "no-more-than-chance",
            ColumnReason::Most => "most-values",
            ColumnReason::Mixed => "mixed",
            ColumnReason::Same => "one-value",
            ColumnReason::Sequence => "sequence",
        }
    }
}

/// The figures of a column (同一接口同一字段的全部取值).
///
/// Counting begins with the first exchange in which a value was found: of those before it nobody knew that they would matter.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct ColumnProfile {
    /// Values that were neither empty nor `null`.
    pub seen: u64,
    /// Of those, values found to be of any data type, in any form.
    pub found: u64,
    /// Values of the types in question in clear, by type and form.
    pub doubtful: BTreeMap<(DataTypeId, Form), u64>,
    /// Of those, values that are the whole datum.
    pub whole: u64,
    /// Exchanges that had the field with a value.
    pub exchanges: u64,
    /// Different values of the types in question.
    pub distinct: Distinct,
    /// Bytes of the shortest value seen.
    pub shortest: u8,
    /// Bytes of the longest value seen.
    pub longest: u8,
    /// Classes of beginnings; see [`Column::prefixes`](weir_exchange::Column).
    pub prefixes: u64,
    /// The greatest chance among the types in question, in percent.
    pub chance: u8,
    /// Whether each exchange that held values had other than one of them a record.
    pub uneven: bool,
}

impl ColumnProfile {
    /// Values of the types in question.
    pub fn matched(&self) -> u64 {
        self.doubtful.values().sum()
    }
    /// Share of the values that were found to be data, in percent, rounded.
    pub fn percent(&self) -> u64 {
        (self.found.min(self.seen) * 100 + self.seen / 2) / self.seen.max(1)
    }
    /// The verdict, with its reason.
    pub fn judge(&self, rule: &ColumnRule) -> (ColumnVerdict, ColumnReason) {
        let inside = self.matched().saturating_sub(self.whole);
        let (found, seen) = (self.found.min(self.seen), self.seen);
        let at_most = |percent: u64| found * 100 <= seen * percent;
        if inside * 10 > self.whole {
            (ColumnVerdict::Undecided, ColumnReason::Text)
        } else if seen < rule.least {
            (ColumnVerdict::Undecided, ColumnReason::Few)
        } else if found * 10_000 <= seen * u64::from(self.chance) * rule.chance_percent {
            (ColumnVerdict::Rejected, ColumnReason::Chance)
        } else if !self.distinct.is_at_least(rule.distinct) {
            (ColumnVerdict::Undecided, ColumnReason::Same)
        } else if self.distinct.is_at_least(rule.least) && self.prefixes.count_ones() <= 1 {
            (ColumnVerdict::Undecided, ColumnReason::Sequence)
        } else if found < seen && at_most(rule.affirm_percent.saturating_sub(1)) {
            (ColumnVerdict::Undecided, ColumnReason::Mixed)
        } else {
            (ColumnVerdict::Affirmed, ColumnReason::Most)
        }
    }
    /// Adds the figures of another column that turned out to be the same.
    pub fn unite(&mut self, other: &ColumnProfile) {
        self.spread(other.seen, other.shortest, other.longest);
        self.found = self.found.saturating_add(other.found);
        for (key, n) in &other.doubtful {
            *self.doubtful.entry(*key).or_default() += n;
        }
        self.whole = self.whole.saturating_add(other.whole);
        self.exchanges += other.exchanges;
        self.distinct.unite(&other.distinct);
        self.prefixes |= other.prefixes;
        self.chance = self.chance.max(other.chance);
        self.uneven |= other.uneven;
    }
    /// Counts values seen, of these lengths.
    pub fn spread(&mut self, seen: u64, shortest: u8, longest: u8) {
        if longest > 0 {
            self.shortest = if self.longest == 0 { shortest } else { self.shortest.min(shortest) };
            self.longest = self.longest.max(longest);
        }
        self.seen = self.seen.saturating_add(seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_exchange::Fingerprint;

    const RULE: ColumnRule = ColumnRule { least: 20, chance_percent: 200, affirm_percent: 60, distinct: 3 };

    fn column(seen: u64, matched: u64, distinct: u64) -> ColumnProfile {
        let mut c = ColumnProfile {
            seen,
            found: matched,
            doubtful: BTreeMap::from([((DataTypeId(0), Form::Plain), matched)]),
            whole: matched,
            prefixes: u64::MAX,
            chance: 10,
            ..ColumnProfile::default()
        };
        (0..distinct).for_each(|v| c.distinct.add(Fingerprint(v)));
        c
    }

    #[test]
    fn tells_chance_from_columns_with_mistakes() {
        use ColumnVerdict::{Affirmed, Rejected, Undecided};
        let verdict = |c: ColumnProfile| c.judge(&RULE).0;
        assert_eq!(verdict(column(200, 20, 20)), Rejected);
        assert_eq!(verdict(column(20, 4, 4)), Rejected);
        assert_eq!(verdict(column(19, 1, 1)), Undecided);
        assert_eq!(verdict(column(20, 18, 18)), Affirmed);
        assert_eq!(verdict(column(100, 40, 40)), Undecided);
        assert_eq!(verdict(column(100, 59, 40)), Undecided);
        assert_eq!(verdict(column(100, 60, 40)), Affirmed);
        assert_eq!(column(50, 50, 1).judge(&RULE), (Undecided, ColumnReason::Same));
        let text = ColumnProfile { whole: 1, ..column(200, 10, 10) };
        assert_eq!(text.judge(&RULE), (Undecided, ColumnReason::Text));
        let sequence = ColumnProfile { prefixes: 1, ..column(200, 200, 200) };
        assert_eq!(sequence.judge(&RULE), (Undecided, ColumnReason::Sequence));
        // Others than those in question explain the rest: e-mail addresses in a field of accounts.
        let mixed = ColumnProfile { found: 190, ..column(200, 20, 20) };
        assert_eq!(verdict(mixed), Affirmed);
    }

    #[test]
    fn unites_to_the_sum() {
        let mut a = ColumnProfile { shortest: 16, longest: 19, ..column(10, 2, 2) };
        a.unite(&ColumnProfile { shortest: 4, longest: 16, ..column(30, 3, 3) });
        assert_eq!((a.seen, a.found, a.matched(), a.shortest, a.longest), (40, 5, 5, 4, 19));
        assert_eq!(a.distinct.count(), 3);
    }
}
