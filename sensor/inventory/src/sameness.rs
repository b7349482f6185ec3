//! Replies that say nothing about the path, as the site gives them to every path: the one page of a single-page application, a "not
//! found" under status 200, and the gate that asks for authentication before it looks whether there is anything behind.
//!
//! What a reply looks like is its kind, size and field names. A page that repeats the path it was asked for is as much longer as the
//! path is, so that sizes less once and twice the path's length are compared as well.

use crate::tree::Profile;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use weir_exchange::{Exchange, MediaKind};

/// Operations of different paths with pages of one size that make it the page for every path.
const PAGES: u32 = 8;

/// The same of pages whose size follows the path's length, which chance brings about more easily.
const FOLLOWING: u32 = 16;

/// The same of replies in JSON, XML or text, which are short and alike in many applications.
const SHORT: u32 = 24;

/// Operations that never came beyond the gate which show that it stands before every path.
const GATED: u32 = 32;

/// Most looks counted.
const LOOKS: usize = 4_096;

/// Least bytes of a short reply that is compared: `[]` and `{"code":0}` are what empty lists and deeds answer.
const LEAST: u64 = 24;

/// What the reply of a good call looks like: as it is, and with the path's length taken off once and twice. 0 is no look.
///
/// `names` is the digest of its field names. The lowest bits say which operations of different paths it takes to make it the answer to every
/// path.
pub(crate) fn looks(x: &Exchange, names: u64) -> [u64; 3] {
    let (Some(request), Some(reply)) = (&x.request, &x.response) else { return [0; 3] };
    // Only HTTP has a page for every path.
    if x.protocol.is_session() {
        return [0; 3];
    }
    let bytes = reply.body.bytes;
    let page = reply.body.kind == MediaKind::Html;
    // Deeds answer alike; questions do so only where there is nothing to ask.
    let short = matches!(reply.body.kind, MediaKind::Json | MediaKind::Xml | MediaKind::Text)
        && &*request.method == "GET"
        && x.data.is_empty()
        && reply.body.records == 0
        && bytes >= LEAST;
    if !page && !short {
        return [0; 3];
    }
    let path = request.target.split(['?', '#']).next().unwrap_or_default().len() as u64;
    [0, 1, 2].map(|times: u64| {
        let kind = if page { times.min(1) } else { 2 };
        let size = bytes.checked_sub(path * times).filter(|s| *s > 0);
        // Field names are digests already; what a page shows has none.
        size.map_or(0, |s| ((names ^ (s << 4)) << 4) | times << 2 | kind)
    })
}

/// How many operations with this look make it the answer to every path.
fn enough(look: u64) -> u32 {
    match look & 3 {
        0 => PAGES,
        1 => FOLLOWING,
        _ => SHORT,
    }
}

/// By what all that an operation replied is what the site replies to every path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cover {
    /// It looks like the answer to every path.
    Look,
    /// A gate answered.
    Gate,
}

/// What an operation's replies show of sameness.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Given {
    looks: [u64; 3],
    passed: bool,
    answers: bool,
}

impl Given {
    /// Of a profile as it is now.
    pub fn of(p: &Profile) -> Self {
        Given { looks: p.looks, passed: p.passed, answers: p.answers }
    }
}

/// What a site replies to different paths alike.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Sameness {
    looks: BTreeMap<u64, u32>,
    gated: u32,
}

impl Sameness {
    /// Takes in how a reply changed an operation's profile. Says whether others must be looked at anew.
    pub fn changed(&mut self, before: Given, after: Given) -> bool {
        let answers_first = after.answers && !before.answers;
        let mut crossed = false;
        for (was, is) in before.looks.into_iter().zip(after.looks).filter(|(was, is)| was != is) {
            if let Some(n) = self.looks.get_mut(&was) {
                *n = n.saturating_sub(1);
            }
            if is != 0 && (self.looks.len() < LOOKS || self.looks.contains_key(&is)) {
                let n = self.looks.entry(is).or_default();
                *n += 1;
                crossed |= *n == enough(is);
            }
        }
        if answers_first && !after.passed {
            self.gated += 1;
            crossed |= self.gated == GATED;
        } else if !answers_first && !before.passed && after.passed && after.answers {
            self.gated = self.gated.saturating_sub(1);
        }
        crossed
    }

    /// Whether all that an operation replied is what the site replies to every path, and by what.
    pub fn covers(&self, p: &Profile) -> Option<Cover> {
        let same = |look: &u64| *look != 0 && self.looks.get(look).is_some_and(|n| *n >= enough(*look));
        if p.looks.iter().any(same) {
            return Some(Cover::Look);
        }
        (!p.passed && self.gated >= GATED).then_some(Cover::Gate)
    }
}
