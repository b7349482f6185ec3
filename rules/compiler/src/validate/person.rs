//! Attributes of people.

use super::Verdict;
use super::date::{is_birth, is_date, number};

/// A date of birth: `YYYYMMDD`, or with dashes, slashes, dots or 年月日; a time of day may follow.
pub(crate) fn birth_date(value: &[u8]) -> Verdict {
    if value.len() == 8 && number(value).is_some() {
        return Verdict::plausible(is_birth(value));
    }
    let mut parts = [0u32; 3];
    let mut n = 0;
    for group in value.split(|b| !b.is_ascii_digit()).filter(|g| !g.is_empty()).take(3) {
        parts[n] = number(group).unwrap_or(0);
        n += 1;
    }
    let [y, m, d] = parts;
    let marks = value.get(4).is_some_and(|b| matches!(b, b'-' | b'/' | b'.' | 0xe5));
    Verdict::plausible(
        n == 3 && marks && (8..=32).contains(&value.len()) && (1900..2040).contains(&y) && is_date(y, m, d),
    )
}

/// An age in years.
pub(crate) fn age(value: &[u8]) -> Verdict {
    let value = value.strip_suffix("岁".as_bytes()).unwrap_or(value);
    Verdict::plausible(value.len() <= 3 && matches!(number(value), Some(1..=125)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors() {
        for good in ["1949-12-31", "19491231", "1949/12/31", "1949年12月31日", "1949-12-31 00:00:00"] {
            assert_eq!(birth_date(good.as_bytes()), Verdict::Plausible, "{good}");
        }
        for bad in ["1949-13-31", "12-31", "", "1788154151983", "1899-01-01"] {
            assert_eq!(birth_date(bad.as_bytes()), Verdict::No, "{bad}");
        }
        assert_eq!(age("36岁".as_bytes()), Verdict::Plausible);
        assert_eq!(age(b"0"), Verdict::No);
    }
}
