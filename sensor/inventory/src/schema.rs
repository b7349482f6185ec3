//! Schemas: what one exchange tells of the parameters and fields of its interface.
//!
//! Values of the query and the path are looked at here, where the target still has them, and forgotten; of those in bodies the lane
//! hands over whether they are whole numbers, and of fields of replies their names. Where data was found, its type tells that the
//! value is a text; paths tell what is an object or a list.

use smallvec::SmallVec;
use std::borrow::Cow;
use weir_exchange::{DataItem, Exchange, ParamValue, Part, Request, Text};
use weir_model::{Field, Interface, ParamIn, Schema, SharedFormat, ValueFormat, ValueType, form_decoded};

/// Exchanges of which all are looked at.
const ALL: u64 = 1_024;
/// Beyond, one in so many.
const ONE_IN: u64 = 16;
/// Longest value of a domain, in bytes.
const SHORT: usize = 16;
/// Digits in a row from which a value may say something of someone.
const DIGITS: usize = 4;
/// Longest value whose format is looked for.
const LONG: usize = 256;
/// Parts of names whose values are never listed: they may name persons, or are secrets, identifiers or free text.
const UNLISTED: &[&str] = &[
    "name", "user", "account", "login", "mail", "phone", "mobile", "tel", "pass", "pwd", "pin", "token",
    "key", "secret", "code", "otp", "sign", "query", "search", "word", "text", "title", "owner", "author",
    "person", "member", "staff", "employee", "customer", "student", "patient", "assignee", "creator", "sid",
    "uid", "session", "card", "addr", "birth", "age", "ip", "host", "path", "file", "time", "date", "xm",
    "yhm", "sfz", "sjh",
];
/// ... and whole names of that kind.
const UNLISTED_NAMES: &[&str] =
    &["q", "s", "id", "no", "by", "who", "from", "to", "callback", "_", "t", "ts", "v"];

/// Adds one exchange, the values of its variable path segments among it.
pub(crate) fn add(i: &mut Interface, x: &Exchange, request: &Request, path_values: &[(Text, Text)]) {
    let n = i.exchanges;
    if n <= ALL || n.is_multiple_of(ONE_IN) {
        look(&mut i.schema, x, request, path_values);
    }
    for item in &x.data {
        data(&mut i.schema, item);
    }
}

fn look(s: &mut Schema, x: &Exchange, request: &Request, path_values: &[(Text, Text)]) {
    s.requests += 1;
    if s.path.len() < path_values.len() {
        s.path.resize_with(path_values.len(), Field::default);
    }
    for (field, (_, value)) in s.path.iter_mut().zip(path_values) {
        field.seen += 1;
        value_of(field, value);
    }
    query(s, &request.target);
    s.body(&request.params, body_value);
    for c in &request.cookies {
        text(s, ParamIn::Cookie, &c.name);
    }
    for c in request.credentials.iter().filter(|c| c.place.part == Part::Header) {
        let mut lowered = [0; 64];
        text(s, ParamIn::Header, lower(&c.name, &mut lowered));
    }
    if let Some(reply) = x.response.as_ref().filter(|r| (200..300).contains(&r.status)) {
        s.reply(&reply.fields, reply.blank);
    }
}

/// A parameter of which nothing but its name is known, and that it is a text.
fn text(s: &mut Schema, place: ParamIn, name: &str) {
    if let Some(field) = s.param(place, name) {
        field.seen += 1;
        field.types.add(ValueType::String);
    }
}

/// A name in lower case; one that does not fit in the room stays as it is.
fn lower<'n>(name: &'n str, room: &'n mut [u8; 64]) -> &'n str {
    let Some(copy) = room.get_mut(..name.len()) else { return name };
    copy.copy_from_slice(name.as_bytes());
    copy.make_ascii_lowercase();
    std::str::from_utf8(copy).unwrap_or(name)
}

/// The parameters of the query; of a name that comes twice, the first counts.
fn query(s: &mut Schema, target: &str) {
    let Some((_, query)) = target.split_once('?') else { return };
    let query = query.split('#').next().unwrap_or_default();
    let mut met: SmallVec<[(Cow<'_, str>, &str); 8]> = SmallVec::new();
    for pair in query.split('&').take(Schema::PARAMS) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = form_decoded(name);
        if !name.is_empty() && name.len() <= 128 && !met.iter().any(|(n, _)| *n == name) {
            met.push((name, value));
        }
    }
    // Where there is no room for all, the order of names says which are left out.
    met.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    for (name, value) in met {
        let Some(field) = s.param(ParamIn::Query, &name) else { continue };
        field.seen += 1;
        let value = form_decoded(value);
        value_of(field, &value);
        if value.is_empty() || field.domain.is_closed() {
            continue;
        }
        match is_one_of(field, &name) && is_token(&value) {
            true => field.domain.add(&value, 1),
            false => field.domain.close(),
        }
    }
}

/// A value as text tells its type by its look.
fn value_of(field: &mut Field, value: &str) {
    if value.is_empty() {
        field.blank += 1;
        return;
    }
    let (kind, format) = look_of(value);
    field.types.add(kind);
    field.format.unite(format.map_or(SharedFormat::None, SharedFormat::All));
}

/// What a value in a body tells that may be new; see [`Schema::body`].
fn body_value(field: &mut Field, name: &str, value: ParamValue) {
    match value {
        ParamValue::Empty => {}
        ParamValue::Integer(n) => {
            field.types.add(ValueType::Integer);
            if field.domain.is_closed() {
                return;
            }
            match n < 1_000 && is_one_of(field, name) {
                true => field.domain.add(Number::of(n).text(), 1),
                false => field.domain.close(),
            }
        }
        // What kind of value it was is not handed over; that it was no whole number is.
        ParamValue::Wildcard | ParamValue::Other { .. } => field.domain.close(),
    }
}

/// Whether the values of a field may be listed. Of one of which some are, this was asked before.
fn is_one_of(field: &Field, name: &str) -> bool {
    field.data.is_empty() && (!field.domain.is_empty() || is_listed(name))
}

/// A number below 1,000 as text.
struct Number([u8; 3], usize);

impl Number {
    fn of(n: u64) -> Self {
        let digit = |d: u64| b'0' + u8::try_from(d % 10).unwrap_or_default();
        let first = 2 - usize::from(n >= 10) - usize::from(n >= 100);
        Number([digit(n / 100), digit(n / 10), digit(n)], first)
    }
    fn text(&self) -> &str {
        std::str::from_utf8(&self.0[self.1..]).unwrap_or_default()
    }
}

/// What data items say of the fields they stand in.
fn data(s: &mut Schema, item: &DataItem) {
    let place = match item.place.part {
        Part::Path => None,
        Part::Query => Some(ParamIn::Query),
        Part::Header => Some(ParamIn::Header),
        Part::Cookie => Some(ParamIn::Cookie),
        Part::Body => Some(ParamIn::Body),
    };
    let found = match (item.place.response, place) {
        (true, Some(ParamIn::Body)) if !item.path.is_empty() => s.field(&item.path),
        (true, _) => None,
        (false, Some(place)) if !item.path.is_empty() => s.param(place, &item.path),
        // Which of several segments it was is not handed over.
        (false, None) if s.path.len() == 1 => s.path.first_mut(),
        (false, _) => None,
    };
    let Some(field) = found else { return };
    field.domain.close();
    if field.types.is_empty() {
        field.types.add(ValueType::String);
    }
    if field.data.len() < 8 || field.data.contains_key(&(item.data_type, item.form)) {
        let level = field.data.entry((item.data_type, item.form)).or_default();
        *level = item.level.max(*level);
    }
}

/// Adds all that another schema holds.
pub(crate) fn absorb(s: &mut Schema, other: &Schema) {
    let before = s.requests;
    s.requests += other.requests;
    s.replies += other.replies;
    // A word that turned out to be a value: what stood for it as a literal has a segment less, which cannot be told.
    if before == 0 || s.path.len() < other.path.len() {
        s.path.resize_with(other.path.len(), Field::default);
    }
    if s.path.len() == other.path.len() {
        s.path.iter_mut().zip(&other.path).for_each(|(mine, more)| unite(mine, more));
    }
    for (place, name, more) in other.params() {
        if let Some(mine) = s.param(place, name) {
            unite(mine, &more);
        }
    }
    for (path, more) in other.fields() {
        if let Some(mine) = s.field(path) {
            unite(mine, &more);
        }
    }
}

fn unite(mine: &mut Field, more: &Field) {
    mine.seen += more.seen;
    mine.blank += more.blank;
    mine.types.unite(more.types);
    mine.format.unite(more.format);
    mine.domain.unite(&more.domain);
    for (key, level) in &more.data {
        let known = mine.data.entry(*key).or_default();
        *known = (*level).max(*known);
    }
    if !mine.data.is_empty() {
        mine.domain.close();
    }
}

/// Whether a value can be one of a set: short, one word, no number of anything.
fn is_token(value: &str) -> bool {
    let (mut run, mut most) = (0, 0);
    for b in value.bytes() {
        run = if b.is_ascii_digit() { run + 1 } else { 0 };
        most = most.max(run);
    }
    value.len() <= SHORT
        && most < DIGITS
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b','))
}

/// Whether the values of a parameter may be listed at all.
fn is_listed(name: &str) -> bool {
    let end = name.rsplit(['.', ']', '[']).find(|p| !p.is_empty()).unwrap_or(name).to_lowercase();
    !UNLISTED_NAMES.contains(&&*end)
        && !end.ends_with("id")
        && !UNLISTED.iter().any(|part| end.contains(part))
}

/// Type and format of a text.
fn look_of(value: &str) -> (ValueType, Option<ValueFormat>) {
    let digits = value.bytes().all(|b| b.is_ascii_digit());
    if matches!(value, "true" | "false") {
        return (ValueType::Boolean, None);
    }
    if digits && value.len() <= 15 && (value.len() == 1 || !value.starts_with('0')) {
        return (ValueType::Integer, None);
    }
    if digits {
        return (ValueType::String, Some(ValueFormat::Digits));
    }
    if is_decimal(value) {
        return (ValueType::Number, None);
    }
    (ValueType::String, format_of(value))
}

fn is_decimal(value: &str) -> bool {
    let plain = value.strip_prefix('-').unwrap_or(value);
    let (whole, rest) = plain.split_once('.').unwrap_or((plain, "0"));
    let digits = |t: &str| !t.is_empty() && t.len() <= 15 && t.bytes().all(|b| b.is_ascii_digit());
    digits(whole) && digits(rest) && (whole.len() == 1 || !whole.starts_with('0'))
}

fn format_of(value: &str) -> Option<ValueFormat> {
    if value.len() > LONG || !value.is_ascii() {
        return None;
    }
    if value.parse::<std::net::Ipv4Addr>().is_ok() {
        return Some(ValueFormat::Ipv4);
    }
    if let Some((scheme, rest)) = value.split_once("://") {
        let named =
            !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
        return (named && !rest.is_empty() && !rest.contains(' ')).then_some(ValueFormat::Uri);
    }
    if fits(value, "dddd-dd-dd") {
        return Some(ValueFormat::Date);
    }
    if value.len() >= 19 && value.is_char_boundary(19) && is_date_time(value) {
        return Some(ValueFormat::DateTime);
    }
    if fits(value, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") {
        return Some(ValueFormat::Uuid);
    }
    is_mail(value).then_some(ValueFormat::Email)
}

fn is_date_time(value: &str) -> bool {
    let (head, rest) = value.split_at(19);
    let begins = fits(head, "dddd-dd-ddTdd:dd:dd") || fits(head, "dddd-dd-dd dd:dd:dd");
    let zone = |t: &str| matches!(t, "" | "Z") || fits(t, "+dd:dd") || fits(t, "-dd:dd");
    let fraction =
        rest.strip_prefix('.').map_or(rest, |f| f.trim_start_matches(|c: char| c.is_ascii_digit()));
    begins && zone(fraction)
}

/// Whether a text has the look of a pattern: `d` a decimal digit, `x` a hexadecimal one, all else itself.
fn fits(value: &str, pattern: &str) -> bool {
    value.len() == pattern.len()
        && value.bytes().zip(pattern.bytes()).all(|(b, p)| match p {
            b'd' => b.is_ascii_digit(),
            b'x' => b.is_ascii_hexdigit(),
            p => b == p,
        })
}

fn is_mail(value: &str) -> bool {
    let Some((local, domain)) = value.split_once('@') else { return false };
    let word = |t: &str, more: &[u8]| {
        !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b))
    };
    word(local, b"._%+-") && word(domain, b".-") && domain.contains('.') && !domain.ends_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_tell_type_and_format() {
        use ValueFormat::*;
        use ValueType::*;
        for (value, kind, format) in [
            ("12", Integer, None),
            ("007", String, Some(Digits)),
            ("1234567890123456", String, Some(Digits)),
            ("-1.5", Number, None),
            ("true", Boolean, None),
            ("2026-01-31", String, Some(Date)),
            ("2026-01-31T10:00:00.5+08:00", String, Some(DateTime)),
            ("2026-01-31 10:00:00", String, Some(DateTime)),
            ("0190a1b2-0000-7000-8000-0123456789ab", String, Some(Uuid)),
            ("li.wei@corp.example", String, Some(Email)),
            ("10.1.2.3", String, Some(Ipv4)),
            ("https://a.example/x", String, Some(Uri)),
            ("张三", String, None),
            ("a@b", String, None),
        ] {
            assert_eq!(look_of(value), (kind, format), "{value}");
        }
    }

    #[test]
    fn numbers_and_names_are_written_in_place() {
        for n in [0, 7, 10, 99, 100, 999] {
            assert_eq!(Number::of(n).text(), n.to_string());
        }
        let mut room = [0; 64];
        assert_eq!(lower("X-Token-密", &mut room), "x-token-密");
        let long = "A".repeat(65);
        assert_eq!(lower(&long, &mut room), long);
    }

    #[test]
    fn names_and_numbers_are_never_listed() {
        for (name, listed) in [
            ("status", true),
            ("filter.kind", true),
            ("userName", false),
            ("list[].id", false),
            ("orderId", false),
            ("q", false),
        ] {
            assert_eq!(is_listed(name), listed, "{name}");
        }
        for (value, token) in [
            ("open", true),
            ("v1.2", true),
            ("1381", false),
            ("li wei", false),
            ("a@b", false),
            ("张", false),
        ] {
            assert_eq!(is_token(value), token, "{value}");
        }
    }
}
