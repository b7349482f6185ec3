//! Rule packs and their compiler: Hyperscan for literals, a class-run pass for numbers, validators.

mod candidate;
mod matcher;
mod pack;
mod ruleset;

pub use candidate::{
    Candidate, Context, Judgement, KeyMatch, MAX_VALUE, ResponseOrRequest, Scope, Strength, What,
};
pub use matcher::{Matcher, MatcherError};
pub use pack::PackError;
pub use ruleset::RuleSet;
