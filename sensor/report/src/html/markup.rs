//! Markup that cannot be broken out of.
//!
//! Markup comes from string literals alone ([`Html::raw`] takes `&'static str`); everything else is escaped. Text from the wire also
//! loses control characters and those that reverse the direction of writing, so that nothing reads as something it is not.

use crate::words::Both;
use std::fmt::{self, Display, Write};

/// A document being written.
#[derive(Default)]
pub(crate) struct Html {
    out: String,
}

/// A number of an SVG attribute: one decimal.
pub(crate) struct F(pub(crate) f64);

impl Display for F {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1}", self.0)
    }
}

impl Html {
    /// What was written.
    pub(crate) fn finish(self) -> String {
        self.out
    }
    /// Markup.
    pub(crate) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.out.push_str(markup);
        self
    }
    /// Escaped text.
    pub(crate) fn text(&mut self, text: impl Display) -> &mut Self {
        // Writing to a string does not fail.
        let _ = write!(Escaped(&mut self.out), "{text}");
        self
    }
    /// An opening tag with attributes.
    pub(crate) fn open(
        &mut self,
        tag: &'static str,
        attributes: &[(&'static str, &dyn Display)],
    ) -> &mut Self {
        self.raw("<").raw(tag);
        for (name, value) in attributes {
            self.raw(" ").raw(name).raw("=\"").text(value).raw("\"");
        }
        self.raw(">")
    }
    /// A closing tag.
    pub(crate) fn close(&mut self, tag: &'static str) -> &mut Self {
        self.raw("</").raw(tag).raw(">")
    }
    /// An element of text.
    pub(crate) fn element(
        &mut self,
        tag: &'static str,
        attributes: &[(&'static str, &dyn Display)],
        text: impl Display,
    ) -> &mut Self {
        self.open(tag, attributes).text(text).close(tag)
    }
    /// Text in both languages, of which the page shows one.
    pub(crate) fn both(&mut self, zh: impl Display, en: impl Display) -> &mut Self {
        self.raw("<span class=\"zh\" lang=\"zh-CN\">").text(zh).raw("</span>");
        self.raw("<span class=\"en\" lang=\"en\">").text(en).raw("</span>")
    }
    /// An element of text in both languages.
    pub(crate) fn say(&mut self, tag: &'static str, (zh, en): Both) -> &mut Self {
        self.raw("<").raw(tag).raw(">").both(zh, en).close(tag)
    }
    /// A heading row: one `<th>` a column. A column whose Chinese begins with `#` holds numbers.
    pub(crate) fn columns(&mut self, columns: &[Both]) -> &mut Self {
        self.raw("<thead><tr>");
        for (zh, en) in columns {
            let name = zh.strip_prefix('#');
            self.raw(if name.is_some() { "<th scope=\"col\" class=\"n\">" } else { "<th scope=\"col\">" });
            self.both(name.unwrap_or(zh), en).raw("</th>");
        }
        self.raw("</tr></thead>")
    }
    /// A cell of code: paths, ids, addresses.
    pub(crate) fn code_cell(&mut self, text: impl Display) -> &mut Self {
        self.raw("<td><code>").text(text).raw("</code></td>")
    }
    /// A cell with a number.
    pub(crate) fn number_cell(&mut self, n: u64) -> &mut Self {
        self.element("td", &[("class", &"n")], crate::words::number(n))
    }
    /// A badge: colour by class, and always its text.
    pub(crate) fn badge(&mut self, class: impl Display, (zh, en): Both) -> &mut Self {
        self.open("span", &[("class", &format_args!("badge {class}"))]).both(zh, en).close("span")
    }
    /// "and M more", where a list was cut.
    pub(crate) fn more(&mut self, shown: usize, all: usize, file: &'static str) -> &mut Self {
        if all <= shown {
            return self;
        }
        let left = all - shown;
        self.raw("<p class=\"more\">");
        self.both(format_args!("另有 {left} 项，见 {file}"), format_args!("and {left} more, see {file}"));
        self.raw("</p>")
    }
}

/// At most `limit` characters; what is longer loses its middle.
pub(crate) fn clip(text: &str, limit: usize) -> String {
    let count = text.chars().count();
    if count <= limit {
        return text.to_string();
    }
    let (head, tail) = (limit * 2 / 3, limit - limit * 2 / 3 - 1);
    text.chars().take(head).chain(['…']).chain(text.chars().skip(count - tail)).collect()
}

struct Escaped<'a>(&'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '\n' | '\t' => self.0.push(' '),
                // Bidirectional controls and marks, zero-width characters, line and paragraph separators.
                '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {
                    self.0.push('\u{fffd}');
                }
                c if c.is_control() => self.0.push('\u{fffd}'),
                c => self.0.push(c),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_whatever_comes() {
        let mut h = Html::default();
        let hostile = "</td><script>alert(1)</script>\" onload='x' &amp; \u{202e}gpj.exe\u{0}\n";
        h.open("td", &[("title", &hostile)]).text(hostile).both(hostile, hostile);
        let out = h.finish();
        assert!(
            !out.contains("<script")
                && !out.contains("' ")
                && !out.contains('\u{202e}')
                && !out.contains('\0')
        );
        assert_eq!(out.matches("<td").count(), 1);
        assert!(out.contains("&lt;script&gt;") && out.contains("&amp;amp;"));
    }

    #[test]
    fn clips_in_the_middle() {
        assert_eq!(clip("short", 5), "short");
        assert_eq!(clip("0123456789", 7), "0123…89");
        assert_eq!(clip("数据接口安全风险监测", 6), "数据接口…测");
    }
}
