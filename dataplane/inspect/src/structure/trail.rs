//! What stood between two values, to be remembered: only where it is one of the few shapes that lead from value to value.

use super::json::{Frame, Level};
use super::names::{Names, Turn};

/// A token between values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Token {
    Comma = 1,
    Name = 2,
    Colon = 3,
    /// `}`
    Close = 4,
    /// `{`
    Open = 5,
    /// `[`
    OpenArray = 6,
    /// `]`
    CloseArray = 7,
    Other = 8,
}

/// Tokens since a place, four bits each behind a leading one. What is too long to be kept is none of the shapes: no token is zero,
/// so that what falls out at the top leaves more tokens than any shape has.
#[derive(Clone, Copy, Default, Debug)]
struct Trail {
    tokens: u64,
    /// Where it begins.
    at: usize,
    /// The name that was open there.
    from: u32,
}

/// `,"name":`
const MEMBER: u64 = 0x1123;
/// `},{"name":`
const RECORD: u64 = 0x14_1523;
/// `,`
const ELEMENT: u64 = 0x11;
/// `,"name":[`
const DOWN: u64 = 0x1_1236;
/// `],"name":`
const UP: u64 = 0x1_7123;
/// `"name":`
const FIRST: u64 = 0x123;

impl Trail {
    fn token(&mut self, token: Token) {
        if self.tokens != 0 {
            self.tokens = self.tokens << 4 | token as u64;
        }
    }
}

/// The trail from the last value, and that from the last opening brace.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Trails {
    value: Trail,
    brace: Trail,
}

impl Trails {
    /// Whether there is one.
    #[inline]
    pub(super) fn any(&self) -> bool {
        self.value.tokens | self.brace.tokens != 0
    }
    /// Nothing is to be remembered of the way here.
    #[inline]
    pub(super) fn clear(&mut self) {
        (self.value.tokens, self.brace.tokens) = (0, 0);
    }
    /// A value of the name `from` ended at `at`.
    pub(super) fn value(&mut self, at: usize, from: u32) {
        self.value = Trail { tokens: 1, at, from };
        self.brace.tokens = 0;
    }
    /// An object of the name `from` was opened before `at`.
    pub(super) fn brace(&mut self, at: usize, from: u32) {
        self.brace = Trail { tokens: 1, at, from };
    }
    /// The first name of an object was stepped over.
    #[inline]
    pub(super) fn entered(&mut self) {
        self.brace.tokens = 0;
        self.value.token(Token::Name);
        self.value.token(Token::Colon);
    }
    /// A token was met.
    #[inline]
    pub(super) fn token(&mut self, token: Token) {
        self.value.token(token);
        self.brace.token(token);
    }
    /// A value of the name `to` begins behind `text`: remembers what led there.
    pub(super) fn learn(&mut self, text: &[u8], frames: &[Frame], to: u32, names: &mut Names) {
        let [below @ .., frame] = frames else { return };
        let (value, brace) = (self.value, self.brace);
        let lead = text.get(value.at..).unwrap_or_default();
        match (value.tokens, frame.level, below.last()) {
            (MEMBER, Level::Object, _) => {
                names.remember_next(value.from, frame.base, to, lead, Turn::Member);
            }
            (RECORD, Level::Object, Some(f)) if f.level == Level::Array => {
                names.remember_next(value.from, frame.base, to, lead, Turn::Record);
            }
            (ELEMENT, Level::Array, _) => {
                names.remember_next(value.from, frame.base, to, lead, Turn::Element);
            }
            (DOWN, Level::Array, Some(f)) if f.level == Level::Object => {
                names.remember_next(value.from, f.base, to, lead, Turn::Down);
            }
            (UP, Level::Object, _) => {
                names.remember_other(value.from, frame.base, to, lead, Turn::Up);
            }
            _ => {}
        }
        if brace.tokens == FIRST && frame.level == Level::Object {
            let lead = text.get(brace.at..).unwrap_or_default();
            names.remember_other(brace.from, frame.base, to, lead, Turn::Member);
        }
    }
}
