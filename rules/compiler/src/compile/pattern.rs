//! Patterns: where each goes, and what verifies it.

use super::seams::seams_of;
use super::shape::{ByteSet, Shape, set_of, shapes_of};
use crate::pack::FullPattern;
use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Hir, HirKind};

/// Shortest literal that may lead a pattern into Hyperscan: shorter ones hit too often.
const MIN_LEAD: usize = 3;
/// Most leads of one pattern.
const MAX_LEADS: usize = 128;

/// Shortest literal that several may be made one.
const MIN_SHARED: usize = 7;

/// How a pattern is found.
#[derive(Debug)]
pub(crate) enum Found {
    /// By literals that it begins with; Hyperscan finds them.
    Leads(Vec<Vec<u8>>),
    /// By a literal inside it, at most so many bytes behind its beginning; a literal of one byte is found by `memchr`, others by Hyperscan.
    Anchor(Vec<u8>, usize),
    /// By beginnings in Chinese that a capital letter follows.
    Seams(Vec<Vec<u8>>),
    /// By the class-run pass.
    Shapes(Vec<Shape>),
}

/// A pattern, compiled.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub found: Found,
    pub caseless: bool,
    regex: Regex,
    tail: Option<ByteSet>,
}

/// What is wrong with a pattern and how to mend it.
pub(crate) type Fault = (String, &'static str);

const BYTE_MODE: &str =
    "patterns are read in byte mode: write Chinese in alternations `(?:甲|乙)`, not in classes";

impl Pattern {
    /// Compiles a pattern and decides where it goes.
    pub(crate) fn new(text: &FullPattern) -> Result<Pattern, Fault> {
        let hir = parse(&text.regex, false)?;
        let regex = regex(&text.regex, text.caseless)?;
        let tail = match &text.tail {
            None => None,
            Some(class) => match parse(class, false)?.kind() {
                HirKind::Class(c) => set_of(c),
                _ => {
                    return Err((
                        format!("tail `{class}` is not a class"),
                        "write one class of ASCII, as in '[A-Za-z0-9]'",
                    ));
                }
            },
        };
        if hir.properties().minimum_len().is_none_or(|n| n == 0) {
            return Err((
                format!("`{}` matches nothing at all", text.regex),
                "require at least one character",
            ));
        }
        let found = match &text.anchor {
            Some(anchor) if anchor.len() >= MIN_LEAD || anchor == "@" => {
                Found::Anchor(anchor.as_bytes().to_vec(), text.before)
            }
            Some(anchor) => {
                return Err((
                    format!("anchor `{anchor}` is shorter than 3 bytes"),
                    "choose a longer literal",
                ));
            }
            None => match (leads(&hir, &text.regex), shapes_of(&hir)) {
                // Digits are no literal to look for: there are too many of them.
                (Ok(leads), _) if leads.iter().all(|l| !l.iter().all(u8::is_ascii_digit)) => {
                    seams_of(&hir).filter(|_| !text.caseless).map_or(Found::Leads(leads), Found::Seams)
                }
                (_, Some(shapes)) if !text.caseless => Found::Shapes(shapes),
                (leads, _) => Found::Leads(leads?),
            },
        };
        Ok(Pattern { found, caseless: text.caseless, regex, tail })
    }

    /// The end of the match that begins at `start`, at most `limit` bytes long.
    pub(crate) fn match_from(&self, text: &[u8], start: usize, limit: usize) -> Option<usize> {
        let end = text.len().min(start.saturating_add(limit));
        let input = Input::new(text).span(start..end).anchored(Anchored::Yes);
        let end = self.regex.search(&input)?.end();
        Some(self.extend(text, end))
    }

    /// The match that covers `at..at + 1`, beginning at most `before` bytes earlier.
    pub(crate) fn match_around(
        &self,
        text: &[u8],
        at: usize,
        before: usize,
        limit: usize,
    ) -> Option<(usize, usize)> {
        let mut from = at.saturating_sub(before);
        let end = text.len().min(at.saturating_add(limit));
        loop {
            let m = self.regex.search(&Input::new(text).span(from..end))?;
            if m.start() > at {
                return None;
            }
            if m.end() > at {
                return Some((m.start(), self.extend(text, m.end())));
            }
            from = m.end().max(from + 1);
        }
    }

    /// Whether all of `value` is a match.
    pub(crate) fn is_whole(&self, value: &[u8]) -> bool {
        if let Found::Shapes(shapes) = &self.found {
            return shapes.iter().any(|s| s.match_at(value, 0) == Some(value.len()));
        }
        self.match_from(value, 0, value.len()) == Some(value.len())
    }

    fn extend(&self, text: &[u8], end: usize) -> usize {
        match &self.tail {
            None => end,
            Some(set) => end + text.get(end..).unwrap_or(&[]).iter().take_while(|b| set.has(**b)).count(),
        }
    }
}

/// A pattern that whole values are compared with.
#[derive(Debug)]
pub(crate) struct Whole(Regex);

impl Whole {
    /// Compiles it.
    pub(crate) fn new(text: &str) -> Result<Whole, Fault> {
        parse(text, false)?;
        regex(&format!("^(?:{text})$"), false).map(Whole)
    }
    /// Whether all of `value` is a match.
    pub(crate) fn is_match(&self, value: &[u8]) -> bool {
        self.0.is_match(Input::new(value).anchored(Anchored::Yes))
    }
}

fn parse(text: &str, caseless: bool) -> Result<Hir, Fault> {
    let mut parser =
        ParserBuilder::new().unicode(false).utf8(false).case_insensitive(caseless).nest_limit(40).build();
    parser
        .parse(text)
        .map_err(|e| (format!("`{text}` is not a pattern: {}", last_line(&e.to_string())), BYTE_MODE))
}

fn regex(text: &str, caseless: bool) -> Result<Regex, Fault> {
    Regex::builder()
        .syntax(syntax::Config::new().unicode(false).utf8(false).case_insensitive(caseless))
        .configure(Regex::config().utf8_empty(false).nfa_size_limit(Some(4 << 20)))
        .build(text)
        .map_err(|e| {
            (format!("`{text}` cannot be compiled: {}", last_line(&e.to_string())), "make it simpler")
        })
}

fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or("").trim().to_string()
}

/// The literals that a pattern begins with.
fn leads(hir: &Hir, text: &str) -> Result<Vec<Vec<u8>>, Fault> {
    let fix = "begin the pattern with a literal of at least 3 bytes, or name one inside it with `anchor` and `before`";
    // A wide class in front of the literal's end would multiply the literals or, refused, hide them: try both ways.
    for class in [8, 32, 64] {
        let mut extractor = Extractor::new();
        extractor.kind(ExtractKind::Prefix).limit_total(MAX_LEADS).limit_class(class).limit_literal_len(24);
        let seq = extractor.extract(hir);
        let Some(all) = seq.literals() else { continue };
        let mut leads: Vec<Vec<u8>> = all.iter().map(|l| l.as_bytes().to_vec()).collect();
        leads.sort();
        leads.dedup();
        let leads = without_variants(leads);
        if !leads.is_empty() && leads.iter().all(|l| l.len() >= MIN_LEAD) {
            return Ok(leads);
        }
    }
    Err((
        format!(
            "`{text}` has no literal to look for and is no shape of letters and digits: it would cost every byte of traffic"
        ),
        fix,
    ))
}

/// Literals that are one up to their last two bytes, as those of a name with whatever may stand behind it, become the part they share: one
/// place to look at instead of seven.
fn without_variants(leads: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut out: Vec<Vec<u8>> = Vec::with_capacity(leads.len());
    for lead in leads {
        let shared = |other: &[u8]| lead.iter().zip(other).take_while(|(a, b)| a == b).count();
        match out.last_mut() {
            Some(last) if shared(last) >= MIN_SHARED.max(lead.len().max(last.len()).saturating_sub(2)) => {
                last.truncate(shared(last));
            }
            _ => out.push(lead),
        }
    }
    out
}
