//! The lines of `exchanges.jsonl` that are about an account or an interface.

use crate::failure::Failure;
use serde::Deserialize;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use weir_store::record::read_time;
use weir_wire::Timestamp;

/// Lines kept at most.
const KEPT: usize = 1_000_000;

/// A datum, as in records.
#[derive(Deserialize, Debug)]
pub struct Datum {
    #[serde(rename = "type")]
    pub data_type: String,
    pub form: String,
    #[serde(rename = "where")]
    pub direction: String,
    pub part: String,
    pub path: String,
    pub count: u64,
    pub level: u8,
}

impl Datum {
    /// Whether it stands in clear in the body of the response.
    pub fn given_out(&self) -> bool {
        self.direction == "response" && self.part == "body" && matches!(&*self.form, "plain" | "encoded")
    }
}

/// What a line has of it. Other fields are passed over.
#[derive(Deserialize, Debug)]
struct Record {
    time: String,
    status: Option<u16>,
    target: Option<String>,
    interface: Option<String>,
    account: Option<String>,
    caller: String,
    #[serde(default)]
    data: Vec<Datum>,
    #[serde(default)]
    subjects: u64,
}

/// An exchange.
#[derive(Debug)]
pub struct Line {
    pub time: Timestamp,
    pub status: Option<u16>,
    pub target: String,
    pub interface: String,
    pub account: Option<String>,
    pub caller: String,
    pub data: Vec<Datum>,
    /// Persons whose data it holds in clear.
    pub subjects: u64,
}

/// Lines that are about somebody.
pub struct Lines {
    /// In order.
    pub of_subject: Vec<Line>,
    /// Whether there were more.
    pub cut: bool,
}

/// Reads those of an account or of an interface.
pub fn read(dir: &Path, account: Option<&str>, interface: Option<&str>) -> Result<Lines, Failure> {
    let path = dir.join("exchanges.jsonl");
    let shown = path.display();
    let unreadable = |e: &std::io::Error| {
        Failure::new(format!("无法读取 {shown}：{e}"), format!("cannot read {shown}: {e}"))
    };
    let file = File::open(&path).map_err(|e| unreadable(&e))?;
    let (mut of_subject, mut cut) = (Vec::new(), false);
    for (n, line) in BufReader::new(file).lines().enumerate() {
        let line = line.map_err(|e| unreadable(&e))?;
        // Most lines are about others, and reading them as JSON takes longest.
        if account.or(interface).is_some_and(|s| !line.contains(s)) && line.is_ascii() {
            continue;
        }
        let broken = |e: &serde_json::Error| {
            let at = n + 1;
            Failure::new(
                format!("{shown} 第 {at} 行不是记录：{e}"),
                format!("line {at} of {shown} is no record: {e}"),
            )
        };
        let r: Record = serde_json::from_str(&line).map_err(|e| broken(&e))?;
        let fits =
            |of: &Option<String>, wanted: Option<&str>| wanted.is_none_or(|w| of.as_deref() == Some(w));
        let (Some(time), true) =
            (read_time(&r.time), fits(&r.account, account) && fits(&r.interface, interface))
        else {
            continue;
        };
        if of_subject.len() >= KEPT {
            cut = true;
            break;
        }
        of_subject.push(Line {
            time,
            status: r.status,
            target: r.target.unwrap_or_default(),
            interface: r.interface.unwrap_or_default(),
            account: r.account,
            caller: r.caller,
            data: r.data,
            subjects: r.subjects,
        });
    }
    of_subject.sort_by_key(|l| l.time);
    Ok(Lines { of_subject, cut })
}
