//! Why a value is, or is not, of a type: the judgement taken apart.

use crate::judge::{Key, has_word, judge, key_says, trimmed, verdict, word_of};
use crate::pack::Stands;
use crate::validate::Verdict;
use crate::{Context, Judgement, MAX_VALUE, Name, RuleSet};
use weir_exchange::DataTypeId;

/// What the name of the field says of the type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NameSays {
    /// There is none, or it says nothing.
    Nothing,
    /// It promises the type.
    Promises,
    /// It promises the type, but is used for other things too.
    Suggests,
    /// It speaks against the type.
    Refuses,
}

/// What patterns and validator say of the value alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ValueSays {
    /// Not of the type.
    No,
    /// It looks like one.
    Plausible,
    /// Check digits or structure say so.
    Verified,
}

/// Why a value is not of a type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// The name of the field speaks against it.
    Name,
    /// The validator, or the pattern where there is none, refuses it.
    Value,
    /// It is plausible, but neither the field's name nor a word before it bears it out.
    Unsupported,
    /// It is one of the values that say nothing, or a mask of another type.
    Meaningless,
}

/// A judgement taken apart. What each step adds to the confidence sums up to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// What patterns and validator say.
    pub value: ValueSays,
    /// Name of the validator, where the type has one.
    pub validator: Option<Box<str>>,
    /// What the name says.
    pub name: NameSays,
    /// The word before the value that speaks for the type.
    pub word: Option<Box<str>>,
    /// What the value alone, the word before it and the name of its field add to the confidence.
    pub adds: [i16; 3],
    /// The judgement, or why there is none.
    pub outcome: Result<Judgement, Refusal>,
}

impl RuleSet {
    /// Takes apart what [`judge`](Self::judge) says; `None` for a type that these rules do not have.
    pub fn explain(&self, ty: DataTypeId, value: &[u8], context: &Context<'_>) -> Option<Explanation> {
        let rule = self.types.get(usize::from(ty.0))?;
        let name = context.key.map_or(Name::NONE, |k| self.name(k));
        let promises = self.keys.promises(&name);
        let bare = Context { key: None, path: context.path, before: b"", after: context.after };
        let beside = Context { key: None, ..*context };
        let alone = judge(rule, ty.0, value, &bare, &Name::NONE, &[]);
        let with_word = judge(rule, ty.0, value, &beside, &Name::NONE, &[]);
        let whole = judge(rule, ty.0, value, context, &name, promises);
        let points = |j: &Option<Judgement>| j.as_ref().map_or(0, |j| i16::from(j.confidence));
        let (a, b, c) = (points(&alone), points(&with_word), points(&whole));
        let says = key_says(rule, ty.0, &name, promises);
        let word = has_word(rule, context);
        let named = matches!(says, Key::Promises | Key::Suggests);
        let text = &value[trimmed(value)];
        let found = verdict(rule, &text[..text.len().min(MAX_VALUE)], named || word);
        let refusal = match (says, found) {
            (Key::Refuses, _) => Refusal::Name,
            _ if rule.not_values.iter().any(|v| text.eq_ignore_ascii_case(v)) => Refusal::Meaningless,
            (_, Verdict::No) => Refusal::Value,
            (Key::Silent, _) if rule.stands != Stands::Alone || found == Verdict::Plausible => {
                Refusal::Unsupported
            }
            _ => Refusal::Meaningless,
        };
        let placed = self.packs.data_types.get(usize::from(ty.0));
        Some(Explanation {
            value: match found {
                Verdict::No => ValueSays::No,
                Verdict::Plausible => ValueSays::Plausible,
                Verdict::Verified => ValueSays::Verified,
            },
            validator: placed.and_then(|p| p.stanza.validator.as_deref()).map(Into::into),
            name: match says {
                Key::Promises => NameSays::Promises,
                Key::Suggests => NameSays::Suggests,
                Key::Silent => NameSays::Nothing,
                Key::Refuses => NameSays::Refuses,
            },
            word: word_of(rule, context).map(|w| String::from_utf8_lossy(w).into()),
            adds: [a, b - a, c - b],
            outcome: whole.ok_or(refusal),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn explain(ty: &str, value: &str, key: Option<&str>, before: &str) -> Explanation {
        let rules = RuleSet::builtin().unwrap();
        let id = rules.catalogue().find(ty).unwrap();
        let context = Context { key, before: before.as_bytes(), ..Context::default() };
        let e = rules.explain(id, value.as_bytes(), &context).unwrap();
        assert_eq!(e.outcome.as_ref().ok(), rules.judge(id, value.as_bytes(), &context).as_ref());
        let sum: i16 = e.adds.iter().sum();
        assert_eq!(sum, e.outcome.as_ref().map_or(0, |j| i16::from(j.confidence)));
        e
    }

    #[test]
    fn takes_judgements_apart() {
        let card = "6222021001116245702";
        assert_eq!(explain("cn_bankcard", card, None, "").adds, [90, 0, 0]);
        assert_eq!(explain("cn_bankcard", card, Some("cardNo"), "").adds, [90, 0, 9]);
        let worded = explain("cn_bankcard", card, None, "银行卡");
        assert_eq!((worded.adds, worded.word.as_deref()), ([90, 5, 0], Some("银行卡")));
        let order = explain("cn_bankcard", card, Some("orderNo"), "");
        assert_eq!((order.name, order.outcome), (NameSays::Refuses, Err(Refusal::Name)));
        let wrong = explain("cn_bankcard", "6222021001116245701", Some("cardNo"), "");
        assert_eq!((wrong.value, wrong.outcome), (ValueSays::No, Err(Refusal::Value)));
        assert_eq!(wrong.validator.as_deref(), Some("bank-card"));
    }
}
