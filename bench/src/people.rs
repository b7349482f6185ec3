//! Invented people with valid numbers.

use crate::rng::Rng;

const SURNAMES: &[&str] = &["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "欧阳"];
const GIVEN: &[&str] =
    &["伟", "芳", "秀英", "敏", "静", "丽", "强", "磊", "军", "洋", "建国", "晓明", "子涵"];
const DIVISIONS: &[&str] = &["110101", "310115", "440305", "330106", "510104", "420106", "320102", "610113"];
const MOBILES: &[&str] = &["138", "139", "150", "159", "176", "186", "188", "199"];
const STREETS: &[&str] =
    &["北京市朝阳区建国路", "上海市浦东新区世纪大道", "广东省深圳市南山区科技路", "浙江省杭州市西湖区文三路"];

/// A person who does not exist.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Resident identity number (GB 11643), check character right.
    pub id: String,
    /// Mobile number.
    pub mobile: String,
    /// UnionPay card, Luhn right.
    pub card: String,
    /// E-mail address.
    pub email: String,
    /// Postal address.
    pub address: String,
}

impl Person {
    /// The next one.
    pub fn draw(rng: &mut Rng) -> Person {
        let digits = |rng: &mut Rng, n: u32| format!("{:0w$}", rng.below(10u64.pow(n)), w = n as usize);
        let name = format!("{}{}", rng.pick(SURNAMES), rng.pick(GIVEN));
        let birth = format!("{}{:02}{:02}", 1950 + rng.below(55), 1 + rng.below(12), 1 + rng.below(28));
        let id = with_mod11(&format!("{}{birth}{}", rng.pick(DIVISIONS), digits(rng, 3)));
        let mobile = format!("{}{}", rng.pick(MOBILES), digits(rng, 8));
        let card = with_luhn(&format!("622202{}", digits(rng, 12)));
        let email = format!("u{}@example.com.cn", digits(rng, 7));
        let address = format!("{}{}号", rng.pick(STREETS), 1 + rng.below(300));
        Person { name, id, mobile, card, email, address }
    }
}

/// Appends the ISO 7064 MOD 11-2 check character.
pub fn with_mod11(seventeen: &str) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = seventeen.bytes().zip(WEIGHTS).map(|(b, w)| u32::from(b - b'0') * w).sum();
    format!("{seventeen}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

/// Appends the Luhn check digit.
pub fn with_luhn(digits: &str) -> String {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| u32::from(b - b'0') * if i % 2 == 0 { 2 } else { 1 })
        .map(|d| d / 10 + d % 10)
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_right() {
        assert_eq!(with_mod11("11010519491231002"), "11010519491231002X");
        assert_eq!(with_luhn("622202100111624570"), "6222021001116245702");
    }
}
