//! The dictionary of common and default passwords, and what is judged of a password.

use md5::{Digest, Md5};
use sha1::Sha1;
use std::collections::HashSet;
use weir_exchange::{Fingerprinter, PasswordFacts, PasswordShape};

/// One password a line; `#` begins a comment.
const WORDS: &str = include_str!("../../packs/passwords.txt");

/// Common and default passwords, and the MD5 and SHA-1 digests of them that clients send.
pub(crate) struct Dictionary {
    words: HashSet<&'static str>,
    /// In lower case hex.
    digests: HashSet<String>,
}

impl Default for Dictionary {
    fn default() -> Self {
        let words: HashSet<&str> =
            WORDS.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("# ")).collect();
        let digests = words.iter().flat_map(|w| [hex(&Md5::digest(w)), hex(&Sha1::digest(w))]).collect();
        Dictionary { words, digests }
    }
}

/// Never shows a word.
impl std::fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dictionary({})", self.words.len())
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, b| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{b:02x}");
        out
    })
}

impl Dictionary {
    /// Judges a password: shape, length, classes, dictionary, likeness to the account.
    pub(crate) fn facts(&self, password: &str, account: Option<&str>, fp: &Fingerprinter) -> PasswordFacts {
        let shape = if is_digested(password) { PasswordShape::Digested } else { PasswordShape::Clear };
        let in_dictionary = match shape {
            PasswordShape::Digested => self.digests.contains(&password.to_ascii_lowercase()),
            PasswordShape::Clear => self.is_common(password),
        };
        let account = account
            .map(|a| a.split('@').next().unwrap_or(a).to_lowercase())
            .filter(|a| a.chars().count() >= 3);
        let like_account = match (&account, shape) {
            (Some(a), PasswordShape::Clear) => {
                let lower = password.to_lowercase();
                lower.contains(a) || lower.contains(&a.chars().rev().collect::<String>())
            }
            (Some(a), PasswordShape::Digested) => {
                let lower = password.to_ascii_lowercase();
                lower == hex(&Md5::digest(a)) || lower == hex(&Sha1::digest(a))
            }
            (None, _) => false,
        };
        PasswordFacts {
            shape,
            length: u16::try_from(password.chars().count()).unwrap_or(u16::MAX),
            classes: classes(password),
            in_dictionary,
            like_account,
            fingerprint: fp.of("password", password.as_bytes()),
        }
    }

    /// Whether a password is in the dictionary, or is one of its habits: a word of it with a year or `@year` or `!` behind, a name of a firm
    /// or office with a year or 123, one character repeated, a walk along a row of keys.
    fn is_common(&self, password: &str) -> bool {
        let lower = password.to_lowercase();
        if self.words.contains(password) || self.words.contains(lower.as_str()) {
            return true;
        }
        let bytes = lower.as_bytes();
        let same = bytes.first().is_some_and(|f| bytes.iter().all(|b| b == f));
        let walk = bytes.len() >= 4 && ROWS.iter().any(|row| row.contains(lower.as_str()));
        same || walk || is_word_and_year(&lower, &self.words)
    }
}

/// Rows of a keyboard, both ways.
const ROWS: &[&str] = &[
    "12345678901234567890",
    "09876543210987654321",
    "qwertyuiop",
    "poiuytrewq",
    "asdfghjkl",
    "lkjhgfdsa",
    "zxcvbnm",
    "mnbvcxz",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfv",
    "q1w2e3r4t5y6",
];

/// Words that offices and their suppliers put before a year or number.
const STEMS: &[&str] = &[
    "admin",
    "administrator",
    "root",
    "test",
    "user",
    "pass",
    "password",
    "passwd",
    "pwd",
    "welcome",
    "company",
    "server",
    "system",
    "manager",
    "master",
    "oracle",
    "mysql",
    "tomcat",
    "huawei",
    "tencent",
    "alibaba",
    "aliyun",
    "baidu",
    "china",
    "beijing",
    "shanghai",
    "shenzhen",
    "guangzhou",
    "hangzhou",
    "spring",
    "summer",
    "autumn",
    "winter",
    "woaini",
    "iloveyou",
    "abc",
    "a",
    "aa",
    "qwer",
    "qwe",
    "gongsi",
    "jituan",
    "yinhang",
    "zhongguo",
];

/// Whether a password is a stem, an optional mark, and a year, 123 or the like.
fn is_word_and_year(lower: &str, words: &HashSet<&'static str>) -> bool {
    let body = lower.trim_end_matches(['!', '.', '@', '#', '$']);
    let digits = body.len() - body.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (head, number) = body.split_at(digits);
    let stem = head.trim_end_matches(['@', '#', '_', '-', '!', '.', '$']);
    let year = number.len() == 4 && (number.starts_with("19") || number.starts_with("20"));
    let habit = year
        || matches!(
            number,
            "" | "1" | "12" | "123" | "1234" | "12345" | "123456" | "888" | "666" | "520" | "1314" | "000"
        );
    let known = STEMS.contains(&stem) || stem.len() >= 4 && words.contains(stem);
    habit && known && lower.len() > stem.len()
}

/// How many of lower case, upper case, digits and others there are.
fn classes(password: &str) -> u8 {
    let has = |f: fn(char) -> bool| u8::from(password.chars().any(f));
    has(|c| c.is_lowercase())
        + has(|c| c.is_uppercase())
        + has(|c| c.is_ascii_digit())
        + has(|c| !c.is_alphanumeric() || !c.is_ascii() && !c.is_lowercase() && !c.is_uppercase())
}

/// Whether a password is the digest or ciphertext of one: hex of a digest's length, or base64 of whole blocks that is no word.
fn is_digested(password: &str) -> bool {
    let b = password.as_bytes();
    let digits = b.iter().any(u8::is_ascii_digit);
    let hex =
        matches!(b.len(), 32 | 40 | 56 | 64 | 96 | 128) && b.iter().all(u8::is_ascii_hexdigit) && digits;
    let body = password.trim_end_matches('=');
    let alphabet = body.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/');
    hex || alphabet
        && digits
        && b.len().is_multiple_of(4)
        && b.len() >= 24
        && (body.len() < b.len() || b.len() >= 64)
        || password.starts_with("$2")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(password: &str, account: Option<&str>) -> PasswordFacts {
        Dictionary::default().facts(password, account, &Fingerprinter::new([7; 16]))
    }

    #[test]
    fn common_ones_are_known() {
        for weak in [
            "123456",
            "a123456",
            "woaini1314",
            "admin@123",
            "P@ssw0rd",
            "Aa123456",
            "Admin@2024",
            "company2023!",
            "aaaaaa",
            "qwertyui",
            "admin888",
        ] {
            assert!(facts(weak, None).in_dictionary, "{weak}");
        }
        for strong in ["Tr0ub4dor&3x", "LRU9BLeWc2", "correct horse battery", "urlsUKaFkX", "Robin@1463"] {
            assert!(!facts(strong, None).in_dictionary, "{strong}");
        }
    }

    #[test]
    fn digests_of_common_ones_are_known() {
        let f = facts("e10adc3949ba59abbe56e057f20f883e", Some("li"));
        assert!(f.in_dictionary && f.shape == PasswordShape::Digested);
        assert!(facts("7C4A8D09CA3762AF61E59520943DC26494F8941B", None).in_dictionary);
        assert!(!facts("200a878d56c44513387bfaca9073a7e8", None).in_dictionary);
    }

    #[test]
    fn likeness_classes_and_length() {
        assert!(facts("Zhangsan@99", Some("zhangsan")).like_account);
        assert!(facts("zhangsan1", Some("zhangsan@corp.cn")).like_account);
        assert!(!facts("b1", Some("b")).like_account);
        let f = facts("aB1!中", None);
        assert_eq!((f.length, f.classes), (5, 4));
        assert_eq!(facts("", None).length, 0);
    }
}
