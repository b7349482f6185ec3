//! Shapes: segments that are values by how they look, wherever they stand.

use crate::words;
use weir_model::is_version;

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident $name:literal $plural:literal;)+) => {
        /// What sort of value a variable segment holds.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
        pub(crate) enum Kind { $($(#[doc = $doc])+ $kind,)+ }
        impl Kind {
            /// Name of a variable that holds only such values.
            pub const fn name(self) -> &'static str { match self { $(Kind::$kind => $name),+ } }
            /// What its values are called in evidence.
            pub const fn plural(self) -> &'static str { match self { $(Kind::$kind => $plural),+ } }
        }
    };
}

kinds! {
    /// Whole numbers.
    Integer "id" "integers";
    /// UUIDs (RFC 9562).
    Uuid "uuid" "UUIDs";
    /// 16 hexadecimal digits or more.
    Hash "hash" "hexadecimal digests";
    /// Dates and times.
    Date "date" "dates";
    /// E-mail addresses.
    Email "email" "e-mail addresses";
    /// Phone numbers.
    Phone "phone" "phone numbers";
    /// IP addresses.
    Ip "ip" "IP addresses";
    /// Random tokens: base64, base62, ULID and the like.
    Token "token" "random tokens";
    /// A prefix and a number (`ORD-20240101`).
    Code "code" "numbered codes";
    /// Text that no path names a resource by: blanks, quotes, brackets, great length.
    Text "value" "free text";
    /// Words that the replies show to be values.
    Word "name" "words that are answered alike";
}

/// A segment that is a value, perhaps between fixed text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Shape<'a> {
    /// What sort of value.
    pub kind: Kind,
    /// Fixed text before it (`Products(`).
    pub prefix: &'a str,
    /// The value.
    pub value: &'a str,
    /// Fixed text after it (`.json`).
    pub suffix: &'a str,
}

/// Longest segment that can be the name of a resource, in bytes.
const LONGEST_NAME: usize = 80;

/// The shape of a decoded segment; `None` for a word, which only evidence can make a value.
pub(crate) fn shape(plain: &str) -> Option<Shape<'_>> {
    let whole = |kind| Shape { kind, prefix: "", value: plain, suffix: "" };
    if let Some(kind) = value(plain) {
        return Some(whole(kind));
    }
    if let Some(s) = file(plain).or_else(|| verb(plain)).or_else(|| keyed(plain)) {
        return Some(s);
    }
    (plain.len() > LONGEST_NAME || odd(plain)).then(|| whole(Kind::Text))
}

/// `5.json`, `2024-01-01.csv`.
fn file(plain: &str) -> Option<Shape<'_>> {
    let at = plain.rfind('.')?;
    let (stem, suffix) = plain.split_at(at);
    let extension = &suffix[1..];
    let fits = (1..=8).contains(&extension.len())
        && extension.bytes().all(|b| b.is_ascii_alphanumeric())
        && extension.bytes().any(|b| b.is_ascii_alphabetic());
    let kind = value(stem).or_else(|| (odd(stem) && !words::is_static(plain)).then_some(Kind::Text))?;
    fits.then_some(Shape { kind, prefix: "", value: stem, suffix })
}

/// `5:cancel` (custom methods in the manner of Google's APIs).
fn verb(plain: &str) -> Option<Shape<'_>> {
    let (stem, suffix) = plain.split_at(plain.rfind(':')?);
    let name = suffix[1..].bytes().all(|b| b.is_ascii_alphabetic()) && suffix.len() > 2;
    let kind = value(stem)?;
    name.then_some(Shape { kind, prefix: "", value: stem, suffix })
}

/// `Products(5)`, `Users('a')` (OData).
fn keyed(plain: &str) -> Option<Shape<'_>> {
    let inner = plain.strip_suffix(')')?;
    let at = inner.find('(')? + 1;
    let (prefix, key) = inner.split_at(at);
    let name = &prefix[..at - 1];
    let fits = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.".contains(&b));
    let clean = !key.is_empty() && key.len() <= 64 && !key.contains(['(', ')', ' ', '<', '"', ';']);
    let kind = value(key.trim_matches('\'')).unwrap_or(Kind::Text);
    (fits && clean).then_some(Shape { kind, prefix, value: key, suffix: ")" })
}

/// What sort of value the text as a whole is by its look.
fn value(s: &str) -> Option<Kind> {
    let b = s.as_bytes();
    let digits = b.iter().filter(|c| c.is_ascii_digit()).count();
    match b.len() {
        0 => None,
        n if digits == n => Some(if is_mobile(s) { Kind::Phone } else { Kind::Integer }),
        36 if is_uuid(b) => Some(Kind::Uuid),
        16.. if digits > 0 && b.iter().all(u8::is_ascii_hexdigit) => Some(Kind::Hash),
        18 if digits == 17 && s.ends_with(['x', 'X']) => Some(Kind::Code),
        _ if digits > 0 && is_date(s) => Some(Kind::Date),
        _ if is_email(s) => Some(Kind::Email),
        _ if s.starts_with('+')
            && digits >= 7
            && b[1..].iter().all(|c| c.is_ascii_digit() || b"- ".contains(c)) =>
        {
            Some(Kind::Phone)
        }
        _ if s.parse::<std::net::Ipv4Addr>().is_ok()
            || s.contains("::") && s.parse::<std::net::Ipv6Addr>().is_ok() =>
        {
            Some(Kind::Ip)
        }
        _ if s.starts_with('-') && digits > 0 && digits + 1 == b.len() => Some(Kind::Integer),
        _ if is_number_list(s) && !is_version(s) => Some(Kind::Text),
        _ if is_token(s) => Some(Kind::Token),
        _ if is_code(s) => Some(Kind::Code),
        _ => None,
    }
}

/// A mobile number of mainland China.
fn is_mobile(s: &str) -> bool {
    s.len() == 11 && s.starts_with('1') && s.as_bytes()[1] >= b'3'
}

fn is_uuid(b: &[u8]) -> bool {
    b.iter()
        .enumerate()
        .all(|(i, c)| if matches!(i, 8 | 13 | 18 | 23) { *c == b'-' } else { c.is_ascii_hexdigit() })
}

/// `2024-01-31`, `2024-01`, `2024_01_31`, and times that follow a date.
fn is_date(s: &str) -> bool {
    let head = s.split(['T', 't', ' ']).next().unwrap_or_default();
    let separator = if head.contains('_') { '_' } else { '-' };
    let mut parts = head.split(separator);
    let mut number = |digits: usize, from: u32, to: u32| match parts.next() {
        Some(p) if p.len() == digits && p.bytes().all(|b| b.is_ascii_digit()) => {
            p.parse().is_ok_and(|n: u32| (from..=to).contains(&n))
        }
        _ => false,
    };
    if !(number(4, 1900, 2199) && number(2, 1, 12)) {
        return false;
    }
    let day = head.len() == 7 || number(2, 1, 31);
    day && parts.next().is_none()
        && s[head.len()..].bytes().all(|b| b.is_ascii_digit() || b"TtZz :.+-".contains(&b))
}

fn is_email(s: &str) -> bool {
    let Some((user, domain)) = s.split_once('@') else { return false };
    !user.is_empty()
        && user.bytes().all(|b| b.is_ascii_alphanumeric() || b"._%+-".contains(&b))
        && domain.contains('.')
        && !domain.starts_with('.')
        && domain.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b))
}

/// Several numbers (`39.9,116.4`, `1,2,3`, `12.5`).
fn is_number_list(s: &str) -> bool {
    s.bytes().all(|b| b.is_ascii_digit() || b".,-".contains(&b))
        && s.bytes().any(|b| b == b'.' || b == b',')
        && s.split(',').all(|p| p.parse::<f64>().is_ok())
}

/// Letters and digits in an order that no word has.
fn is_token(s: &str) -> bool {
    let b = s.as_bytes();
    if b.len() < 8 || !b.iter().all(|c| c.is_ascii_alphanumeric() || b"-_=.~+".contains(c)) {
        return false;
    }
    if s.starts_with("eyJ") && b.len() > 20 {
        return true;
    }
    let body = s.trim_end_matches('=');
    if body.contains(['=', '.', '~', '+']) {
        return false;
    }
    let class = |c: u8| match c {
        b'0'..=b'9' => 0u8,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    };
    let body = body.as_bytes();
    let count = |k: u8| body.iter().filter(|c| class(**c) == k).count();
    let (digits, lower, upper) = (count(0), count(1), count(2));
    let worded = in_words(body);
    let ulid = body.len() == 26 && digits >= 4 && lower == 0 && upper + digits == 26;
    let padded = body.len() < b.len() && b.len().is_multiple_of(4) && digits + upper > 0;
    let mixed = lower >= 1 && upper >= 1 && (digits >= 1 || upper >= 4 && body.len() >= 16);
    let scattered = worded * 10 < body.len() * 4;
    let base36 = body.len() >= 16 && digits >= 4 && count(3) == 0;
    ulid || padded || scattered && (mixed || base36)
}

/// How many bytes belong to what could be words: three letters or more with a vowel, at most the first of them a capital.
fn in_words(b: &[u8]) -> usize {
    let (mut sum, mut from) = (0, 0);
    for at in 1..=b.len() {
        if at < b.len() && b[at].is_ascii_lowercase() && b[from].is_ascii_alphabetic() {
            continue;
        }
        let word = &b[from..at];
        if word.len() >= 3 && word.iter().any(|c| b"aeiouAEIOU".contains(c)) {
            sum += word.len();
        }
        from = at;
    }
    sum
}

/// `ORD-20240101-0001`, `user_123456`, `C100123`, `cus_NffrFeUfNV2Hib`: a short prefix and a number or token.
fn is_code(s: &str) -> bool {
    let prefix = s.bytes().take_while(u8::is_ascii_alphabetic).count();
    if !(1..=8).contains(&prefix) {
        return false;
    }
    let rest = &s[prefix..];
    let year = |d: &str| d.len() == 4 && (d.starts_with("19") || d.starts_with("20"));
    let number = |d: &str| d.len() >= 4 && !year(d) && d.bytes().all(|b| b.is_ascii_digit());
    match rest.strip_prefix(['-', '_']) {
        Some(tail) => {
            let mut parts = tail.split(['-', '_']);
            let numbers =
                tail.split(['-', '_']).all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
            numbers && (parts.clone().count() > 1 || parts.any(number)) && tail.len() >= 4 || is_token(tail)
        }
        None => s[..prefix].bytes().all(|b| b.is_ascii_uppercase()) && number(rest),
    }
}

/// Characters that names of resources do not have.
fn odd(plain: &str) -> bool {
    plain.chars().any(|c| {
        c.is_control()
            || c.is_whitespace()
            || matches!(
                c,
                '"' | '\'' | '<' | '>' | '(' | ')' | '{' | '}' | '[' | ']' | '|' | '\\' | '^' | '`'
            )
            || matches!(c, '/' | '=' | ',' | '&' | '*' | '?' | '#' | ';' | '%' | '\u{fffd}')
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn kind(s: &str) -> Option<Kind> {
        shape(s).map(|s| s.kind)
    }

    #[test]
    fn values_by_look() {
        for (s, k) in [
            ("0", Kind::Integer),
            ("-1", Kind::Integer),
            ("1001", Kind::Integer),
            ("13800138000", Kind::Phone),
            ("+86-13800138000", Kind::Phone),
            ("550e8400-e29b-41d4-a716-446655440000", Kind::Uuid),
            ("d41d8cd98f00b204e9800998ecf8427e", Kind::Hash),
            ("507f1f77bcf86cd799439011", Kind::Hash),
            ("2024-01-31", Kind::Date),
            ("2024-01", Kind::Date),
            ("2024-01-31T10:00:00Z", Kind::Date),
            ("zhang.san@example.com", Kind::Email),
            ("10.77.0.10", Kind::Ip),
            ("11010519491231002X", Kind::Code),
            ("01ARZ3NDEKTSV4RRFFQ69G5FAV", Kind::Token),
            ("V1StGXR8_Z5jdHi6B-myT", Kind::Token),
            ("dQw4w9WgXcQ", Kind::Token),
            ("aVSTQvvpQZpPTejqZHKpKE", Kind::Token),
            ("aGVsbG8gd29ybGQ=", Kind::Token),
            ("ORD-20240101-0001", Kind::Code),
            ("cus_NffrFeUfNV2Hib", Kind::Token),
            ("C100123", Kind::Code),
            ("39.9042,116.4074", Kind::Text),
            ("Face-to-face dedicated capability0", Kind::Text),
            ("name1' AND 1=1", Kind::Text),
        ] {
            assert_eq!(kind(s), Some(k), "{s}");
        }
    }

    #[test]
    fn words_are_not_values() {
        for s in [
            "users",
            "v1",
            "v2.1",
            "1.0",
            "api",
            "zh-CN",
            "getUserInfoByIdV2List",
            "oauth2",
            "favicon.ico",
            "jquery-3.6.0.min.js",
            "zh_customer",
            "zh_customer.json",
            "-",
            "pkg.Service",
            "sprint-2024",
            "report_2024",
            "x-www-form",
            "evelyn04",
            "ListObjectsV2",
            "$metadata",
            "index.html",
            "us-east-1",
            "UTF-8",
            "change-password",
            "app.3f2a1b9c.js",
            "@me",
        ] {
            assert_eq!(kind(s), None, "{s}");
        }
    }

    #[test]
    fn fixed_text_stays() {
        let s = shape("5.json").unwrap();
        assert_eq!((s.kind, s.value, s.suffix), (Kind::Integer, "5", ".json"));
        let s = shape("12:cancel").unwrap();
        assert_eq!((s.value, s.suffix), ("12", ":cancel"));
        let s = shape("Products(5)").unwrap();
        assert_eq!((s.kind, s.prefix, s.value, s.suffix), (Kind::Integer, "Products(", "5", ")"));
        assert_eq!(shape("Users('a')").unwrap().prefix, "Users(");
    }
}
