//! Finding the next record behind a gap: by its header, and by the number of those lost, tried until it opens.

use crate::cipher::Opener;
use crate::record::{ContentType, HEADER, RecordHeader};

/// Records that may be lost in one gap: each costs one try on what may be the next.
const MOST_LOST: u64 = 64;
/// Tries a gap, on whatever looks like a record.
const MOST_TRIES: u32 = 1024;
/// Bytes looked through behind a gap.
const MOST_BYTES: u64 = 1 << 20;

/// What is missing.
pub(crate) struct Lost {
    /// Bytes of the wire since the end of the last whole record.
    pub(crate) span: u64,
    /// Bytes still to pass over, where the end of the broken record is known.
    skip: u64,
    tries: u32,
    looked: u64,
}

/// What a search came to.
pub(crate) enum Sought {
    /// A record that opens begins at this index; its number, what it is, and its length on the wire. The text in clear is in the buffer.
    Found { at: usize, number: u64, content: ContentType, wire: usize, second: bool },
    /// Nothing yet: bytes before this index need not be kept.
    More(usize),
    /// Not within bounds.
    Never,
}

impl Lost {
    pub(crate) fn new(span: u64, skip: u64) -> Self {
        Lost { span, skip, tries: 0, looked: 0 }
    }
    /// More is missing before the next record was found.
    pub(crate) fn again(&mut self, span: u64) {
        self.span += span;
        self.skip = 0;
    }

    /// Looks through `bytes`. `openers` are the one in use and, from number 0 on, the one that may have followed.
    pub(crate) fn seek(
        &mut self,
        bytes: &[u8],
        openers: [Option<&mut Opener>; 2],
        out: &mut Vec<u8>,
    ) -> Sought {
        let mut at = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
        self.skip -= at as u64;
        let mut openers = openers;
        while let Some(step) = bytes.get(at..).and_then(memchr23) {
            at += step;
            let rest = &bytes[at..];
            if rest.len() < HEADER {
                break;
            }
            let Some(header) = RecordHeader::read(rest) else {
                at += 1;
                continue;
            };
            let wire = HEADER + header.len;
            let Some(record) = rest.get(..wire) else { break };
            for (second, opener) in openers.iter_mut().enumerate() {
                let Some(opener) = opener else { continue };
                for number in opener.sequence..opener.sequence + MOST_LOST {
                    self.tries += 1;
                    if let Some(content) = opener.open_at(number, &record[..HEADER], &record[HEADER..], out) {
                        return Sought::Found { at, number, content, wire, second: second == 1 };
                    }
                }
            }
            if self.tries > MOST_TRIES {
                return Sought::Never;
            }
            at += 1;
        }
        if bytes.get(at..).and_then(memchr23).is_none() {
            at = bytes.len();
        }
        self.looked += at as u64;
        if self.looked > MOST_BYTES { Sought::Never } else { Sought::More(at) }
    }
}

/// Where the next byte is that may begin a record of application data.
fn memchr23(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|b| *b == 23)
}
