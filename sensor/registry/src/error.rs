//! What is wrong with a list: where, what, how to fix it.

use std::fmt;

/// A list or document that cannot be used. Nothing of it is taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListError {
    /// Line from 1 where there are lines, else entry or place in the document.
    place: (String, String),
    zh: String,
    en: String,
}

impl ListError {
    pub(crate) fn new(place: (String, String), zh: impl Into<String>, en: impl Into<String>) -> Self {
        ListError { place, zh: zh.into(), en: en.into() }
    }
    /// At a field of an entry.
    pub(crate) fn at(
        place: &(String, String),
        field: &str,
        zh: impl fmt::Display,
        en: impl fmt::Display,
    ) -> Self {
        let place = (format!("{}，字段 {field}", place.0), format!("{}, field {field}", place.1));
        ListError::new(place, zh.to_string(), en.to_string())
    }
    /// The message in Chinese.
    pub fn zh(&self) -> String {
        format!("{}：{}", self.place.0, self.zh)
    }
}

impl fmt::Display for ListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place.1, self.en)
    }
}

impl std::error::Error for ListError {}

/// A line of a table.
pub(crate) fn line(n: usize) -> (String, String) {
    (format!("第 {n} 行"), format!("line {n}"))
}

/// An entry of a list, from 1.
pub(crate) fn entry(n: usize) -> (String, String) {
    (format!("第 {n} 条"), format!("entry {n}"))
}

/// A place in a document.
pub(crate) fn inside(what: &str) -> (String, String) {
    (what.into(), what.into())
}
