//! Secrets.

use super::Verdict;
use super::digits::{distinct, entropy};

/// Words that stand where a secret would.
const PLACEHOLDERS: &[&str] = &[
    "example",
    "placeholder",
    "changeme",
    "your_",
    "your-",
    "xxxx",
    "${",
    "{{",
    "<",
    "todo",
    "undefined",
    "null",
    "none",
    "string",
    "sample",
];

fn is_placeholder(value: &[u8]) -> bool {
    let mut lower = [0u8; 64];
    let n = value.len().min(64);
    lower[..n].copy_from_slice(&value[..n]);
    lower.make_ascii_lowercase();
    let text = &lower[..n];
    PLACEHOLDERS.iter().any(|p| text.windows(p.len()).any(|w| w == p.as_bytes()))
}

fn is_token_byte(b: &u8) -> bool {
    b.is_ascii_alphanumeric() || b"-_.~+/=:".contains(b)
}

/// JSON Web Token (RFC 7519): a header that decodes to JSON with `alg` or `typ`.
pub(crate) fn jwt(value: &[u8]) -> Verdict {
    let mut parts = value.split(|b| *b == b'.');
    let (Some(header), Some(payload), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Verdict::No;
    };
    let mut out = [0u8; 192];
    let n = decode64(header, &mut out);
    let text = &out[..n];
    let has = |w: &[u8]| text.windows(w.len()).any(|x| x == w);
    Verdict::verified(
        text.first() == Some(&b'{') && (has(b"\"alg\"") || has(b"\"typ\"")) && payload.len() >= 8,
    )
}

/// `Basic` and base64 of `user:password` (RFC 7617).
pub(crate) fn basic_auth(value: &[u8]) -> Verdict {
    let Some((scheme, rest)) = value.split_at_checked(6) else { return Verdict::No };
    let mut out = [0u8; 192];
    let n = decode64(rest.trim_ascii(), &mut out);
    let text = &out[..n];
    let printable = std::str::from_utf8(text).is_ok_and(|t| !t.chars().any(char::is_control));
    Verdict::verified(scheme.eq_ignore_ascii_case(b"basic ") && printable && text.contains(&b':') && n >= 3)
}

/// Decodes base64 of either alphabet into `out` as far as it goes; the number of bytes.
fn decode64(text: &[u8], out: &mut [u8]) -> usize {
    let (mut bits, mut held, mut n) = (0u32, 0u32, 0);
    for b in text {
        let v = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => break,
        };
        bits = bits << 6 | u32::from(v);
        held += 6;
        if held >= 8 {
            held -= 8;
            let Some(slot) = out.get_mut(n) else { break };
            *slot = (bits >> held) as u8;
            n += 1;
        }
    }
    n
}

/// `scheme://user:password@host`, the password no placeholder.
pub(crate) fn url_userinfo(value: &[u8]) -> Verdict {
    let at = value.iter().rposition(|b| *b == b'@').unwrap_or(0);
    let colon = value[..at].iter().rposition(|b| *b == b':').unwrap_or(at);
    let password = value.get(colon + 1..at).unwrap_or(&[]);
    Verdict::verified(!password.is_empty() && !is_placeholder(password) && !password.contains(&b'*'))
}

/// A password as a person or a manager makes it, in a field of that name: 4 to 64 printable characters without blanks, no label and no
/// message about passwords.
pub(crate) fn password(value: &[u8]) -> Verdict {
    let printable = value.iter().all(u8::is_ascii_graphic);
    let template = value.starts_with(b"${") || value.starts_with(b"{{") || value.starts_with(b"<");
    Verdict::plausible(
        (4..=64).contains(&value.len())
            && printable
            && !template
            && !matches!(
                value,
                b"null"
                    | b"true"
                    | b"false"
                    | b"none"
                    | b"undefined"
                    | b"string"
                    | b"required"
                    | b"password"
                    | b"Password"
                    | b"object"
                    | b"text"
            ),
    )
}

/// A login name: no digest and no ciphertext, which stand where names are hidden.
pub(crate) fn login_name(value: &[u8]) -> Verdict {
    let digest = matches!(value.len(), 32 | 40 | 56 | 64) && value.iter().all(u8::is_ascii_hexdigit);
    Verdict::plausible(!digest && (value.len() < 24 || entropy(value) < 4.2))
}

/// A token in a field of that name: at least 16 characters of a token's alphabet, mixed enough not to be words.
pub(crate) fn token(value: &[u8]) -> Verdict {
    let number = value.iter().all(u8::is_ascii_digit);
    Verdict::plausible(
        value.len() >= 16
            && value.iter().all(is_token_byte)
            && !number
            && entropy(value) >= 3.0
            && !is_placeholder(value)
            && value.iter().any(u8::is_ascii_digit),
    )
}

/// A secret key in a field of that name: as a token, and more mixed, unless it is hex.
pub(crate) fn secret(value: &[u8]) -> Verdict {
    let hex = value.iter().all(u8::is_ascii_hexdigit);
    let enough = entropy(value) >= if hex { 3.0 } else { 3.5 };
    Verdict::plausible(token(value) != Verdict::No && value.len() <= 512 && enough)
}

/// A secret that its prefix tells (AKIA, LTAI, sk-): what follows must be mixed and no example.
pub(crate) fn secret_prefixed(value: &[u8]) -> Verdict {
    let body = value.get(4..).unwrap_or(&[]);
    let example = value.ends_with(b"EXAMPLE");
    Verdict::verified(!example && distinct(body) >= 6 && !is_placeholder(value))
}

/// A fingerprint's minutiae in base64 (ISO/IEC 19794-2): the mark of the format and a version.
pub(crate) fn minutiae(value: &[u8]) -> Verdict {
    let mut out = [0u8; 9];
    let n = decode64(value.get(..12).unwrap_or(value), &mut out);
    Verdict::verified(out[..n].starts_with(b"FMR\x00 20\0") || out[..n].starts_with(b"FMR\x00030\0"))
}

/// A recording in base64: RIFF with a wave in it, AMR, SILK, or MP3 with its tag.
pub(crate) fn recording(value: &[u8]) -> Verdict {
    let mut out = [0u8; 12];
    let n = decode64(value.get(..16).unwrap_or(value), &mut out);
    let text = &out[..n];
    let wave = text.starts_with(b"RIFF") && text.ends_with(b"WAVE");
    let other = [&b"#!AMR"[..], b"#!SILK", b"\x02#!SILK", b"ID3\x02", b"ID3\x03", b"ID3\x04"];
    Verdict::verified(wave || other.iter().any(|mark| text.starts_with(mark)))
}

/// A number that people are given: letters and digits, at least six of them digits, not all alike.
pub(crate) fn numbered(value: &[u8]) -> Verdict {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let clean = value.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'/'));
    Verdict::plausible(clean && digits >= 6 && (8..=32).contains(&value.len()) && distinct(value) > 2)
}

/// A client secret of Azure: 40 characters with `Q~` behind the fourth, older ones up to three fewer; longer runs are something else.
pub(crate) fn azure_secret(value: &[u8]) -> Verdict {
    let marked = value.get(3).is_some_and(u8::is_ascii_digit) && value.get(4..6) == Some(b"Q~");
    if marked && (37..=40).contains(&value.len()) { secret_prefixed(value) } else { Verdict::No }
}

/// An image in base64: the bytes of a JPEG or PNG.
pub(crate) fn base64_image(value: &[u8]) -> Verdict {
    let mut out = [0u8; 12];
    let n = decode64(value.get(..16).unwrap_or(value), &mut out);
    Verdict::verified(out[..n].starts_with(&[0xff, 0xd8, 0xff]) || out[..n].starts_with(b"\x89PNG\r\n\x1a\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors() {
        let good = b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcDEFghiJKLmnoPQRstuVWXyz0123456789";
        assert_eq!(jwt(good), Verdict::Verified);
        assert_eq!(jwt(b"eyJmb28iOiJiYXIifQ.eyJzdWIiOiIxMjM0NTY3ODkwIn0.x"), Verdict::No);
        assert_eq!(basic_auth(b"Basic YWRtaW46MTIzNDU2"), Verdict::Verified);
        assert_eq!(basic_auth(b"Basic instructions"), Verdict::No);
        assert_eq!(url_userinfo(b"mysql://root:S3cr3t!@10.0.0.5"), Verdict::Verified);
        assert_eq!(url_userinfo(b"mysql://root:${PW}@10.0.0.5"), Verdict::No);
        assert_eq!(secret_prefixed(b"AKIAIOSFODNN7EXAMPLE"), Verdict::No);
        assert_eq!(secret_prefixed(b"LTAI5tJSNAMAeeEbm181Poep"), Verdict::Verified);
        assert_eq!(base64_image(b"/9j/4AAQSkZJRgABAQEASABI"), Verdict::Verified);
        assert_eq!(azure_secret(b"abc8Q~dK3mZp9Xr2LwVt6Ys1Hb4Nc7Gf0JaQeUiT"), Verdict::Verified);
        assert_eq!(azure_secret(b"abc8Q~dK3mZp9Xr2LwVt6Ys1Hb4Nc7Gf0JaQeUiToPlk"), Verdict::No);
        assert_eq!(minutiae(b"Rk1SACAyMAAAAAAAAAAAAAAAAAAAAAAA"), Verdict::Verified);
        assert_eq!(minutiae(b"Rk1SAGhlbGxvIHdvcmxkIGhlbGxvIHdv"), Verdict::No);
        assert_eq!(recording(b"UklGRiQAAABXQVZFZm10IBAAAAABAAEA"), Verdict::Verified);
        assert_eq!(recording(b"UklGRiQAAABXRUJQVlA4IBAAAAABAAEA"), Verdict::No);
        assert_eq!(recording(b"IyFBTVIKPJEXFr5meeHgAeev8AAAAIAA"), Verdict::Verified);
        assert_eq!(numbered(b"PDAA20241101000123"), Verdict::Plausible);
        assert_eq!(numbered(b"default-policy"), Verdict::No);
        assert_eq!(password("请输入密码".as_bytes()), Verdict::No);
        assert_eq!(password(b"Robin@1463"), Verdict::Plausible);
        assert_eq!(login_name(b"garciacorey"), Verdict::Plausible);
        assert_eq!(login_name(b"200a878d56c44513387bfaca9073a7e8"), Verdict::No);
        assert_eq!(token(b"8a12466ef3d4d696db6565d1395b7d10"), Verdict::Plausible);
        assert_eq!(token(b"1234567890123456"), Verdict::No);
    }
}
