//! Countries and regions (国家和地区).

use std::fmt;
use std::sync::LazyLock;

/// Code, Chinese name, English name; says where it is from.
const NAMES: &str = include_str!("../data/countries.tsv");

/// A country or region by its code of ISO 3166-1 alpha-2.
///
/// Hong Kong, Macao and Taiwan (中国香港、中国澳门、中国台湾) are counted apart under their own codes: rules on data leaving the mainland
/// treat them apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// From its code, in any case; `None` for what is not two letters.
    pub fn new(code: &str) -> Option<Country> {
        let [a, b] = *code.as_bytes() else { return None };
        let known = a.is_ascii_alphabetic() && b.is_ascii_alphabetic();
        known.then(|| Country([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
    }

    /// Its code.
    pub fn code(&self) -> &str {
        // Two ASCII letters always are a text.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Its name in Chinese; its code where ISO 3166-1 knows none.
    pub fn zh(&self) -> &str {
        self.names().map_or_else(|| self.code(), |n| n.1)
    }

    /// Its name in English; its code where ISO 3166-1 knows none.
    pub fn en(&self) -> &str {
        self.names().map_or_else(|| self.code(), |n| n.2)
    }

    fn names(self) -> Option<(Country, &'static str, &'static str)> {
        let at = TABLE.binary_search_by_key(&self, |n| n.0).ok()?;
        TABLE.get(at).copied()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Names in order of code.
static TABLE: LazyLock<Vec<(Country, &'static str, &'static str)>> = LazyLock::new(|| {
    let lines = NAMES.lines().filter(|l| !l.starts_with('#'));
    let mut table: Vec<_> = lines
        .filter_map(|line| {
            let mut cells = line.split('\t');
            Some((Country::new(cells.next()?)?, cells.next()?, cells.next()?))
        })
        .collect();
    table.sort_unstable_by_key(|n| n.0);
    table
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_names_is_read() {
        let lines = NAMES.lines().filter(|l| !l.starts_with('#')).count();
        assert_eq!(TABLE.len(), lines);
        // ISO 3166-1 has 249 codes.
        assert_eq!(lines, 249);
        assert!(TABLE.windows(2).all(|w| w[0].0 < w[1].0));
    }

    #[test]
    fn regions_of_china_have_their_own_names() {
        let names = |c: &str| Country::new(c).map(|c| (c.zh().to_string(), c.en().to_string()));
        let both = |zh: &str, en: &str| Some((zh.to_string(), en.to_string()));
        assert_eq!(names("cn"), both("中国", "China"));
        assert_eq!(names("HK"), both("中国香港", "Hong Kong, China"));
        assert_eq!(names("MO"), both("中国澳门", "Macao, China"));
        assert_eq!(names("TW"), both("中国台湾", "Taiwan, China"));
        assert_eq!(names("QZ"), both("QZ", "QZ"));
        assert_eq!(
            [Country::new(""), Country::new("C1"), Country::new("CHN"), Country::new("中")],
            [None; 4]
        );
    }
}
