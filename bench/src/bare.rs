//! Hyperscan alone over the literals of rules, as anybody would build it.

use hyperscan::{BlockDatabase, Builder, Error, Matching, Pattern, PatternFlags, Patterns, Scratch};
use std::fmt::Write;
use weir_rules::RuleSet;

/// A database with its scratch space.
pub struct Bare(BlockDatabase, Scratch);

impl Bare {
    /// Of every literal of `rules`.
    ///
    /// # Errors
    /// What Hyperscan says where it does not compile them.
    pub fn new(rules: &RuleSet) -> Result<Bare, Error> {
        let one = |(text, caseless): (Vec<u8>, bool)| {
            let expression = text.iter().fold(String::new(), |mut out, b| {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\x{b:02x}");
                out
            });
            let flags = if caseless { PatternFlags::CASELESS } else { PatternFlags::empty() };
            Pattern::with_flags(expression, flags)
        };
        let patterns = rules.literals().into_iter().map(one).collect::<Result<_, _>>()?;
        let database: BlockDatabase = Patterns(patterns).build()?;
        let scratch = database.alloc_scratch()?;
        Ok(Bare(database, scratch))
    }
    /// How many literals stand in a text.
    pub fn hits(&self, text: &[u8]) -> u64 {
        let mut hits = 0;
        let _ = self.0.scan(text, &self.1, |_: u32, _: u64, _: u64, _: u32| {
            hits += 1;
            Matching::Continue
        });
        hits
    }
}
