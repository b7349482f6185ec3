//! Test environments, by the names they give themselves.

use crate::{facts, target};
use weir_model::{Known, Observation};

/// Words, in lower case, of host labels and of the first path segments that say that what answers is for tests.
const WORDS: &[&str] = &[
    "ceshi",
    "demo",
    "dev",
    "develop",
    "development",
    "mock",
    "pre",
    "preprod",
    "qa",
    "sandbox",
    "sit",
    "staging",
    "stg",
    "test",
    "testing",
    "uat",
    "测试",
    "预发",
];
/// Segments of a path that are looked at.
const SEGMENTS: usize = 2;

/// The word by which a call's host or path says that it is a test environment's (`uat.crm.example`, `/test/api`).
pub(crate) fn test_word<'a>(seen: &Observation<'a>, known: &Known<'a>) -> Option<&'a str> {
    let host = known.site(seen.site).map_or("", |s| &s.host);
    let path = facts::request(seen).map_or("", |r| target::path(&r.target));
    let labels = host.split(':').next().unwrap_or("").split(['.', '-', '_']);
    let segments = path.split('/').filter(|s| !s.is_empty()).take(SEGMENTS);
    let words = labels.chain(segments.flat_map(|s| s.split(['-', '_'])));
    // A number behind the word is the environment's (`uat2`).
    let plain =
        |w: &str| WORDS.contains(&w.trim_end_matches(|c: char| c.is_ascii_digit()).to_lowercase().as_str());
    words.into_iter().find(|w| plain(w))
}
