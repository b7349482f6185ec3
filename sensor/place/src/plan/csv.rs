//! A line of CSV (RFC 4180) without line breaks within cells.

/// A quote was opened and not closed in the cell of this number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Open(pub usize);

/// The cells of a line, trimmed where they are not quoted.
pub(super) fn cells(line: &str) -> Result<Vec<String>, Open> {
    let mut cells = Vec::new();
    let mut rest = line;
    loop {
        let (cell, left) = match rest.trim_start().strip_prefix('"') {
            Some(quoted) => quoted_cell(quoted).ok_or(Open(cells.len()))?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                (rest[..end].trim().to_string(), &rest[end..])
            }
        };
        cells.push(cell);
        match left.strip_prefix(',') {
            Some(next) => rest = next,
            None => return Ok(cells),
        }
    }
}

/// What stands up to the closing quote, and what is left from the next comma on.
fn quoted_cell(text: &str) -> Option<(String, &str)> {
    let mut cell = String::new();
    let mut rest = text;
    loop {
        let end = rest.find('"')?;
        cell.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(more) => {
                cell.push('"');
                rest = more;
            }
            // Only blanks may follow a closing quote.
            None => {
                let left = rest.trim_start();
                return (left.is_empty() || left.starts_with(',')).then_some((cell, left));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_may_be_quoted() {
        let of = |line: &str| cells(line).map(|c| c.join("|"));
        assert_eq!(of("a, b ,c"), Ok("a|b|c".into()));
        assert_eq!(of("\"a,b\" , \"say \"\"x\"\"\",,"), Ok("a,b|say \"x\"||".into()));
        assert_eq!(of(""), Ok("".into()));
        assert_eq!(of("a,\"b"), Err(Open(1)));
        assert_eq!(of("\"a\"b,c"), Err(Open(0)));
    }
}
