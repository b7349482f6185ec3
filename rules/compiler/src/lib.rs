//! Rule packs and their compiler: what to look for, as data, and the machinery that looks for it.
//!
//! A pack (TOML) defines data types and signals, each with examples and counter-examples. The compiler sorts patterns by itself: those that
//! carry a literal go to Hyperscan, those that are lengths and classes of letters and digits to a class-run pass over a
//! map of byte classes, names of fields to tables. Whatever is found is verified behind that: an anchored expression, a validator, the
//! name of the field, the words before it.
//!
//! ```
//! use std::sync::Arc;
//! use weir_rules::{Context, Matcher, RuleSet, Scope, What};
//!
//! let rules = Arc::new(RuleSet::builtin()?);
//! let mut matcher = Matcher::new(Arc::clone(&rules))?;
//! let text = r#"{"idCard":"11010519491231002X"}"#.as_bytes();
//! let mut found = Vec::new();
//! matcher.scan(text, Scope { data: true, ..Scope::default() }, &mut found);
//! let value = found.iter().find_map(|c| match c.what {
//!     What::Value { data_type, .. } => Some((data_type, c.start as usize..c.end as usize)),
//!     _ => None,
//! });
//! let (data_type, range) = value.ok_or("nothing found")?;
//! let context = Context { key: Some("idCard"), ..Context::default() };
//! let judged = rules.judge(data_type, &text[range], &context).ok_or("refused")?;
//! assert_eq!((&*rules.catalogue().data_types[data_type.0 as usize].id, judged.confidence), ("cn_id18", 99));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod candidate;
mod check;
mod compile;
mod exact;
mod explain;
mod judge;
mod keys;
mod map;
mod mask;
mod matcher;
mod name;
mod name_table;
mod pack;
mod password;
mod ruleset;
mod show;
mod validate;

pub use candidate::{
    Candidate, Context, Judgement, KeyMatch, MAX_VALUE, ResponseOrRequest, Scope, Strength, What,
};
pub use check::Problem;
pub use compile::{CacheUse, Composite};
pub use exact::ExactTable;
pub use explain::{Explanation, NameSays, Refusal, ValueSays};
pub use keys::Name;
pub use map::{BLOCK, Block, ByteMap};
pub use matcher::{Matcher, MatcherError};
pub use name::FoldedName;
pub use name_table::NameTable;
pub use pack::PackError;
pub use ruleset::RuleSet;
pub use show::{PackInfo, RuleKind, RuleSheet};
