//! Bare Hyperscan over the literals of rules, as anybody would build it.

use hyperscan::{BlockDatabase, Builder, Pattern, PatternFlags, Patterns, Scratch};
use weir_rules::RuleSet;

/// A database with its scratch space.
pub struct Bare(BlockDatabase, Scratch);

impl Bare {
    /// Of every literal of `rules`.
    pub fn new(rules: &RuleSet) -> Bare {
        let patterns = rules
            .literals()
            .into_iter()
            .map(|(text, caseless)| {
                let expression: String = text.iter().map(|b| format!("\\x{b:02x}")).collect();
                let flags = if caseless { PatternFlags::CASELESS } else { PatternFlags::empty() };
                Pattern::with_flags(expression, flags).unwrap()
            })
            .collect();
        let database: BlockDatabase = Patterns(patterns).build().unwrap();
        let scratch = database.alloc_scratch().unwrap();
        Bare(database, scratch)
    }
    /// How many literals stand in a text.
    pub fn hits(&self, text: &[u8]) -> u64 {
        let mut hits = 0;
        let _ = self.0.scan(text, &self.1, |_: u32, _: u64, _: u64, _: u32| {
            hits += 1;
            hyperscan::Matching::Continue
        });
        hits
    }
}
