//! Result sets: columns and rows to JSON.

use super::packet::Cursor;
use crate::calls::json_string;

/// Most columns that are read.
pub(super) const MAX_COLUMNS: usize = 4096;

/// A column: its name and type.
pub(super) struct Column {
    name: Vec<u8>,
    kind: u8,
}

impl Column {
    /// Of its definition (`Protocol::ColumnDefinition41`).
    pub(super) fn read(payload: &[u8]) -> Option<Column> {
        let mut c = Cursor(payload);
        for _ in 0..4 {
            c.text()?;
        }
        let name = c.text()?;
        let name = name[..name.len().min(64)].to_vec();
        c.text()?;
        // MariaDB puts extended types here where they were asked for: the fixed part is then behind another text.
        let fixed = if c.0.first() == Some(&12) { c.0 } else { c.text().map(|_| c.0)? };
        let kind = *fixed.get(7)?;
        Some(Column { name, kind })
    }
}

/// A row as a JSON object; `binary` as prepared statements give it. As much as can be read.
pub(super) fn row(columns: &[Column], payload: &[u8], binary: bool) -> Vec<u8> {
    let mut out = b"{".to_vec();
    let mut c = Cursor(payload);
    let nulls = if binary {
        c.bytes(1);
        c.bytes((columns.len() + 9) / 8).unwrap_or_default()
    } else {
        &[]
    };
    for (i, column) in columns.iter().enumerate() {
        let null = nulls.get((i + 2) / 8).is_some_and(|b| b >> ((i + 2) % 8) & 1 == 1);
        if i > 0 {
            out.push(b',');
        }
        json_string(&mut out, &column.name);
        out.push(b':');
        let value = match (null, binary) {
            (true, _) => None,
            (false, true) => value(&mut c, column.kind),
            (false, false) => c.text().map(<[u8]>::to_vec),
        };
        match value {
            Some(text) => json_string(&mut out, &text),
            None => out.extend_from_slice(b"null"),
        }
    }
    out.push(b'}');
    out
}

/// A binary value as text.
fn value(c: &mut Cursor<'_>, kind: u8) -> Option<Vec<u8>> {
    let number = |n: u64| n.to_string().into_bytes();
    Some(match kind {
        0x01 => number(c.number(1)?),
        0x02 | 0x0d => number(c.number(2)?),
        0x03 | 0x09 => number(c.number(4)?),
        0x08 => number(c.number(8)?),
        0x04 => f32::from_bits(u32::try_from(c.number(4)?).ok()?).to_string().into_bytes(),
        0x05 => f64::from_bits(c.number(8)?).to_string().into_bytes(),
        0x07 | 0x0a | 0x0c => {
            let n = usize::try_from(c.number(1)?).ok()?;
            let mut d = Cursor(c.bytes(n)?);
            let (year, month, day) = (d.number(2)?, d.number(1)?, d.number(1)?);
            format!("{year:04}-{month:02}-{day:02}").into_bytes()
        }
        0x0b => {
            let n = usize::try_from(c.number(1)?).ok()?;
            c.bytes(n)?;
            Vec::new()
        }
        _ => c.text()?.to_vec(),
    })
}
