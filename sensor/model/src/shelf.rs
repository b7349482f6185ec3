//! Shelves: where what is no interface of its own is kept, counted and can be looked at.

use serde::{Deserialize, Serialize};

/// The shelf of an interface (归置). Nothing is dropped: what scanners guess and what a site replies to everything stays countable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
pub enum Shelf {
    /// On none: it belongs to the inventory.
    #[default]
    None,
    /// Only refused or unanswered: scanners' guesses, mistyped paths, what only a gate before every path answered.
    Noise,
    /// Answered by what the site answers to every path: the page of a single-page application, a "not found" under status 200.
    CatchAll,
    /// Static content.
    Static,
    /// Health checks of machines.
    Health,
}

impl Shelf {
    /// All of them.
    pub const ALL: [Shelf; 5] = [Shelf::None, Shelf::Noise, Shelf::CatchAll, Shelf::Static, Shelf::Health];
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            Shelf::None => "none",
            Shelf::Noise => "noise",
            Shelf::CatchAll => "catch_all",
            Shelf::Static => "static",
            Shelf::Health => "health",
        }
    }
    /// Its name in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Shelf::None => "清单",
            Shelf::Noise => "噪声",
            Shelf::CatchAll => "兜底应答",
            Shelf::Static => "静态资源",
            Shelf::Health => "健康检查",
        }
    }
    /// Its name in English.
    pub const fn en(self) -> &'static str {
        match self {
            Shelf::None => "inventory",
            Shelf::Noise => "noise",
            Shelf::CatchAll => "catch-all",
            Shelf::Static => "static",
            Shelf::Health => "health check",
        }
    }
}
