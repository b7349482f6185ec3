//! The summary on the terminal.

use crate::coverage::sentence;
use crate::facts::{FORMS, Facts};
use crate::words::{bytes, counted, form, level, moment, number, severity};
use crate::{Language, ReportInput};
use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, Table};
use std::fmt::Write;
use weir_model::{RiskSource, Severity};

/// Data types and findings shown.
const SHOWN: usize = 8;
/// Longest text from the wire in a cell, in characters.
const LONGEST: usize = 70;
/// Longest sentence.
const SENTENCE: usize = 240;

/// How the summary looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    /// Whether to colour (ANSI).
    pub color: bool,
    /// Columns of the terminal; tables wrap to it, at least 60.
    pub width: u16,
}

/// The summary of a run: what was read, what it covers, interfaces, data, risk sources, top findings, where the report lies.
///
/// Text from the wire loses control characters, so that it cannot command the terminal.
pub fn summary(input: &ReportInput<'_>, language: Language, style: Style) -> String {
    let facts = Facts::new(input);
    let mut s = Summary { input, facts, language, style, out: String::new() };
    s.read();
    s.interfaces();
    s.data();
    s.sources();
    s.risks();
    s.incidents();
    s.places();
    s.out
}

struct Summary<'a> {
    input: &'a ReportInput<'a>,
    facts: Facts<'a>,
    language: Language,
    style: Style,
    out: String,
}

/// Without control characters and characters that turn the direction of writing; cut in the middle where longer than `limit`.
fn plain(text: &str, limit: usize) -> String {
    let strange = |c: char| {
        let turns = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
        c.is_control() || turns
    };
    let clean: String = text.chars().map(|c| if strange(c) { '\u{fffd}' } else { c }).collect();
    crate::html::clip(&clean, limit)
}

const fn colour(s: Severity) -> Color {
    match s {
        Severity::Critical | Severity::High => Color::Red,
        Severity::Medium => Color::Yellow,
        Severity::Low => Color::Blue,
        Severity::Info => Color::DarkGrey,
    }
}

impl Summary<'_> {
    fn pick<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        self.language.pick(zh, en)
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// A paragraph, indented and wrapped at the width.
    fn wrapped(&mut self, text: &str) {
        let mut table = self.table();
        table.add_row([text]);
        if let Some(column) = table.column_mut(0) {
            column.set_padding((2, 0));
        }
        self.put(&table);
    }

    fn heading(&mut self, zh: &str, en: &str, rest: &str) {
        let title = self.pick(zh, en);
        let (on, off) = if self.style.color { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        // Writing to a string does not fail.
        let _ = match rest {
            "" => writeln!(self.out, "\n{on}{title}{off}"),
            _ => writeln!(self.out, "\n{on}{title}{off}  {rest}"),
        };
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_preset(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(self.style.width.max(60));
        if self.style.color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table
    }

    fn put(&mut self, table: &Table) {
        let text = table.trim_fmt();
        self.line(&text);
    }

    fn severity_cell(&self, s: Severity) -> Cell {
        let (zh, en) = severity(s);
        let cell = Cell::new(self.pick(zh, en));
        if self.style.color { cell.fg(colour(s)) } else { cell }
    }

    fn read(&mut self) {
        let (t, received) = (&self.input.tally, self.input.ledger.received);
        let sites = self.input.known.sites.len();
        let text = self.language.pick(
            format!(
                "{} 帧（{}），{} 次接口调用，{sites} 个站点",
                number(received.count),
                bytes(received.bytes),
                number(t.exchanges)
            ),
            format!(
                "{} ({}), {}, {}",
                counted(received.count, "frame"),
                bytes(received.bytes),
                counted(t.exchanges, "exchange"),
                counted(sites as u64, "site")
            ),
        );
        self.heading("读取", "Read", &text);
        if let Some((from, to)) = t.span {
            self.line(&format!("  {} — {} UTC", moment(from), moment(to)));
        }
        if t.further_legs > 0 {
            let text = self.language.pick(
                format!("另有 {} 次是同一调用在代理之后的链路段，不重复计数", number(t.further_legs)),
                format!(
                    "and {} of calls seen before and after a proxy, which count once",
                    counted(t.further_legs, "further leg")
                ),
            );
            self.wrapped(&text);
        }
        let (zh, en) = sentence(self.input);
        let coverage = self.language.pick(zh, en);
        self.wrapped(&coverage);
        for fault in self.input.faults.iter().take(SHOWN) {
            let said = plain(self.pick(&fault.zh, &fault.en), SENTENCE);
            let mark = self.pick("注意：", "Note: ");
            self.wrapped(&format!("{mark}{said}"));
        }
        if let Some(left) = self.input.faults.len().checked_sub(SHOWN).filter(|n| *n > 0) {
            let text =
                self.language.pick(format!("另有 {left} 条注意事项"), format!("and {left} more notes"));
            self.wrapped(&text);
        }
    }

    fn interfaces(&mut self) {
        let f = &self.facts;
        let (active, sensitive, open, noise) = (f.interfaces.len(), f.sensitive, f.open, f.noise);
        let (callers, accounts) = (self.input.known.callers.len(), self.input.known.accounts.len());
        let text = self.language.pick(
            format!("活跃 {active}，涉 3 级以上数据 {sensitive}，其中无凭据可访问 {open}；噪声路径 {noise}；调用方 {callers}，账号 {accounts}"),
            format!("{active} active, {sensitive} with data of grade 3 or above, {open} of those open without a credential; {}; {}, {}",
                counted(noise as u64, "noise path"), counted(callers as u64, "caller"), counted(accounts as u64, "account")),
        );
        self.heading("接口", "Interfaces", "");
        self.wrapped(&text);
    }

    fn data(&mut self) {
        let (all, clear) = (self.facts.values(), self.facts.plain());
        let text = self.language.pick(
            format!("{} 个值，其中明文 {}", number(all), number(clear)),
            format!("{}, {} in clear", counted(all, "value"), number(clear)),
        );
        self.heading("敏感数据", "Data", &text);
        if self.facts.types.is_empty() {
            return;
        }
        let mut table = self.table();
        let header = [("类型", "type"), ("级别", "grade"), ("接口", "APIs")];
        let header = header
            .iter()
            .map(|(zh, en)| self.pick(zh, en))
            .chain(FORMS.map(|f| self.pick(form(f).0, form(f).1)));
        table.set_header(header.collect::<Vec<_>>());
        for t in self.facts.types.iter().take(SHOWN) {
            let d = self.input.catalogue.data_type(t.id);
            let name = d.map_or("?", |d| self.pick(&d.zh, &d.en));
            let mut row = vec![Cell::new(name), Cell::new(t.level), Cell::new(t.interfaces.len())];
            row.extend(t.forms.map(|n| Cell::new(if n == 0 { "·".to_string() } else { number(n) })));
            for cell in &mut row[1..] {
                *cell = cell.clone().set_alignment(CellAlignment::Right);
            }
            table.add_row(row);
        }
        self.put(&table);
        self.more(self.facts.types.len(), "interfaces.jsonl");
    }

    fn more(&mut self, all: usize, file: &str) {
        if let Some(left) = all.checked_sub(SHOWN).filter(|n| *n > 0) {
            let text = self
                .language
                .pick(format!("  另有 {left} 项，见 {file}"), format!("  and {left} more, see {file}"));
            self.line(&text);
        }
    }

    fn sources(&mut self) {
        let told = Severity::ALL.iter().rev().map(|s| {
            let (zh, en) = severity(*s);
            format!("{} {}", self.pick(zh, en), self.facts.severity(*s))
        });
        let text = told.collect::<Vec<_>>().join("  ");
        self.heading("风险源", "Risk sources", &text);
        if self.facts.sources.is_empty() {
            return;
        }
        let mut table = self.table();
        for s in self.facts.sources.iter().take(SHOWN) {
            let name = self.input.card(s.key.id).map_or("", |c| self.pick(c.zh, c.en));
            let summary = plain(self.pick(&s.summary.zh, &s.summary.en), SENTENCE);
            let cells = [s.key.id.to_string(), format!("{name}  {}\n{summary}", self.place(s))];
            let [id, text] = cells.map(Cell::new);
            table.add_row([id, self.severity_cell(s.severity), text]);
        }
        self.put(&table);
        self.more(self.facts.sources.len(), "risk-sources.jsonl");
    }

    fn place(&self, s: &RiskSource) -> String {
        let host = self.input.known.site(s.key.site).map_or("", |s| &*s.host);
        let mut text = match s.key.interface.and_then(|id| self.input.interface(id)) {
            Some(i) => plain(&format!("{} {host}{}", i.method, i.template), LONGEST),
            None => plain(host, LONGEST),
        };
        if let Some(c) = s.key.caller.and_then(|id| self.input.known.caller(id)) {
            let _ = write!(text, " ← {}", c.ip);
        }
        if let Some(a) = &s.key.account {
            let _ = write!(text, " ({})", plain(a, LONGEST));
        }
        text
    }

    fn risks(&mut self) {
        let Some((_, worst)) = self.facts.risks.first() else { return };
        let (zh, en) = level(worst.level);
        let count = self.facts.risks.len();
        let text =
            self.language.pick(format!("{count} 项，最高等级 {zh}"), format!("{count}, highest level {en}"));
        self.heading("风险", "Risks", &text);
    }

    fn incidents(&mut self) {
        let Some(worst) = self.input.incidents.first() else { return };
        let (count, level) = (self.input.incidents.len(), worst.level);
        let text = self.language.pick(
            format!("疑似 {count} 起，最高级别 {}", level.zh()),
            format!("{count} suspected, highest level {}", level.en()),
        );
        self.heading("事件", "Incidents", &text);
    }

    fn places(&mut self) {
        let report = self.input.directory.join("report.html").display().to_string();
        let text =
            if self.input.reported { &*report } else { self.pick("未能写出", "could not be written") };
        self.heading("报告", "Report", text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_the_wire_commands_nothing() {
        assert_eq!(plain("a\x1b[2Jb\u{202e}c\n", 60), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}");
        assert_eq!(plain(&"x".repeat(500), LONGEST).chars().count(), LONGEST);
    }
}
