//! A short text in place.

use std::fmt;
use std::ops::Deref;

/// At most 96 bytes of text, kept in place.
#[derive(Clone, Copy)]
pub struct Excerpt {
    bytes: [u8; Excerpt::MAX],
    length: u8,
}

impl Excerpt {
    /// Most bytes.
    pub const MAX: usize = 96;

    /// As much of `text` as fits.
    pub fn new(text: &str) -> Self {
        let mut end = text.len().min(Excerpt::MAX);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let mut bytes = [0; Excerpt::MAX];
        bytes[..end].copy_from_slice(&text.as_bytes()[..end]);
        Excerpt { bytes, length: end as u8 }
    }
}

impl Default for Excerpt {
    fn default() -> Self {
        Excerpt { bytes: [0; Excerpt::MAX], length: 0 }
    }
}

impl Deref for Excerpt {
    type Target = str;
    fn deref(&self) -> &str {
        // Made of a text only, so that it is one.
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }
}

impl From<&str> for Excerpt {
    fn from(text: &str) -> Self {
        Excerpt::new(text)
    }
}

impl PartialEq for Excerpt {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Excerpt {}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_between_characters() {
        let long = "字".repeat(40);
        assert_eq!(&*Excerpt::new(&long), "字".repeat(32));
        assert_eq!(&*Excerpt::new(&format!("a{long}")), format!("a{}", "字".repeat(31)));
        assert_eq!(Excerpt::from("ab"), Excerpt::new("ab"));
    }
}
