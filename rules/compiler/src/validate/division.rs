//! Administrative divisions (GB/T 2260): provinces and the prefectures they have had since 1980.
//!
//! A number keeps the code of the place where it was first issued, so codes that were abolished since remain valid. Counties are not
//! held: they change every year, and the check digit and date already refuse what they would.

/// Province and, as bits, its prefecture digits, of every revision from 1980 to 2019.
const PREFECTURES: &[(u8, u128)] = &[
    (11, 0x6),                         // Beijing
    (12, 0x6),                         // Tianjin
    (13, 0x4000000000000007fe00ffe),   // Hebei
    (14, 0x4000000000000000fe00ffe),   // Shanxi
    (15, 0x3fe003fe),                  // Inner Mongolia
    (21, 0x40000000000000000607ffe),   // Liaoning
    (22, 0x40000000000000007e001fe),   // Jilin
    (23, 0x4000000000000000fe01ffe),   // Heilongjiang
    (31, 0x6),                         // Shanghai
    (32, 0x4000000000000000fe03ffe),   // Jiangsu
    (33, 0x4000000000000001fe00ffe),   // Zhejiang
    (34, 0x4000000000000003fe7fffe),   // Anhui
    (35, 0x4000000000000000fe003fe),   // Fujian
    (36, 0x40000000000000007e00ffe),   // Jiangxi
    (37, 0x4000000000000003fe3fffe),   // Shandong
    (41, 0x4000000000000007fe3fffe),   // Henan
    (42, 0x4000000000000003fe03ffe),   // Hubei
    (43, 0x400000000000000ffe03ffe),   // Hunan
    (44, 0x4000000003800003ffffffe),   // Guangdong
    (45, 0x1fe07ffe),                  // Guangxi
    (46, 0x4000000000000000000001e),   // Hainan
    (50, 0xe),                         // Chongqing
    (51, 0x4000040000000fffffffffe),   // Sichuan
    (52, 0xfe0007e),                   // Guizhou
    (53, 0xfffe003fe),                 // Yunnan
    (54, 0xfe0007e),                   // Tibet
    (61, 0x4000000000000000fe007fe),   // Shaanxi
    (62, 0x7fe01ffe),                  // Gansu
    (63, 0x1ee00006),                  // Qinghai
    (64, 0x60003e),                    // Ningxia
    (65, 0x400000000000f01ffe0003e),   // Xinjiang
    (71, 0xfffffffffffffffffffffffff), // Taiwan
    (81, 0xfffffffffffffffffffffffff), // Hong Kong
    (82, 0xfffffffffffffffffffffffff), // Macao
    (83, 0xfffffffffffffffffffffffff), // Taiwan (residence permits)
];

/// Whether the four digits of province and prefecture name a division, now or formerly.
pub(crate) fn is_prefecture(code: [u8; 4]) -> bool {
    let [a, b, c, d] = code.map(|digit| digit.wrapping_sub(b'0'));
    if [a, b, c, d].iter().any(|n| *n > 9) {
        return false;
    }
    let (province, prefecture) = (a * 10 + b, c * 10 + d);
    PREFECTURES.iter().any(|(p, cities)| *p == province && cities >> prefecture & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_present_and_former_prefectures() {
        // Beijing's districts; Wanxian, in Sichuan until 1997; Chongqing's counties.
        for code in [b"1101", b"5122", b"5002", b"4403", b"8100"] {
            assert!(is_prefecture(*code), "{code:?}");
        }
        for code in [b"1000", b"1103", b"4431", b"9901", b"11a1"] {
            assert!(!is_prefecture(*code), "{code:?}");
        }
    }
}
