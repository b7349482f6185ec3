//! What people read at the end: the summary on the terminal and `report.html`, in Chinese and English.
//!
//! Both are written from one [`ReportInput`], read no clock (the date of a report is the span of its capture) and give the same
//! bytes for the same input. `report.html` is one file that loads nothing from anywhere.

mod coverage;
mod facts;
mod html;
mod input;
mod language;
mod tally;
mod terminal;
mod whence;
mod words;

pub use html::write_html;
pub use input::{Organisation, ReportInput};
pub use language::Language;
pub use tally::{Activity, Bin, Tally};
pub use terminal::{Style, summary};
pub use whence::{Whence, whence};
