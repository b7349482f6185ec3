//! HTTP/1 over whole flows: cases by family, and properties over any segmentation, damage and loss.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod flows;
mod framing;
mod heads;
mod pairing;
mod properties;
mod recorder;
mod recovery;
