//! Candidates told one by one, with what speaks for and against each: for `weir scan --explain` alone.

use super::walk::{Walk, around, behind, label};
use super::{Considered, FoundBy};
use crate::structure::{Field, readable};
use std::ops::Range;
use weir_exchange::DataTypeId;
use weir_rules::{Context, What};

/// Text around a name in running text, in bytes.
const AROUND: usize = 24;

impl Walk<'_, '_> {
    /// Tells of everything that [`judge`](Walk::judge) is about to weigh in a field.
    pub(super) fn consider(&mut self, path: &str, field: &Field<'_>, number: u32) {
        let (rules, text, span) = (self.finder.rules, self.text, field.span.clone());
        let promised: Vec<DataTypeId> = match field.key {
            Some(_) if field.scalar && field.whole && !span.is_empty() => {
                let known = self.finder.known.field(number, rules);
                rules.types_of(&known.name).iter().map(|m| m.data_type).collect()
            }
            _ => Vec::new(),
        };
        for data_type in promised {
            let context = Context { key: field.key, path, before: b"", after: b"" };
            self.tell(data_type, FoundBy::Name, span.clone(), &context);
        }
        let found = self.found;
        let inside =
            found[self.next.min(found.len())..].iter().take_while(|c| (c.start as usize) < field.commit);
        for c in inside {
            let at = c.start as usize..c.end as usize;
            if at.end > span.end || (field.glued && at.start == span.start) {
                continue;
            }
            match c.what {
                What::Value { data_type, .. } | What::Refused { data_type } => {
                    let (before, after) = around(text, &span, &at);
                    let key = field.key.or_else(|| label(before));
                    self.tell(data_type, FoundBy::Pattern, at, &Context { key, path, before, after });
                }
                What::Key { data_type } => {
                    let Some(value) = behind(text, at.end, span.end) else { continue };
                    let before = &text[at.start.saturating_sub(AROUND)..value.start];
                    let key = Some(readable(&text[at])).filter(|k| !k.is_empty());
                    self.tell(
                        data_type,
                        FoundBy::NameInText,
                        value,
                        &Context { key, path, before, after: b"" },
                    );
                }
                What::Signal(_) => {}
            }
        }
    }
    fn tell(&mut self, data_type: DataTypeId, by: FoundBy, at: Range<usize>, context: &Context<'_>) {
        let Some(explanation) = self.finder.rules.explain(data_type, &self.text[at.clone()], context) else {
            return;
        };
        let value = String::from_utf8_lossy(&self.text[at.clone()]);
        self.out.consider(Considered {
            data_type,
            by,
            path: context.path,
            key: context.key,
            value: &value,
            raw: self.origin.raw(at),
            explanation,
        });
    }
}
