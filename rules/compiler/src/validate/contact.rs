//! Ways to reach a person.

use super::Verdict;
use super::digits::{Digits, distinct};

/// Whether three digits begin mobile numbers of the mainland (13x to 19x as assigned by 2025).
fn is_mobile_prefix(p: &[u8]) -> bool {
    matches!(
        p,
        [b'1', b'3' | b'8', b'0'..=b'9']
            | [b'1', b'4', b'0' | b'1' | b'4'..=b'9']
            | [b'1', b'5', b'0'..=b'3' | b'5'..=b'9']
            | [b'1', b'6', b'2' | b'5'..=b'7']
            | [b'1', b'7', b'0'..=b'8']
            | [b'1', b'9', b'0'..=b'3' | b'5'..=b'9']
    )
}

/// A mobile number of the mainland, with or without 86, also grouped 3-4-4.
pub(crate) fn mobile(value: &[u8]) -> Verdict {
    let Some(digits) = Digits::of(value) else { return Verdict::No };
    let d = match digits.text() {
        [b'0', b'0', b'8', b'6', rest @ ..] | [b'8', b'6', rest @ ..] if rest.len() == 11 => rest,
        d => d,
    };
    let marks = value.iter().any(|b| !b.is_ascii_digit() && !matches!(b, b' ' | b'-' | b'+'));
    Verdict::verified(!marks && d.len() == 11 && is_mobile_prefix(&d[..3]) && distinct(&d[3..]) > 1)
}

/// Three-digit area codes take local numbers of eight digits, others of seven; some cities with four-digit codes have eight as well.
fn area_and_local(d: &[u8]) -> Option<(usize, usize)> {
    let area = match d {
        [b'0', b'1', b'0', ..] | [b'0', b'2', b'0'..=b'5' | b'7'..=b'9', ..] => 3,
        [b'0', b'3'..=b'9', b'0'..=b'9', b'0'..=b'9', ..] => 4,
        _ => return None,
    };
    Some((area, d.len().checked_sub(area)?))
}

/// A landline number of the mainland with its area code; marked groups verify, digits alone are plausible.
pub(crate) fn landline(value: &[u8]) -> Verdict {
    let value = value.strip_prefix(b"+").unwrap_or(value);
    let value = value.strip_prefix(b"86-").or_else(|| value.strip_prefix(b"86 ")).unwrap_or(value);
    let mut groups =
        value.split(|b| matches!(b, b'-' | b' ' | b')')).map(|g| g.strip_prefix(b"(").unwrap_or(g));
    let first = groups.next().unwrap_or(&[]);
    let digits = |g: &[u8]| g.iter().all(u8::is_ascii_digit);
    let local = |area: usize, local: &[u8]| {
        matches!((area, local.len()), (3, 8) | (4, 7 | 8)) && matches!(local[0], b'2'..=b'8') && digits(local)
    };
    match (area_and_local(first), groups.next(), groups.next(), groups.next()) {
        (Some((area, 0)), Some(number), None, None) if digits(first) => {
            Verdict::verified(local(area, number))
        }
        (Some((area, 0)), Some(number), Some(extension), None) if digits(first) => {
            Verdict::verified(local(area, number) && (1..=6).contains(&extension.len()) && digits(extension))
        }
        (Some((area, n)), None, None, None) if n > 0 => Verdict::plausible(local(area, &first[area..])),
        _ => Verdict::No,
    }
}

/// A number in international form: plus, the code of a country, 8 to 15 digits (ITU-T E.164). The mainland's are told by other types.
pub(crate) fn international(value: &[u8]) -> Verdict {
    let Some(digits) = Digits::of(value) else { return Verdict::No };
    let d = digits.text();
    let d = if value.starts_with(b"00") { d.get(2..).unwrap_or(&[]) } else { d };
    let country = match d {
        [b'8', b'6', ..] => false,
        [b'1' | b'7', ..]
        | [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => true,
        [b'2', b'1'..=b'6' | b'9', ..] | [b'3', b'5' | b'7' | b'8', ..] | [b'4', b'2', ..] => true,
        [b'5', b'0' | b'9', ..] | [b'6', b'7'..=b'9', ..] => true,
        [b'8', b'5', b'0' | b'2' | b'3' | b'5' | b'6', ..] | [b'8', b'8', b'0' | b'6', ..] => true,
        [b'9', b'6' | b'7' | b'9', ..] => true,
        _ => false,
    };
    let length = if d.starts_with(b"1") { d.len() == 11 } else { (8..=15).contains(&d.len()) };
    let clean =
        value.iter().all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'-' | b'+' | b'(' | b')' | b'.'));
    Verdict::plausible(clean && country && length && distinct(d) > 2)
}

/// A number of North America with marks between its groups: area and exchange from 2, none of them a service (N11), the area no
/// round hundred, which are toll-free here and unassigned there.
pub(crate) fn north_american(value: &[u8]) -> Verdict {
    let Some(digits) = Digits::of(value) else { return Verdict::No };
    let d = match digits.text() {
        [b'1', d @ ..] if d.len() == 10 => d,
        d if d.len() == 10 => d,
        _ => return Verdict::No,
    };
    let group = |g: &[u8]| g[0] >= b'2' && g[1..] != *b"11";
    Verdict::plausible(group(&d[..3]) && group(&d[3..6]) && d[1..3] != *b"00" && distinct(d) > 2)
}

/// Top-level domains of two letters are countries' and all count; longer ones must be known, so that file names do not.
const LONG_DOMAINS: &[&[u8]] = &[
    b"com", b"net", b"org", b"edu", b"gov", b"mil", b"int", b"info", b"biz", b"name", b"pro", b"mobi",
    b"asia", b"tel", b"travel", b"jobs", b"cat", b"aero", b"coop", b"museum", b"top", b"xyz", b"vip",
    b"shop", b"site", b"online", b"store", b"club", b"wang", b"ltd", b"group", b"link", b"work", b"tech",
    b"cloud", b"app", b"dev", b"live", b"email", b"world", b"company", b"example", b"test", b"local", b"icu",
    b"fun", b"ink", b"love", b"press", b"space", b"website", b"host", b"art", b"agency", b"digital",
    b"global", b"media", b"news", b"one", b"page", b"plus", b"red", b"run", b"today", b"zone", b"ren",
    b"citic", b"beer",
];

/// File suffixes that are country codes as well; an address under them must look like one otherwise.
const FILE_LIKE: &[&[u8]] =
    &[b"js", b"ts", b"py", b"sh", b"so", b"md", b"rs", b"cc", b"mp", b"ai", b"ps", b"gz", b"db"];

/// An e-mail address whose domain can exist.
pub(crate) fn email(value: &[u8]) -> Verdict {
    let Some(at) = value.iter().position(|b| *b == b'@') else { return Verdict::No };
    let (local, domain) = (&value[..at], &value[at + 1..]);
    let dots = local.windows(2).any(|w| w == b"..") || local.ends_with(b".") || local.starts_with(b".");
    let clean = |b: &u8| b.is_ascii_alphanumeric() || b"._%+-".contains(b);
    if local.is_empty() || local.len() > 64 || dots || !local.iter().all(clean) || domain.len() > 253 {
        return Verdict::No;
    }
    let mut last: &[u8] = &[];
    let mut labels = 0;
    for label in domain.split(|b| *b == b'.') {
        let edge = label.starts_with(b"-") || label.ends_with(b"-");
        if label.is_empty()
            || label.len() > 63
            || edge
            || !label.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
        {
            return Verdict::No;
        }
        labels += 1;
        last = label;
    }
    let letters = last.iter().all(u8::is_ascii_alphabetic);
    let known = last.len() == 2 && !(labels == 2 && FILE_LIKE.iter().any(|f| last.eq_ignore_ascii_case(f)))
        || LONG_DOMAINS.iter().any(|d| last.eq_ignore_ascii_case(d));
    // `icon@2x.png` and `a@1.5.co`: a label of digits and one letter behind the sign is a scale or a version.
    let scale = domain.first().is_some_and(u8::is_ascii_digit)
        && domain.get(1).is_some_and(|b| matches!(b, b'x' | b'.'));
    Verdict::verified(labels >= 2 && letters && known && !scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mobiles() {
        for good in ["13812345678", "8613812345678", "138-1234-5678", "+86 13812345678", "19912345678"] {
            assert_eq!(mobile(good.as_bytes()), Verdict::Verified, "{good}");
        }
        for bad in
            ["12812345678", "1381234567", "15412345678", "138123456789", "138.1234.5678", "19411112222"]
        {
            assert_eq!(mobile(bad.as_bytes()), Verdict::No, "{bad}");
        }
    }

    #[test]
    fn landlines() {
        for good in
            ["010-62770334", "0571-22168586", "028 31644831", "021-39870955-801", "(010)62770334", "+86-10-1"]
        {
            let verdict = landline(good.as_bytes());
            assert_eq!(verdict == Verdict::Verified, good != "+86-10-1", "{good}");
        }
        assert_eq!(landline(b"01062770334"), Verdict::Plausible);
        for bad in ["010-12345", "400-325-5855", "0100-1234567", "010-92770334", "", "-", "010-"] {
            assert_eq!(landline(bad.as_bytes()), Verdict::No, "{bad}");
        }
    }

    #[test]
    fn numbers_abroad() {
        for good in
            ["+14155552671", "+44 20 7946 0958", "+852-2123-4567", "0081 3-1234-5678", "+49 (30) 901820"]
        {
            assert_eq!(international(good.as_bytes()), Verdict::Plausible, "{good}");
        }
        for bad in ["+0123", "+8613812345678", "+1234567", "+99", "+1 415 555 267", "+83 12345678", "00", ""]
        {
            assert_eq!(international(bad.as_bytes()), Verdict::No, "{bad}");
        }
        for good in ["415-555-2671", "(415) 555-2671", "+1 415-555-2671", "1.415.555.2671"] {
            assert_eq!(north_american(good.as_bytes()), Verdict::Plausible, "{good}");
        }
        for bad in ["115-555-2671", "400-325-5855", "415-155-2671", "911-555-2671", "415-555-267"] {
            assert_eq!(north_american(bad.as_bytes()), Verdict::No, "{bad}");
        }
    }

    #[test]
    fn addresses() {
        for good in ["zhang.san@example.com.cn", "a+b@qq.com", "x@mail.sh.cn"] {
            assert_eq!(email(good.as_bytes()), Verdict::Verified, "{good}");
        }
        for bad in
            ["icon@2x.png", "pkg@1.2.3", "a..b@qq.com", "a@b", "a@-b.com", "main@app.js", "@qq.com", "a@"]
        {
            assert_eq!(email(bad.as_bytes()), Verdict::No, "{bad}");
        }
    }
}
