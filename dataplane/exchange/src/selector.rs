//! Parameters that select the operation of a path (`?action=list`, JSON-RPC's `method`).

/// Names of parameters that often select the operation, in any case. Whether one does is for evidence to say.
const SELECTORS: &[&str] = &[
    "a",
    "act",
    "action",
    "actionname",
    "api",
    "apiname",
    "bizcode",
    "cmd",
    "command",
    "do",
    "func",
    "funcid",
    "function",
    "interfacename",
    "m",
    "method",
    "methodname",
    "msgtype",
    "op",
    "oper",
    "operate",
    "operation",
    "r",
    "route",
    "service",
    "servicecode",
    "serviceid",
    "servicename",
    "svc",
    "trancode",
    "transcode",
    "tradecode",
    "txcode",
];

/// Longest value that is taken for the name of an operation, in bytes.
const LONGEST: usize = 48;
/// Most digits in one: transaction codes have some, identifiers more.
const DIGITS: usize = 8;

/// Whether a parameter of this name may select the operation. The first byte and the length decide for nearly all.
#[inline]
pub fn may_select_operation(name: &str) -> bool {
    let first = name.as_bytes().first().map_or(0, u8::to_ascii_lowercase);
    matches!(first, b'a' | b'b' | b'c' | b'd' | b'f' | b'i' | b'm' | b'o' | b'r' | b's' | b't')
        && name.len() <= 13
        && SELECTORS.iter().any(|s| s.eq_ignore_ascii_case(name))
}

/// Whether a value reads like the name of an operation: a letter first, then letters, few digits and separators.
pub fn is_operation_word(value: &[u8]) -> bool {
    let Some(first) = value.first() else { return false };
    value.len() <= LONGEST
        && first.is_ascii_alphabetic()
        && value.iter().all(|b| b.is_ascii_alphanumeric() || b"_-./:".contains(b))
        && value.iter().filter(|b| b.is_ascii_digit()).count() <= DIGITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_words() {
        assert!(
            may_select_operation("action") && may_select_operation("tranCode") && may_select_operation("m")
        );
        assert!(
            !may_select_operation("page") && !may_select_operation("") && !may_select_operation("actions")
        );
        for word in ["list", "getUser", "user.login", "T1001", "site/login"] {
            assert!(is_operation_word(word.as_bytes()), "{word}");
        }
        for word in ["", "1", "13812345678", "a b", "x' or 1=1", "张三", "a1234567890"] {
            assert!(!is_operation_word(word.as_bytes()), "{word}");
        }
    }
}
