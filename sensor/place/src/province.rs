//! The provinces of the Chinese mainland (省级行政区).

/// A province, autonomous region or municipality (省、自治区、直辖市), 31 in all; Hong Kong, Macao and Taiwan are [`Country`](crate::Country)
/// buckets of their own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Province(u8);

struct Names {
    code: &'static str,
    iso: &'static str,
    zh: &'static str,
    en: &'static str,
}

const fn p(code: &'static str, iso: &'static str, zh: &'static str, en: &'static str) -> Names {
    Names { code, iso, zh, en }
}

/// Codes of GB/T 2260-2007 and ISO 3166-2:CN, in order of the former.
const ALL: [Names; 31] = [
    p("110000", "CN-BJ", "北京市", "Beijing"),
    p("120000", "CN-TJ", "天津市", "Tianjin"),
    p("130000", "CN-HE", "河北省", "Hebei"),
    p("140000", "CN-SX", "山西省", "Shanxi"),
    p("150000", "CN-NM", "内蒙古自治区", "Inner Mongolia"),
    p("210000", "CN-LN", "辽宁省", "Liaoning"),
    p("220000", "CN-JL", "吉林省", "Jilin"),
    p("230000", "CN-HL", "黑龙江省", "Heilongjiang"),
    p("310000", "CN-SH", "上海市", "Shanghai"),
    p("320000", "CN-JS", "江苏省", "Jiangsu"),
    p("330000", "CN-ZJ", "浙江省", "Zhejiang"),
    p("340000", "CN-AH", "安徽省", "Anhui"),
    p("350000", "CN-FJ", "福建省", "Fujian"),
    p("360000", "CN-JX", "江西省", "Jiangxi"),
    p("370000", "CN-SD", "山东省", "Shandong"),
    p("410000", "CN-HA", "河南省", "Henan"),
    p("420000", "CN-HB", "湖北省", "Hubei"),
    p("430000", "CN-HN", "湖南省", "Hunan"),
    p("440000", "CN-GD", "广东省", "Guangdong"),
    p("450000", "CN-GX", "广西壮族自治区", "Guangxi"),
    p("460000", "CN-HI", "海南省", "Hainan"),
    p("500000", "CN-CQ", "重庆市", "Chongqing"),
    p("510000", "CN-SC", "四川省", "Sichuan"),
    p("520000", "CN-GZ", "贵州省", "Guizhou"),
    p("530000", "CN-YN", "云南省", "Yunnan"),
    p("540000", "CN-XZ", "西藏自治区", "Tibet"),
    p("610000", "CN-SN", "陕西省", "Shaanxi"),
    p("620000", "CN-GS", "甘肃省", "Gansu"),
    p("630000", "CN-QH", "青海省", "Qinghai"),
    p("640000", "CN-NX", "宁夏回族自治区", "Ningxia"),
    p("650000", "CN-XJ", "新疆维吾尔自治区", "Xinjiang"),
];

impl Province {
    /// Every province, in order of its code.
    pub fn all() -> impl Iterator<Item = Province> {
        (0u8..).take(ALL.len()).map(Province)
    }

    /// From a subdivision as databases write it: of ISO 3166-2 with or without country (`CN-GD`, `GD`), the number ISO 3166-2 used
    /// until 2017 (`44`), the code of GB/T 2260 (`440000`), or its name in Chinese, long or short, or in English.
    pub fn find(said: &str) -> Option<Province> {
        let said = said.trim();
        let plain = said.strip_prefix("CN-").unwrap_or(said);
        let is = |n: &Names| {
            n.iso.strip_prefix("CN-") == Some(plain)
                || n.code == plain
                || (plain.len() == 2 && n.code.starts_with(plain))
                || n.en.eq_ignore_ascii_case(plain)
                || n.zh == plain
                || (plain.chars().count() >= 2 && n.zh.starts_with(plain) && !plain.is_ascii())
        };
        ALL.iter().position(is).and_then(|n| u8::try_from(n).ok()).map(Province)
    }

    fn names(self) -> &'static Names {
        // Only `all` and `find` make one.
        &ALL[usize::from(self.0)]
    }
    /// Six digits of GB/T 2260 (`440000`).
    pub fn code(self) -> &'static str {
        self.names().code
    }
    /// Code of ISO 3166-2 (`CN-GD`).
    pub fn iso(self) -> &'static str {
        self.names().iso
    }
    /// Name in Chinese (`广东省`).
    pub fn zh(self) -> &'static str {
        self.names().zh
    }
    /// Name in English (`Guangdong`).
    pub fn en(self) -> &'static str {
        self.names().en
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_name_one_finds_it() {
        for p in Province::all() {
            let iso = p.iso();
            for said in [iso, &iso[3..], p.code(), &p.code()[..2], p.zh(), p.en()] {
                assert_eq!(Province::find(said), Some(p), "{said}");
            }
        }
        assert_eq!(Province::find("广东").map(Province::code), Some("440000"));
        assert_eq!(Province::find("黑龙江").map(Province::iso), Some("CN-HL"));
        assert_eq!(Province::find("内蒙古").map(Province::en), Some("Inner Mongolia"));
        for none in ["", "HK", "CN-TW", "71", "CA", "省", "G", "44000"] {
            assert_eq!(Province::find(none), None, "{none}");
        }
    }
}
