//! Statements: what they do and to which tables; no literal leaves here.

use crate::calls::segment;

/// Bytes of a statement that are looked through.
const MAX: usize = 64 * 1024;
/// Most tables named in a target.
const MAX_TABLES: usize = 8;

/// Whose rules of quoting hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dialect {
    /// Names in backticks; texts in either quote, with escapes by backslash.
    Mysql,
    /// Names in double quotes; texts in single ones, with escapes where an `E` stands before, and between dollars.
    Postgresql,
}

/// What a statement does, and to which tables in order.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Statement {
    pub(crate) method: Vec<u8>,
    tables: Vec<Vec<u8>>,
}

impl Statement {
    /// Of its text.
    pub(crate) fn read(text: &[u8], dialect: Dialect) -> Self {
        let mut words = Words(&text[..text.len().min(MAX)], dialect);
        let mut method = Vec::new();
        let mut tables: Vec<Vec<u8>> = Vec::new();
        let mut due = false;
        while let Some(word) = words.next() {
            let upper = word.to_ascii_uppercase();
            if method.is_empty() {
                method =
                    if upper.iter().all(u8::is_ascii_alphabetic) { upper.clone() } else { b"QUERY".to_vec() };
                due = matches!(&upper[..], b"UPDATE" | b"DESC" | b"DESCRIBE" | b"TRUNCATE" | b"CALL");
                continue;
            }
            match &upper[..] {
                b"FROM" | b"JOIN" | b"INTO" | b"TABLE" => due = true,
                b"IF" | b"NOT" | b"EXISTS" | b"LOW_PRIORITY" | b"IGNORE" | b"ONLY" | b"LATERAL" => {}
                b"SELECT" | b"(" => due = false,
                _ if due && (word[0].is_ascii_alphabetic() || word[0] == b'_' || word[0] >= 0x80) => {
                    if tables.len() < MAX_TABLES && !tables.contains(&word) {
                        tables.push(word);
                    }
                    due = words.comma();
                }
                _ => {}
            }
        }
        method.truncate(16);
        if method.is_empty() {
            method = b"QUERY".to_vec();
        }
        Statement { method, tables }
    }

    /// `/database/table,table`.
    pub(crate) fn target(&self, database: &[u8]) -> Vec<u8> {
        let mut out = b"/".to_vec();
        segment(&mut out, database);
        for (i, table) in self.tables.iter().enumerate() {
            out.push(if i > 0 { b',' } else { b'/' });
            segment(&mut out, table);
        }
        if out.starts_with(b"//") {
            out.remove(0);
        }
        out
    }
}

/// Words of a statement: names, keywords, `(`. Literals, numbers, comments and other signs are left out.
struct Words<'a>(&'a [u8], Dialect);

impl Words<'_> {
    fn skip(&mut self, n: usize) {
        self.0 = &self.0[n.min(self.0.len())..];
    }
    /// Passes a text in quotes; `escapes`: a backslash takes the next sign with it.
    fn quoted(&mut self, escapes: bool) -> Vec<u8> {
        let quote = self.0[0];
        let mut at = 1;
        while at < self.0.len() && self.0[at] != quote {
            at += if self.0[at] == b'\\' && escapes { 2 } else { 1 };
        }
        let inside = self.0.get(1..at.min(self.0.len())).unwrap_or_default().to_vec();
        self.skip(at + 1);
        inside
    }
    /// Passes a comma between tables, if one is next.
    fn comma(&mut self) -> bool {
        let blank = self.0.iter().take_while(|b| b.is_ascii_whitespace()).count();
        let comma = self.0.get(blank) == Some(&b',');
        if comma {
            self.skip(blank + 1);
        }
        comma
    }
    /// Passes a name in quotes, with those that points join to it.
    fn quoted_name(&mut self, quote: u8) -> Vec<u8> {
        let mut name = self.quoted(false);
        while self.0.starts_with(&[b'.', quote]) {
            self.skip(1);
            name.push(b'.');
            name.extend(self.quoted(false));
        }
        name
    }
    /// Passes a text between dollars (`$$...$$`, `$tag$...$tag$`), or the one dollar that begins none.
    fn dollars(&mut self) {
        let of_tag = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80;
        let n = 1 + self.0[1..].iter().take_while(|b| of_tag(b)).count();
        if self.0.get(n) != Some(&b'$') || self.0[1].is_ascii_digit() {
            return self.skip(1);
        }
        let (tag, text) = self.0.split_at(n + 1);
        let end = memchr::memmem::find(text, tag).map_or(text.len(), |e| e + tag.len());
        self.skip(tag.len() + end);
    }
    fn name(&mut self) -> Vec<u8> {
        let of_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'.') || *b >= 0x80;
        let n = self.0.iter().take_while(|b| of_name(b)).count();
        let name = self.0[..n].to_vec();
        self.skip(n);
        name
    }
}

impl Iterator for Words<'_> {
    type Item = Vec<u8>;
    fn next(&mut self) -> Option<Vec<u8>> {
        let postgresql = self.1 == Dialect::Postgresql;
        loop {
            match self.0 {
                [] => return None,
                [b'e' | b'E', b'\'', ..] if postgresql => {
                    self.skip(1);
                    self.quoted(true);
                }
                [b'\'', ..] => drop(self.quoted(!postgresql)),
                [b'"', ..] if !postgresql => drop(self.quoted(true)),
                [quote @ (b'`' | b'"'), ..] => {
                    let name = self.quoted_name(*quote);
                    if !name.is_empty() {
                        return Some(name);
                    }
                }
                [b'$', ..] if postgresql => self.dollars(),
                [b'#', ..] if postgresql => self.skip(1),
                [b'-', b'-', ..] | [b'#', ..] => {
                    let n = self.0.iter().position(|b| *b == b'\n').unwrap_or(self.0.len());
                    self.skip(n);
                }
                [b'/', b'*', rest @ ..] => {
                    let n = rest.windows(2).position(|w| w == b"*/").map_or(self.0.len(), |n| n + 4);
                    self.skip(n);
                }
                [b'(', ..] => {
                    self.skip(1);
                    return Some(b"(".to_vec());
                }
                [b'0'..=b'9', ..] => drop(self.name()),
                [b, ..] if b.is_ascii_alphabetic() || *b == b'_' || *b >= 0x80 => return Some(self.name()),
                _ => self.skip(1),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_and_where_without_literals() {
        for (sql, method, target) in [
            ("select * from customer where name='a from b'", "SELECT", "/crm/customer"),
            ("/* x */ SELECT a.b FROM `t one` a JOIN other.t2 ON 1=1", "SELECT", "/crm/t%20one,other.t2"),
            ("insert into c(id) values(1,'table secret')", "INSERT", "/crm/c"),
            ("UPDATE c SET a=1", "UPDATE", "/crm/c"),
            ("delete from a, b where x in (select 1 from z)", "DELETE", "/crm/a,b,z"),
            ("create table if not exists c(id int)", "CREATE", "/crm/c"),
            ("SET NAMES utf8", "SET", "/crm"),
            ("select * from (select 1) t", "SELECT", "/crm"),
            ("(select 1)", "QUERY", "/crm"),
            ("'", "QUERY", "/crm"),
        ] {
            let s = Statement::read(sql.as_bytes(), Dialect::Mysql);
            assert_eq!(
                (&s.method[..], &s.target(b"crm")[..]),
                (method.as_bytes(), target.as_bytes()),
                "{sql}"
            );
        }
    }

    #[test]
    fn quotes_of_postgresql() {
        for (sql, target) in [
            (
                "select * from \"Person\".\"t one\" where a = 'C:\\' and b in (select 1 from c)",
                "/crm/Person.t%20one,c",
            ),
            ("select E'it\\' from secret', 1 from t", "/crm/t"),
            ("select $x$ from secret $y$ from more $x$, $1 from t", "/crm/t"),
            ("select a #> '{b}' from t", "/crm/t"),
            ("select 1 from $$secret", "/crm"),
        ] {
            let s = Statement::read(sql.as_bytes(), Dialect::Postgresql);
            assert_eq!(String::from_utf8_lossy(&s.target(b"crm")), target, "{sql}");
        }
    }
}
