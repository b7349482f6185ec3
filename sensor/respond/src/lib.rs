//! What to do about findings (预警与处置; GB/T 46796-2025, 9.1 and 9.2).
//!
//! ```text
//! records of a data directory --+--> measures   what to change, with parameters: measures.jsonl
//! decisions of people ----------+--> cases      same cause, one case; its state; whether the fix shows: cases.jsonl
//!                               '--> precision  verdicts of people by rule
//! ```
//! Everything here is a function of the records and the decisions: nothing is kept besides, nothing reads a clock. The time that tells
//! whether a decision has run out is that of the newest packet the records know.

mod cases;
mod measures;
mod overrule;
mod precision;
mod standing;

pub use cases::{CaseRecord, Directory, cases, covered};
pub use measures::{MeasureRecord, measures};
pub use overrule::{overrule_incidents, overrule_risks};
pub use precision::{Precision, precision, wilson};
pub use standing::{Checked, Standing, State};

use std::path::Path;
use weir_store::{Data, Decisions, StoreError, write_lines};

/// Name of the file of measures.
pub const MEASURES: &str = "measures.jsonl";
/// Name of the file of cases.
pub const CASES: &str = "cases.jsonl";

/// Writes `measures.jsonl` and `cases.jsonl` of a data directory, from its records and decisions.
///
/// # Errors
/// Where records or decisions cannot be read or a file cannot be written.
pub fn write(dir: &Path) -> Result<(), StoreError> {
    let (data, decisions) = (Data::open(dir)?, Decisions::read(dir)?);
    let directory = Directory::read(&data, &decisions)?;
    let measures = measures(&directory.sources, &directory.interfaces, &directory.incidents);
    write_lines(&dir.join(MEASURES), "measures", &measures)?;
    write_lines(&dir.join(CASES), "cases", &cases(&directory)?)
}
