//! HTTP/2 over whole flows: cases by family, and properties over any segmentation, damage and loss.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cases;
mod hostile;
mod midway;
mod peer;
mod properties;
#[path = "../http1/recorder.rs"]
mod recorder;
