//! What is kept of parameters.

use super::shapes::ParamList;
use crate::find::Known;
use weir_exchange::{Fingerprinter, ParamPlace, ParamValue};

/// Most parameters kept of a request.
const MAX: usize = 64;

/// Whether no more parameters are kept.
pub(crate) fn is_full(list: &ParamList) -> bool {
    list.len() >= MAX
}

/// Adds a parameter. Of a value that is sensitive only the fingerprint is kept, even of a number.
pub(crate) fn add(
    list: &mut ParamList,
    place: ParamPlace,
    name: &Known,
    (value, sensitive): (&[u8], bool),
    fp: &Fingerprinter,
) {
    if !is_full(list) && !name.path.is_empty() {
        let kept = if sensitive { other(value, fp) } else { keep(value, fp) };
        list.push(place, name.number, &name.shown, kept);
    }
}

fn keep(value: &[u8], fp: &Fingerprinter) -> ParamValue {
    match value {
        b"" => ParamValue::Empty,
        b"*" | b"%" => ParamValue::Wildcard,
        v if v.eq_ignore_ascii_case(b"all") => ParamValue::Wildcard,
        _ => number(value).map_or_else(|| other(value, fp), ParamValue::Integer),
    }
}

/// A plain whole number: without a sign, leading zeros or more than 15 digits.
fn number(value: &[u8]) -> Option<u64> {
    let plain = value.len() <= 15 && (value.len() == 1 || value[0] != b'0');
    let digit = |b: &u8| Some(b.wrapping_sub(b'0')).filter(|d| *d <= 9);
    let mut digits = Some(value).filter(|_| plain)?.iter();
    digits.try_fold(0, |number, b| Some(number * 10 + u64::from(digit(b)?)))
}

fn other(value: &[u8], fp: &Fingerprinter) -> ParamValue {
    let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
    ParamValue::Other { fingerprint: fp.of("param", value), length }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_little() {
        let fp = Fingerprinter::new([1; 16]);
        assert_eq!(keep(b"42", &fp), ParamValue::Integer(42));
        assert_eq!(keep(b"0", &fp), ParamValue::Integer(0));
        assert!(matches!(keep(b"007", &fp), ParamValue::Other { length: 3, .. }));
        assert_eq!(keep(b"ALL", &fp), ParamValue::Wildcard);
        assert_eq!(keep(b"", &fp), ParamValue::Empty);
    }
}
