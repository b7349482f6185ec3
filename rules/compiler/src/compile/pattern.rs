//! Patterns: where each goes, and what verifies it.

use super::lazy::Lazy;
use super::seams::seams_of;
use super::shape::{ByteSet, Shape, set_of, shapes_of};
use super::tables::{Table, Tables};
use crate::pack::FullPattern;
use regex_automata::dfa::Automaton;
use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Hir, HirKind};

/// Shortest literal that may lead a pattern into Hyperscan: shorter ones hit too often.
const MIN_LEAD: usize = 3;
/// Longest literal that may, in bytes.
const MAX_LEAD: usize = 24;
/// Furthest that is looked ahead of an anchor that nothing was found around, in bytes.
const MAX_AHEAD: usize = 2048;
/// Most leads of one pattern.
const MAX_LEADS: usize = 128;

/// Shortest literal that several may be made one.
const MIN_SHARED: usize = 4;

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
    verify: Verify,
    /// Bytes of its longest match, without the tail.
    longest: usize,
    tail: Option<ByteSet>,
}

/// What looking around anchors in one text has shown.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Around {
    /// No match begins before this.
    none_before: usize,
    /// How often there was none around an anchor.
    misses: usize,
}

impl Around {
    fn missed(&mut self, none_before: usize) {
        self.none_before = self.none_before.max(none_before);
        self.misses += 1;
    }
}

/// What tells where a match that begins somewhere ends.
#[derive(Debug)]
enum Verify {
    /// The literals themselves; none of them begins another.
    Literals,
    /// The shapes themselves.
    Shapes,
    /// A table with a state for each step, of a small expression.
    Table(Box<Table>),
    /// One that is too large for a table.
    Lazy(Box<Lazy>),
    /// An expression looked for around an anchor.
    Regex(Box<Regex>),
}

/// What is wrong with a pattern and how to mend it.
pub(crate) type Fault = (String, &'static str);

const BYTE_MODE: &str =
    "patterns are read in byte mode: write Chinese in alternations `(?:甲|乙)`, not in classes";

impl Pattern {
    /// Compiles a pattern and decides where it goes.
    pub(super) fn new(text: &FullPattern, tables: &mut Tables) -> Result<Pattern, Fault> {
        let hir = parse(&text.regex, false)?;
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
        let verify = verify_of(&hir, &found, text, tables)?;
        let longest = hir.properties().maximum_len().unwrap_or(usize::MAX);
        Ok(Pattern { found, caseless: text.caseless, verify, longest, tail })
    }

    /// The end of the match that begins at `start`, at most `limit` bytes long; `tried` counts the bytes that came to nothing.
    pub(crate) fn match_from(
        &self,
        text: &[u8],
        start: usize,
        limit: usize,
        tried: &mut usize,
    ) -> Option<usize> {
        let end = text.len().min(start.saturating_add(limit));
        let input = Input::new(text).span(start..end).anchored(Anchored::Yes);
        let end = match &self.verify {
            Verify::Literals => self.literal_at(&text[start..end]).map(|n| start + n)?,
            Verify::Shapes => self.shapes().find_map(|s| s.match_at(&text[..end], start))?,
            Verify::Table(table) => walk(table, text, &input, tried)?,
            Verify::Lazy(lazy) => lazy.end(text, &input, tried)?,
            Verify::Regex(regex) => regex.search_half(&input)?.offset(),
        };
        Some(self.extend(text, end))
    }

    /// The match that covers `at..at + 1`, beginning at most `before` bytes earlier. `known` is what earlier calls on this text left.
    pub(crate) fn match_around(
        &self,
        text: &[u8],
        at: usize,
        before: usize,
        limit: usize,
        known: &mut Around,
    ) -> Option<(usize, usize)> {
        let Verify::Regex(regex) = &self.verify else { return None };
        let mut from = at.saturating_sub(before).max(known.none_before);
        // The more often nothing was found, the further is looked ahead at once, so that hits close together do not cost as much each.
        let longest = self.longest.min(limit);
        let ahead = known.misses.saturating_mul(longest).min(MAX_AHEAD);
        let end = text.len().min(at.saturating_add(longest).saturating_add(ahead));
        while from <= at {
            let Some(m) = regex.search(&Input::new(text).span(from..end)) else {
                known.missed(if end == text.len() { end } else { end - longest });
                return None;
            };
            if m.start() > at {
                known.missed(m.start());
                return None;
            }
            if m.end() > at {
                return Some((m.start(), self.extend(text, m.end())));
            }
            from = m.end().max(from + 1);
        }
        None
    }

    /// Whether all of `value` is a match.
    pub(crate) fn is_whole(&self, value: &[u8]) -> bool {
        if let Verify::Shapes = self.verify {
            return self.shapes().any(|s| s.match_at(value, 0) == Some(value.len()));
        }
        self.match_from(value, 0, value.len(), &mut 0) == Some(value.len())
    }

    fn shapes(&self) -> impl Iterator<Item = &Shape> {
        let shapes: &[Shape] = if let Found::Shapes(shapes) = &self.found { shapes } else { &[] };
        shapes.iter()
    }
    /// Length of the literal that `text` begins with.
    fn literal_at(&self, text: &[u8]) -> Option<usize> {
        let Found::Leads(leads) = &self.found else { return None };
        let begins = |lead: &&Vec<u8>| {
            let here = text.get(..lead.len());
            here.is_some_and(
                |h| if self.caseless { h.eq_ignore_ascii_case(lead) } else { h == lead.as_slice() },
            )
        };
        leads.iter().find(begins).map(Vec::len)
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
        // Worked out as far as texts need it: all of it at once takes a load as long as everything else.
        .configure(Regex::config().utf8_empty(false).nfa_size_limit(Some(4 << 20)).dfa(false).onepass(false))
        .build(text)
        .map_err(|e| {
            (format!("`{text}` cannot be compiled: {}", last_line(&e.to_string())), "make it simpler")
        })
}

fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or("").trim().to_string()
}

/// The end of the match that begins where the input does.
fn walk(table: &Table, text: &[u8], input: &Input<'_>, tried: &mut usize) -> Option<usize> {
    let (mut state, mut matched) = (table.start_state_forward(input).ok()?, None);
    for (at, byte) in (input.start()..).zip(&text[input.start()..input.end()]) {
        state = table.next_state(state, *byte);
        if !table.is_special_state(state) {
            continue;
        }
        // A match is told one byte late.
        if table.is_match_state(state) {
            matched = Some(at);
        } else if table.is_dead_state(state) {
            *tried += at - input.start();
            return matched;
        }
    }
    state = match text.get(input.end()) {
        Some(next) => table.next_state(state, *next),
        None => table.next_eoi_state(state),
    };
    if table.is_match_state(state) {
        return Some(input.end());
    }
    *tried += input.end() - input.start();
    matched
}

/// What verifies a pattern: the cheapest there is.
fn verify_of(hir: &Hir, found: &Found, text: &FullPattern, tables: &mut Tables) -> Result<Verify, Fault> {
    let leads = match found {
        Found::Leads(leads) | Found::Seams(leads) => leads,
        Found::Anchor(..) => return Ok(Verify::Regex(Box::new(regex(&text.regex, text.caseless)?))),
        Found::Shapes(_) => return Ok(Verify::Shapes),
    };
    let exact = Extractor::new().limit_total(MAX_LEADS).limit_literal_len(MAX_LEAD).extract(hir);
    let all = exact
        .literals()
        .filter(|all| all.iter().all(|l| l.is_exact() && leads.iter().any(|x| x == l.as_bytes())));
    let apart = |a: &Vec<u8>| leads.iter().all(|b| a == b || !b.starts_with(a));
    if all.is_some() && hir.properties().look_set().is_empty() && leads.iter().all(apart) {
        return Ok(Verify::Literals);
    }
    match tables.of(&text.regex, text.caseless) {
        Some(table) => Ok(Verify::Table(Box::new(table))),
        None => Ok(Verify::Lazy(Box::new(Lazy::new(&text.regex, text.caseless)?))),
    }
}

/// The literals that a pattern begins with.
fn leads(hir: &Hir, text: &str) -> Result<Vec<Vec<u8>>, Fault> {
    let fix = "begin the pattern with a literal of at least 3 bytes, or name one inside it with `anchor` and `before`";
    // A wide class in front of the literal's end would multiply the literals or, refused, hide them: try both ways.
    for class in [8, 32, 64] {
        let mut extractor = Extractor::new();
        extractor
            .kind(ExtractKind::Prefix)
            .limit_total(MAX_LEADS)
            .limit_class(class)
            .limit_literal_len(MAX_LEAD);
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
