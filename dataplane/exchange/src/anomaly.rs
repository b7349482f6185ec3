//! Irregularities of messages, as facts.

use std::fmt;

macro_rules! anomalies {
    ($($(#[doc = $doc:literal])+ $name:ident = $key:literal;)+) => {
        /// Something irregular about an exchange. A fact, not a judgement: most have innocent causes.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Anomaly { $($(#[doc = $doc])+ $name,)+ }
        impl Anomaly {
            /// Every anomaly.
            pub const ALL: &'static [Anomaly] = &[$(Anomaly::$name),+];
            /// Its name in records.
            pub const fn key(self) -> &'static str { match self { $(Anomaly::$name => $key),+ } }
        }
    };
}

anomalies! {
    /// Content-Length and Transfer-Encoding together (RFC 9112, 6.3): a smuggling shape.
    LengthAndChunked = "content-length-and-transfer-encoding";
    /// Several different Content-Length values: a smuggling shape.
    ConflictingLengths = "conflicting-content-length";
    /// A Content-Length that is not a number.
    BadLength = "bad-content-length";
    /// A transfer coding other than a final `chunked`.
    BadTransferEncoding = "bad-transfer-encoding";
    /// A folded field line (obs-fold; RFC 9112, 5.2).
    FoldedHeader = "obs-fold";
    /// Lines ended by LF alone.
    BareLf = "bare-lf";
    /// Whitespace between a field name and its colon.
    SpaceBeforeColon = "space-before-colon";
    /// A request line that breaks the grammar (RFC 9112, 3): spaces in the target, no target, no or half a version.
    BadRequestLine = "bad-request-line";
    /// A field line that is not one.
    BadHeader = "bad-header";
    /// A NUL or other control byte in a head.
    ControlInHead = "control-in-head";
    /// The head is longer, or has more fields, than the bound; the rest was dropped.
    HeadTooLong = "head-too-long";
    /// A chunk size that is not a hexadecimal number, or is too large.
    BadChunk = "bad-chunk";
    /// A request without Host where the version demands one, or with several different ones.
    BadHost = "bad-host";
    /// A response whose request was not seen.
    LoneResponse = "lone-response";
    /// A request that no response was seen to.
    NoResponse = "no-response";
    /// Bytes that are no message where one was due.
    Garbage = "garbage";
    /// Bytes are missing inside the exchange.
    Gap = "gap";
    /// More requests waited for an answer than the bound; the oldest was given up.
    PipelineTooLong = "pipeline-too-long";
    /// The response began before the request was complete.
    EarlyResponse = "early-response";
    /// A body after a message that must not have one.
    UnexpectedBody = "unexpected-body";
    /// A content coding that is not read or is stacked deeper than the bound.
    UnknownCoding = "unknown-content-coding";
    /// The content coding's bytes are broken.
    BrokenCoding = "broken-content-coding";
    /// Decoding passed the expansion limit.
    ExpansionLimit = "expansion-limit";
    /// The body is not in the charset it says.
    WrongCharset = "wrong-charset";
    /// The body is not in the format its type says.
    BrokenFormat = "broken-format";
    /// A frame that breaks the rules of its protocol (RFC 9113, RFC 6455), or bytes that are none where one was due.
    BadFrame = "bad-frame";
    /// Header fields that are not known, as they refer to what was not seen of the connection (RFC 7541, 2.3.2).
    UnknownField = "unknown-header-field";
    /// The stream was reset before its end (RFC 9113, 6.4).
    StreamReset = "stream-reset";
    /// A flood of requests taken back, of empty frames, or of continuations: a denial of service shape.
    Flood = "frame-flood";
}

/// Anomalies, each at most once, in the order of the enum.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Anomalies(u32);

// Each has a bit.
const _: () = assert!(Anomaly::ALL.len() <= u32::BITS as usize);

impl Anomalies {
    /// None.
    pub const fn new() -> Self {
        Anomalies(0)
    }
    /// Adds one.
    pub const fn insert(&mut self, anomaly: Anomaly) {
        self.0 |= 1 << anomaly as u32;
    }
    /// Whether it is there.
    pub const fn contains(self, anomaly: Anomaly) -> bool {
        self.0 & (1 << anomaly as u32) != 0
    }
    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// How many.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }
    /// One by one.
    pub fn iter(self) -> impl Iterator<Item = Anomaly> {
        Anomaly::ALL.iter().copied().filter(move |a| self.contains(*a))
    }
}

impl Extend<Anomaly> for Anomalies {
    fn extend<T: IntoIterator<Item = Anomaly>>(&mut self, anomalies: T) {
        anomalies.into_iter().for_each(|a| self.insert(a));
    }
}

impl FromIterator<Anomaly> for Anomalies {
    fn from_iter<T: IntoIterator<Item = Anomaly>>(anomalies: T) -> Self {
        let mut all = Anomalies::new();
        all.extend(anomalies);
        all
    }
}

impl<const N: usize> From<[Anomaly; N]> for Anomalies {
    fn from(anomalies: [Anomaly; N]) -> Self {
        anomalies.into_iter().collect()
    }
}

/// Compared as sets.
impl<const N: usize> PartialEq<[Anomaly; N]> for Anomalies {
    fn eq(&self, other: &[Anomaly; N]) -> bool {
        *self == Anomalies::from(*other)
    }
}

impl std::ops::BitOrAssign for Anomalies {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl fmt::Debug for Anomalies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_keeps_the_order_of_the_enum() {
        let all: Anomalies = Anomaly::ALL.iter().rev().copied().collect();
        assert!(all.iter().eq(Anomaly::ALL.iter().copied()) && all.len() == Anomaly::ALL.len());
        let mut some = Anomalies::new();
        assert!(some.is_empty());
        some.extend([Anomaly::Gap, Anomaly::Garbage, Anomaly::Gap]);
        assert_eq!(format!("{some:?}"), "{Garbage, Gap}");
        assert!(some.contains(Anomaly::Gap) && !some.contains(Anomaly::BadHost));
    }
}
