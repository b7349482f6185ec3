//! Places.

use super::Verdict;
use super::characters::Characters;
use super::date::number;

/// Words of divisions, and of what stands inside them, in an address.
const DIVISIONS: &[&str] = &[
    "省",
    "市",
    "自治区",
    "自治州",
    "区",
    "县",
    "旗",
    "香港",
    "澳门",
    "台湾",
    "北京",
    "上海",
    "天津",
    "重庆",
];
const INSIDE: &[&str] = &[
    "路", "街", "道", "巷", "弄", "胡同", "镇", "乡", "村", "屯", "小区", "社区", "大厦", "广场", "花园",
    "公寓", "大院", "号", "栋", "幢", "单元",
];

static BEGINNINGS: [Characters; 2] = [Characters::beginning(DIVISIONS), Characters::beginning(INSIDE)];

/// How many of the words of divisions a text holds, and of those inside them; each counts once.
fn words(text: &[u8]) -> (u32, u32) {
    let mut found = [0u32; 2];
    for (at, character) in text.windows(3).enumerate() {
        let Some(character) = character.first_chunk() else { continue };
        for ((begins, words), found) in BEGINNINGS.iter().zip([DIVISIONS, INSIDE]).zip(&mut found) {
            if begins.has(*character) {
                for (i, word) in words.iter().map(|w| w.as_bytes()).enumerate() {
                    let here = word.first_chunk() == Some(character) && text[at..].starts_with(word);
                    *found |= u32::from(here) << i;
                }
            }
        }
    }
    (found[0].count_ones(), found[1].count_ones())
}

/// A postal address: a division, something inside it, and a length that an address has.
pub(crate) fn address(value: &[u8]) -> Verdict {
    let Ok(text) = std::str::from_utf8(value) else { return Verdict::No };
    let n = text.chars().count();
    if !(6..=80).contains(&n) {
        return Verdict::No;
    }
    let numbered = || {
        text.bytes().any(|b| b.is_ascii_digit())
            || text.contains(['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'])
    };
    match words(value) {
        (_, 0) => Verdict::No,
        (divisions, inside) if (divisions >= 2 || divisions >= 1 && inside >= 2) && numbered() => {
            Verdict::Verified
        }
        (divisions, inside) if divisions + inside >= 2 => Verdict::Plausible,
        _ => Verdict::No,
    }
}

/// Words of streets in Latin letters, in small letters.
const STREETS: &[&[u8]] = &[
    b"street",
    b"st",
    b"road",
    b"rd",
    b"avenue",
    b"ave",
    b"lane",
    b"ln",
    b"drive",
    b"dr",
    b"boulevard",
    b"blvd",
    b"court",
    b"ct",
    b"way",
    b"place",
    b"pl",
    b"square",
    b"sq",
    b"terrace",
    b"highway",
    b"hwy",
    b"parkway",
    b"strasse",
    b"rue",
    b"via",
    b"calle",
    b"rua",
    b"district",
    b"building",
    b"bldg",
    b"floor",
    b"room",
    b"suite",
    b"apt",
    b"apartment",
    b"unit",
    b"lu",
    b"jie",
];

/// An address in Latin letters: a number, a word of streets, and at least two words more.
pub(crate) fn latin_address(value: &[u8]) -> Verdict {
    let words = || value.split(|b| matches!(b, b' ' | b',' | b'.')).filter(|w| !w.is_empty());
    let street = words().skip(1).any(|w| STREETS.iter().any(|s| w.eq_ignore_ascii_case(s)));
    let numbered = words().any(|w| w[0].is_ascii_digit() || w[0] == b'#');
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let link = value.windows(3).any(|w| w == b"://");
    Verdict::plausible(street && numbered && !link && letters >= 6 && (3..=24).contains(&words().count()))
}

/// At least three points `longitude,latitude` one behind the other, also with their times.
pub(crate) fn track(value: &[u8]) -> Verdict {
    let points = value.split(|b| matches!(b, b';' | b'|')).take(3);
    let point = |text: &[u8]| {
        let mut parts = text.split(|b| *b == b',').map(decimal);
        let degrees = |n: Option<Option<(f64, usize)>>| matches!(n, Some(Some((n, d))) if n.abs() <= 180.0 && (3..=16).contains(&d));
        degrees(parts.next()) && degrees(parts.next())
    };
    Verdict::plausible(points.filter(|p| point(p)).count() == 3)
}

/// A postcode of the mainland.
pub(crate) fn postcode(value: &[u8]) -> Verdict {
    let zone = number(value.get(..2).unwrap_or(&[]));
    Verdict::plausible(value.len() == 6 && number(value).is_some() && matches!(zone, Some(1..=86)))
}

/// A decimal number as whole part and number of decimals.
fn decimal(value: &[u8]) -> Option<(f64, usize)> {
    let text = std::str::from_utf8(value).ok()?.trim();
    let decimals = text.split_once('.').map_or(0, |(_, d)| d.len());
    let plain = text.len() <= 24 && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    plain.then(|| text.parse::<f64>().ok()).flatten().map(|n| (n, decimals))
}

/// A latitude or longitude in degrees: within 180, at least two decimals.
pub(crate) fn coordinate(value: &[u8]) -> Verdict {
    Verdict::plausible(
        matches!(decimal(value), Some((n, d)) if n.abs() <= 180.0 && n != 0.0 && (2..=16).contains(&d)),
    )
}

/// A pair of coordinates inside China, at least four decimals each.
pub(crate) fn coordinate_pair(value: &[u8]) -> Verdict {
    let mut parts = value.split(|b| *b == b',').map(decimal);
    let (Some(Some((a, da))), Some(Some((b, db))), None) = (parts.next(), parts.next(), parts.next()) else {
        return Verdict::No;
    };
    let inside = |lat: f64, lon: f64| (3.8..53.6).contains(&lat) && (73.5..135.1).contains(&lon);
    Verdict::plausible(da >= 4 && db >= 4 && (inside(a, b) || inside(b, a)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_that_the_text_holds() {
        for text in ["北京市海淀区中关村南大街5号", "香港社区", "自治区小区自治州", "胡", "", "a路b路c单元"]
        {
            let held = |all: &[&str]| all.iter().filter(|w| text.contains(**w)).count() as u32;
            assert_eq!(words(text.as_bytes()), (held(DIVISIONS), held(INSIDE)), "{text}");
        }
    }

    #[test]
    fn vectors() {
        for good in
            ["北京市海淀区中关村南大街5号", "四川省宁德市丰都区郭街22号436室", "台湾省东莞市普陀区赵街223号"]
        {
            assert_eq!(address(good.as_bytes()), Verdict::Verified, "{good}");
        }
        for bad in ["北京市海淀区", "今天天气好", "http://a.b/c", ""] {
            assert_ne!(address(bad.as_bytes()), Verdict::Verified, "{bad}");
        }
        assert_eq!(coordinate_pair(b"116.397470,39.908823"), Verdict::Plausible);
        assert_eq!(coordinate_pair(b"16.397470,39.908823"), Verdict::No);
        assert_eq!(coordinate(b"39.908823"), Verdict::Plausible);
        assert_eq!(coordinate(b"1e309"), Verdict::No);
        assert_eq!(postcode(b"100871"), Verdict::Plausible);
        for good in [
            "221B Baker Street, London",
            "No. 5 Zhongguancun South Street, Beijing",
            "1600 Amphitheatre Pkwy, Suite 3",
        ] {
            assert_eq!(latin_address(good.as_bytes()), Verdict::Plausible, "{good}");
        }
        for bad in ["192.168.1.1", "00:1A:2B", "0x7ffe1234", "http://a.b/street 5 x", "Street", "a b@c.d", ""]
        {
            assert_eq!(latin_address(bad.as_bytes()), Verdict::No, "{bad}");
        }
        assert_eq!(track(b"116.3974,39.9088;116.3981,39.9090;116.3990,39.9095"), Verdict::Plausible);
        assert_eq!(track(b"116.3974,39.9088;116.3981,39.9090"), Verdict::No);
        assert_eq!(track(b"intro.mp3;verse.mp3;end.mp3"), Verdict::No);
    }
}
