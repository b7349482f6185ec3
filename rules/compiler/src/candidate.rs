//! What a scan finds, and what it is asked for.

use std::ops::Range;
use weir_exchange::{DataTypeId, Form, KeptPositions, SignalId};

/// Longest value in bytes that a scan reports: windows of a long body must overlap by as much, so that nothing is lost between them.
pub const MAX_VALUE: usize = 2048;

/// Whether a value found can be reported without looking around it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Strength {
    /// Report on the value alone. [`judge`](crate::RuleSet::judge) still refuses it where its key or neighbours speak against it.
    Alone,
    /// Only with a key or a nearby word: [`judge`](crate::RuleSet::judge) decides.
    Context,
}

/// What a candidate is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum What {
    /// A value.
    Value {
        /// Of which type.
        data_type: DataTypeId,
        /// Whether it stands alone.
        strength: Strength,
        /// In which form.
        form: Form,
    },
    /// The name of a field that holds values of a type; the value lies behind it or in the structure.
    Key {
        /// Of which type: the best one.
        data_type: DataTypeId,
    },
    /// What a pattern found and the validator refused; only where it is [asked for](Scope::refused).
    Refused {
        /// Of which type it is not.
        data_type: DataTypeId,
    },
    /// A signal.
    Signal(SignalId),
}

/// Something found in a text, at `start..end` in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// What.
    pub what: What,
    /// Offset of its first byte.
    pub start: u32,
    /// Offset behind its last byte.
    pub end: u32,
}

/// Which signals a text may hold.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub enum ResponseOrRequest {
    /// None are looked for.
    #[default]
    Neither,
    /// Those of request bodies and targets.
    Request,
    /// Those of response bodies.
    Response,
    /// Those of a `User-Agent`.
    UserAgent,
}

/// What a scan is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Scope {
    /// Values and keys of data types.
    pub data: bool,
    /// Signals.
    pub signals: ResponseOrRequest,
    /// Whether names in quotes before a colon are those of the structure, as in JSON: they are read there and not reported.
    pub quoted_names: bool,
    /// Whether what validators refuse is told, too: for explaining, at the cost of speed.
    pub refused: bool,
}

/// A type that a field of some name holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyMatch {
    /// Which.
    pub data_type: DataTypeId,
    /// The key alone decides: a non-empty plausible value suffices.
    pub exclusive: bool,
}

/// What stands around a value that is judged.
#[derive(Clone, Copy, Default, Debug)]
pub struct Context<'a> {
    /// Name of its field, where there is one.
    pub key: Option<&'a str>,
    /// Its field path; may be empty.
    pub path: &'a str,
    /// Up to 48 bytes of text before the value, same line.
    pub before: &'a [u8],
    /// Up to 48 bytes of text behind the value, same line.
    pub after: &'a [u8],
}

/// What was judged of a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judgement {
    /// In which form it stands.
    pub form: Form,
    /// How sure, 0 to 100.
    pub confidence: u8,
    /// Grade 1 to 4 of type and form.
    pub level: u8,
    /// Readable characters, of masked values.
    pub kept: KeptPositions,
    /// Where the value lies within the bytes given, without quotes and spaces.
    pub value: Range<usize>,
}
