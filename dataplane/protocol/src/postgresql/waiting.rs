//! What a client asked for and the server has not answered.

use super::message::{Cursor, MAX, Message};
use super::rows::{Formats, is_binary, readable};
use crate::calls::json_string;
use std::collections::{BTreeMap, VecDeque};
use weir_wire::Timestamp;

/// Bytes that may wait.
const MAX_HELD: usize = 2 << 20;
/// Prepared statements, and portals, remembered.
const MAX_NAMED: usize = 256;
/// Bytes remembered of a prepared statement.
const MAX_TEXT: usize = 4096;

/// A message that is answered.
pub(super) enum Asked {
    /// A simple query: its text, and rows copied in.
    Query(Vec<u8>),
    /// A statement to be prepared, by name.
    Parse(Vec<u8>),
    /// Something that is told in one message: a portal made or closed.
    Step,
    /// The description of a statement, by name.
    Describe(Vec<u8>),
    /// A statement to be run: its text with the values bound to it, its name, the formats of its columns.
    Execute(Vec<u8>, Vec<u8>, Formats),
    /// The end of a group: all is well again behind it.
    Sync,
}

impl Asked {
    fn bytes(&self) -> usize {
        const ITSELF: usize = 128;
        ITSELF
            + match self {
                Asked::Query(text) | Asked::Parse(text) | Asked::Describe(text) => text.len(),
                Asked::Execute(text, name, formats) => {
                    text.len() + name.len() + formats.as_ref().map_or(0, |f| 2 * f.len())
                }
                Asked::Step | Asked::Sync => 0,
            }
    }
    /// The text of a statement that is run.
    pub(super) fn text(&self) -> Option<&[u8]> {
        match self {
            Asked::Query(text) | Asked::Execute(text, ..) => Some(text),
            _ => None,
        }
    }
    /// Whether `ReadyForQuery` answers it.
    pub(super) fn ends_group(&self) -> bool {
        matches!(self, Asked::Query(_) | Asked::Sync)
    }
}

/// A statement with values bound to it.
#[derive(Default)]
struct Portal {
    text: Vec<u8>,
    statement: Vec<u8>,
    formats: Vec<u16>,
}

/// What waits, in order, with what names stand for on the client's side.
#[derive(Default)]
pub(super) struct Queue {
    waiting: VecDeque<(Asked, Timestamp)>,
    held: usize,
    statements: BTreeMap<Vec<u8>, Vec<u8>>,
    portals: BTreeMap<Vec<u8>, Portal>,
}

/// More waits than is kept.
pub(super) struct Overflow;

impl Queue {
    /// Takes a message of the client.
    pub(super) fn add(&mut self, m: &Message, time: Timestamp) -> Result<(), Overflow> {
        let mut c = Cursor(&m.rest);
        let asked = match m.kind {
            b'Q' => Asked::Query(c.text().unwrap_or(&m.rest).to_vec()),
            b'P' => {
                let name = named(c.text());
                let text = c.text().unwrap_or_default();
                keep(&mut self.statements, name.clone(), text[..text.len().min(MAX_TEXT)].to_vec());
                Asked::Parse(name)
            }
            b'B' => {
                self.bind(&mut c);
                Asked::Step
            }
            b'D' => match c.bytes(1) {
                Some(b"P") => {
                    let name = named(c.text());
                    Asked::Describe(self.portals.get(&name).map(|p| p.statement.clone()).unwrap_or_default())
                }
                _ => Asked::Describe(named(c.text())),
            },
            b'E' => {
                let portal = self.portals.get(&named(c.text()));
                let text = |p: &Portal| (p.text.clone(), p.statement.clone(), Some(p.formats.clone()));
                let (text, statement, formats) = portal.map(text).unwrap_or_default();
                Asked::Execute(text, statement, formats)
            }
            b'C' => {
                match c.bytes(1) {
                    Some(b"S") => drop(self.statements.remove(&named(c.text()))),
                    _ => drop(self.portals.remove(&named(c.text()))),
                }
                Asked::Step
            }
            b'S' | b'F' => Asked::Sync,
            b'd' => {
                self.copy(&m.rest);
                return Ok(());
            }
            _ => return Ok(()),
        };
        if self.held + asked.bytes() > MAX_HELD && !self.waiting.is_empty() {
            return Err(Overflow);
        }
        self.held += asked.bytes();
        self.waiting.push_back((asked, time));
        Ok(())
    }

    /// `Bind`: the readable values are told behind the text.
    fn bind(&mut self, c: &mut Cursor<'_>) {
        let (name, statement) = (named(c.text()), named(c.text()));
        let mut portal = Portal {
            text: self.statements.get(&statement).cloned().unwrap_or_default(),
            statement,
            formats: Vec::new(),
        };
        if let Some(formats) = c.shorts() {
            let values = c.short().unwrap_or(0);
            for i in 0..usize::from(values) {
                let Some(value) = c.value() else { break };
                let text = value.filter(|v| !is_binary(&formats, i) || readable(v));
                portal.text.extend_from_slice(if i == 0 { b"\n[" } else { b"," });
                match text {
                    Some(text) => json_string(&mut portal.text, text),
                    None => portal.text.extend_from_slice(b"null"),
                }
            }
            if values > 0 {
                portal.text.push(b']');
            }
            portal.formats = c.shorts().unwrap_or_default();
        }
        let held: usize = self.portals.values().map(|p| p.text.len()).sum();
        if held + portal.text.len() <= MAX_HELD || name.is_empty() {
            keep(&mut self.portals, name, portal);
        }
    }

    /// Rows that the client copies in belong to the statement that waits longest.
    fn copy(&mut self, rows: &[u8]) {
        if let Some((Asked::Query(text) | Asked::Execute(text, ..), _)) = self.waiting.front_mut() {
            let before = text.len();
            if !text.ends_with(b"\n") {
                text.push(b'\n');
            }
            let room = MAX.saturating_sub(text.len()).min(rows.len());
            text.extend_from_slice(&rows[..room]);
            self.held += text.len() - before;
        }
    }

    /// What waits longest.
    pub(super) fn front(&self) -> Option<&Asked> {
        self.waiting.front().map(|(asked, _)| asked)
    }
    /// The text of the statement that waits longest, and when it was asked for.
    pub(super) fn statement(&self) -> Option<(&[u8], Timestamp)> {
        let (asked, time) = self.waiting.front()?;
        Some((asked.text()?, *time))
    }
    /// What waits longest, taken off, and when it was asked for.
    pub(super) fn next(&mut self) -> Option<(Asked, Timestamp)> {
        let (asked, time) = self.waiting.pop_front()?;
        self.held = self.held.saturating_sub(asked.bytes());
        Some((asked, time))
    }
    /// How many `ReadyForQuery` answer what waits.
    pub(super) fn groups(&self) -> u64 {
        self.waiting.iter().filter(|(a, _)| a.ends_group()).count() as u64
    }
}

fn named(name: Option<&[u8]>) -> Vec<u8> {
    let name = name.unwrap_or_default();
    name[..name.len().min(64)].to_vec()
}

fn keep<V>(map: &mut BTreeMap<Vec<u8>, V>, name: Vec<u8>, value: V) {
    if map.len() < MAX_NAMED || map.contains_key(&name) {
        map.insert(name, value);
    }
}
