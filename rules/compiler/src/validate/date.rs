//! Calendar dates written in digits.

/// The number that ASCII digits write; `None` where a byte is no digit or it has more than nine.
pub(crate) fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    digits.iter().try_fold(0u32, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')))
}

/// Days of a month.
fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

/// Whether the parts are a date of the calendar.
pub(crate) fn is_date(year: u32, month: u32, day: u32) -> bool {
    day >= 1 && day <= days(year, month)
}

/// Whether `YYYYMMDD` can be the birth date of someone living, or of records kept: 1900 to 2039. Libraries read no clock, so that a date
/// of next year cannot be refused here.
pub(crate) fn is_birth(ymd: &[u8]) -> bool {
    let parts =
        ymd.get(..4).and_then(number).zip(ymd.get(4..6).and_then(number)).zip(ymd.get(6..8).and_then(number));
    matches!(parts, Some(((y, m), d)) if (1900..2040).contains(&y) && is_date(y, m, d) && ymd.len() == 8)
}

/// Whether a run of digits begins with a date and goes on with a time of day, as generated numbers do (`YYYYMMDDhhmmss...`).
pub(crate) fn is_stamp(digits: &[u8]) -> bool {
    let Some(head) = digits.get(..12) else { return false };
    let (hour, minute) = (number(&head[8..10]), number(&head[10..12]));
    let year = number(&head[..4]);
    matches!(year, Some(1990..2060))
        && is_birthlike(&head[..8])
        && matches!((hour, minute), (Some(0..24), Some(0..60)))
}

fn is_birthlike(ymd: &[u8]) -> bool {
    let parts = number(&ymd[..4]).zip(number(&ymd[4..6])).zip(number(&ymd[6..8]));
    matches!(parts, Some(((y, m), d)) if is_date(y, m, d))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_dates() {
        assert!(
            is_date(2000, 2, 29) && !is_date(1900, 2, 29) && !is_date(2001, 4, 31) && !is_date(2001, 13, 1)
        );
        assert!(is_birth(b"19491231") && !is_birth(b"18991231") && !is_birth(b"19990230"));
        assert!(is_stamp(b"20250409113934") && !is_stamp(b"20250409253934") && !is_stamp(b"6222021001116"));
    }
}
