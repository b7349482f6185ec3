//! Expressions too large for a table: their states are worked out as texts need them, by each thread for itself.

use super::Fault;
use regex_automata::Input;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson;
use regex_automata::util::pool::Pool;
use regex_automata::util::syntax;
use std::panic::{RefUnwindSafe, UnwindSafe};

/// Most memory of an expression's states, in bytes and for one thread; beyond it they are forgotten and worked out again.
const MAX_STATES: usize = 1 << 20;
/// Largest automaton that states are worked out from, in bytes.
const MAX_AUTOMATON: usize = 4 << 20;

type NewCache = Box<dyn Fn() -> Cache + Send + Sync + UnwindSafe + RefUnwindSafe>;

/// An expression that a match begins with.
#[derive(Debug)]
pub(super) struct Lazy {
    dfa: DFA,
    caches: Pool<Cache, NewCache>,
}

impl Lazy {
    /// Of an expression in byte mode.
    pub(super) fn new(expression: &str, caseless: bool) -> Result<Lazy, Fault> {
        let dfa = DFA::builder()
            .syntax(syntax::Config::new().unicode(false).utf8(false).case_insensitive(caseless))
            .thompson(thompson::Config::new().utf8(false).nfa_size_limit(Some(MAX_AUTOMATON)))
            .configure(DFA::config().cache_capacity(MAX_STATES).skip_cache_capacity_check(true))
            .build(expression)
            .map_err(|e| (format!("`{expression}` cannot be compiled: {e}"), "make it simpler"))?;
        let new = dfa.clone();
        Ok(Lazy { dfa, caches: Pool::new(Box::new(move || new.create_cache())) })
    }
    /// The end of the match that begins where the input does; `tried` counts the bytes that came to nothing.
    pub(super) fn end(&self, text: &[u8], input: &Input<'_>, tried: &mut usize) -> Option<usize> {
        let mut cache = self.caches.get();
        let (mut state, mut matched) = (self.dfa.start_state_forward(&mut cache, input).ok()?, None);
        for (at, byte) in (input.start()..).zip(&text[input.start()..input.end()]) {
            state = self.dfa.next_state(&mut cache, state, *byte).ok()?;
            if !state.is_tagged() {
                continue;
            }
            // A match is told one byte late.
            if state.is_match() {
                matched = Some(at);
            } else if state.is_dead() || state.is_quit() {
                *tried += at - input.start();
                return matched;
            }
        }
        let state = match text.get(input.end()) {
            Some(next) => self.dfa.next_state(&mut cache, state, *next).ok()?,
            None => self.dfa.next_eoi_state(&mut cache, state).ok()?,
        };
        if state.is_match() {
            return Some(input.end());
        }
        *tried += input.end() - input.start();
        matched
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use regex_automata::Anchored;

    #[test]
    fn matches_end_where_the_expression_does() {
        let lazy = Lazy::new("ab[a-z]{2,200}(?:!|$)|ab", true).unwrap();
        let end = |text: &str, from: usize| {
            let mut tried = 0;
            let input = Input::new(text).span(from..text.len()).anchored(Anchored::Yes);
            (lazy.end(text.as_bytes(), &input, &mut tried), tried > 0)
        };
        assert_eq!(end("xABcd!e", 1), (Some(6), true));
        assert_eq!(end("abcd", 0), (Some(4), false));
        assert_eq!(end("abc1", 0).0, Some(2));
        assert_eq!(end("xabcd", 0), (None, false));
    }
}
