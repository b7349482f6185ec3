//! Replies that say nothing about the path, as the site gives them to every path: the one page of a single-page application, and the
//! gate that asks for authentication before it looks whether there is anything behind.

use crate::tree::Profile;
use std::collections::BTreeMap;

/// Operations of different paths with pages of one size that make it the page for every path.
const PAGES: u32 = 8;

/// Operations that never came beyond the gate which show that it stands before every path.
const GATED: u32 = 32;

/// Most sizes of pages counted.
const SIZES: usize = 1_024;

/// What an operation's replies show of sameness.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Given {
    page: u64,
    passed: bool,
    answers: bool,
}

impl Given {
    /// Of a profile as it is now.
    pub fn of(p: &Profile) -> Self {
        Given { page: p.page, passed: p.passed, answers: p.answers }
    }
}

/// What a site replies to different paths alike.
#[derive(Debug, Default)]
pub(crate) struct Sameness {
    pages: BTreeMap<u64, u32>,
    gated: u32,
}

impl Sameness {
    /// Takes in how a reply changed an operation's profile. Says whether others must be looked at anew.
    pub fn changed(&mut self, before: Given, after: Given) -> bool {
        let answers_first = after.answers && !before.answers;
        let mut crossed = false;
        if before.page != after.page {
            if let Some(n) = self.pages.get_mut(&before.page) {
                *n = n.saturating_sub(1);
            }
            if after.page != 0 && (self.pages.len() < SIZES || self.pages.contains_key(&after.page)) {
                let n = self.pages.entry(after.page).or_default();
                *n += 1;
                crossed |= *n == PAGES;
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

    /// Whether all that an operation replied is what the site replies to every path.
    pub fn covers(&self, p: &Profile) -> bool {
        p.page != 0 && self.pages.get(&p.page).is_some_and(|n| *n >= PAGES)
            || !p.passed && self.gated >= GATED
    }
}
