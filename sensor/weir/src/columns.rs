//! Columns of tables that people hand in: CSV as RFC 4180 has it, or separated by `;` or tabs.

/// The values of a column below its header; the names there are, where there is none of that name.
pub fn column(text: &str, name: &str) -> Result<Vec<String>, Vec<String>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().next().unwrap_or("");
    let count = |c: char| first.matches(c).count();
    let separator = [',', ';', '\t'].into_iter().max_by_key(|c| (count(*c), *c == ',')).unwrap_or(',');
    let mut rows = Rows { rest: text, separator };
    let header = rows.next().unwrap_or_default();
    let Some(at) = header.iter().position(|h| h.trim() == name) else { return Err(header) };
    Ok(rows.filter_map(|mut row| (at < row.len()).then(|| row.swap_remove(at))).collect())
}

/// The rows of a table.
struct Rows<'a> {
    rest: &'a str,
    separator: char,
}

impl Iterator for Rows<'_> {
    type Item = Vec<String>;

    fn next(&mut self) -> Option<Vec<String>> {
        if self.rest.is_empty() {
            return None;
        }
        let (mut row, mut cell, mut quoted) = (Vec::new(), String::new(), false);
        let mut all = self.rest.char_indices().peekable();
        let mut end = self.rest.len();
        while let Some((at, c)) = all.next() {
            match c {
                '"' if quoted && all.next_if(|(_, c)| *c == '"').is_some() => cell.push('"'),
                '"' if quoted || cell.is_empty() => quoted = !quoted,
                '\n' if !quoted => {
                    end = at + 1;
                    break;
                }
                '\r' if !quoted => {}
                c if c == self.separator && !quoted => row.push(std::mem::take(&mut cell)),
                c => cell.push(c),
            }
        }
        row.push(cell);
        self.rest = &self.rest[end..];
        Some(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_quoted_cells_and_other_separators() {
        let values = |text: &str, name: &str| column(text, name).unwrap_or_default();
        assert_eq!(values("a,b\n1,\"x,\"\"y\"\"\nz\"\n2,w\n", "b"), ["x,\"y\"\nz", "w"]);
        assert_eq!(values("\u{feff}no;name\r\n1;张三\r\n\r\n2;李四", "name"), ["张三", "李四"]);
        assert_eq!(values("no\tname\n1\tx", "no"), ["1"]);
        assert_eq!(column("a,b\n1,2", "c"), Err(vec!["a".into(), "b".into()]));
        assert!(column("", "c").is_err());
    }
}
