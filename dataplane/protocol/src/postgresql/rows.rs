//! Rows: columns and values to JSON.

use super::message::Cursor;
use crate::calls::json_string;

/// Most columns that are read: those of a table (`MaxTupleAttributeNumber`).
pub(super) const MAX_COLUMNS: usize = 1664;

/// A column: its name, the type of its values, and whether the description says that they are binary.
#[derive(Clone)]
pub(super) struct Column {
    name: Vec<u8>,
    oid: u32,
    binary: bool,
}

/// The columns of a `RowDescription`, as far as they can be read.
pub(super) fn columns(rest: &[u8]) -> Vec<Column> {
    let mut c = Cursor(rest);
    let n = usize::from(c.short().unwrap_or(0)).min(MAX_COLUMNS);
    (0..n).map_while(|_| column(&mut c)).collect()
}

fn column(c: &mut Cursor<'_>) -> Option<Column> {
    let name = c.text()?;
    c.bytes(6)?;
    let oid = c.long()?;
    c.bytes(6)?;
    Some(Column { name: name[..name.len().min(64)].to_vec(), oid, binary: c.short()? == 1 })
}

/// Which values are binary, as `Bind` asks for it: none, all, or each by itself; `None` where the description says it.
pub(super) type Formats = Option<Vec<u16>>;

/// A `DataRow` as a JSON object. Columns that were not described are named by their numbers.
pub(super) fn row(columns: &[Column], formats: &Formats, rest: &[u8]) -> Vec<u8> {
    let mut out = b"{".to_vec();
    let mut c = Cursor(rest);
    let n = usize::from(c.short().unwrap_or(0)).min(MAX_COLUMNS);
    for i in 0..n {
        let Some(value) = c.value() else { break };
        if i > 0 {
            out.push(b',');
        }
        let column = columns.get(i);
        match column {
            Some(column) => json_string(&mut out, &column.name),
            None => json_string(&mut out, format!("column{}", i + 1).as_bytes()),
        }
        out.push(b':');
        let binary = match formats {
            None => column.is_some_and(|c| c.binary),
            Some(formats) => is_binary(formats, i),
        };
        let oid = column.map_or(0, |c| c.oid);
        match value.and_then(|v| if binary { text(oid, v) } else { Some(v.to_vec()) }) {
            Some(text) => json_string(&mut out, &text),
            None => out.extend_from_slice(b"null"),
        }
    }
    out.push(b'}');
    out
}

/// Whether the value of a place is binary by a list of formats: none for all text, one for all, or one each.
pub(super) fn is_binary(formats: &[u16], place: usize) -> bool {
    match formats {
        [all] => *all == 1,
        each => each.get(place) == Some(&1),
    }
}

/// A binary value as text, by the object identifier of its type; `None` where it is not read.
pub(super) fn text(oid: u32, value: &[u8]) -> Option<Vec<u8>> {
    let number = |n: i64| Some(n.to_string().into_bytes());
    match (oid, value) {
        (16, [b]) => Some(if *b == 0 { b"false".to_vec() } else { b"true".to_vec() }),
        (21, [a, b]) => number(i16::from_be_bytes([*a, *b]).into()),
        (23 | 26, [..]) => number(i32::from_be_bytes(value.try_into().ok()?).into()),
        (20, [..]) => number(i64::from_be_bytes(value.try_into().ok()?)),
        (700, [..]) => Some(f32::from_be_bytes(value.try_into().ok()?).to_string().into_bytes()),
        (701, [..]) => Some(f64::from_be_bytes(value.try_into().ok()?).to_string().into_bytes()),
        (1700, [..]) => numeric(value),
        (2950, [..]) if value.len() == 16 => {
            let hex: String = value.iter().map(|b| format!("{b:02x}")).collect();
            Some(
                format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
                    .into(),
            )
        }
        // jsonb: its version, then JSON.
        (3802, [1, json @ ..]) => Some(json.to_vec()),
        _ => readable(value).then(|| value.to_vec()),
    }
}

/// Whether bytes are text.
pub(super) fn readable(value: &[u8]) -> bool {
    std::str::from_utf8(value).is_ok_and(|t| !t.chars().any(|c| c.is_control() && !c.is_whitespace()))
}

/// A `numeric`: so many digits to the base 10,000, the weight of the first, sign, digits behind the point.
fn numeric(value: &[u8]) -> Option<Vec<u8>> {
    let mut c = Cursor(value);
    let (n, weight, sign, scale) = (c.short()?, c.short()? as i16, c.short()?, usize::from(c.short()?));
    if n > 64 || !(-16..=64).contains(&weight) || sign > 0x4000 || scale > 64 {
        return None;
    }
    let digits: Vec<u16> = (0..n).map(|_| c.short().filter(|d| *d < 10_000)).collect::<Option<_>>()?;
    let digit = |place: i16| usize::try_from(place).ok().and_then(|p| digits.get(p)).copied().unwrap_or(0);
    let mut whole: String = (0..=weight).map(|p| format!("{:04}", digit(p))).collect();
    whole = whole.trim_start_matches('0').to_owned();
    let behind: i16 = scale.div_ceil(4).try_into().ok()?;
    let fraction: String = (0..behind).map(|p| format!("{:04}", digit(weight + 1 + p))).collect();
    let sign = if sign == 0x4000 { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { &whole };
    let point = if scale > 0 { "." } else { "" };
    Some(format!("{sign}{whole}{point}{}", &fraction[..scale]).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_values() {
        for (oid, value, is) in [
            (23, &[0, 0, 1, 0][..], Some("256")),
            (23, &[0, 0, 1], None),
            (20, &[0xff; 8], Some("-1")),
            (16, &[1], Some("true")),
            (25, b"text", Some("text")),
            (17, &[0, 1, 2], None),
            (3802, b"\x01{}", Some("{}")),
            // 12345.678: 1, 2345, 6780 of weight 1 and scale 3.
            (1700, &[0, 3, 0, 1, 0, 0, 0, 3, 0, 1, 9, 41, 26, 124], Some("12345.678")),
            (1700, &[0, 1, 0xff, 0xff, 0x40, 0, 0, 2, 9, 196], Some("-0.25")),
            (1700, &[0, 1, 0, 3, 0, 0, 0, 0, 0, 5], Some("5000000000000")),
            (1700, &[0xff; 20], None),
        ] {
            assert_eq!(text(oid, value).as_deref(), is.map(str::as_bytes), "{oid} {value:?}");
        }
        assert!(text(2950, &[0xab; 16]).is_some_and(|t| t.starts_with(b"abababab-abab-")));
    }

    #[test]
    fn rows_of_columns_unknown_and_cut_off() {
        assert_eq!(
            row(&[], &None, b"\0\x02\0\0\0\x01a\xff\xff\xff\xff"),
            b"{\"column1\":\"a\",\"column2\":null}"
        );
        assert_eq!(row(&[], &None, b"\0\x02\0\0\0\x09a"), b"{\"column1\":\"a\"}");
    }
}
