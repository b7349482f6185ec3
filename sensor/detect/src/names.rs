//! What the names of parameters say: worked out once a name list, not once a request.

use crate::table::Table;
use crate::{identifiers, payload, sources, target};
use weir_exchange::{Param, ParamName, ParamPlace, Params, SharedList};

/// Name lists remembered. Requests of one shape share a list, so that there are few; what more come are worked out anew.
const LISTS: usize = 4_096;

/// What a parameter's name says (参数名的含义): a set of bits.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Meaning(u8);

impl Meaning {
    /// It carries a one-time code.
    pub(crate) const CODE: Meaning = Meaning(1);
    /// It may carry one.
    pub(crate) const PERHAPS_CODE: Meaning = Meaning(1 << 1);
    /// It says how many records a page has.
    pub(crate) const PAGE_SIZE: Meaning = Meaning(1 << 2);
    /// It sets a property that no user should set.
    pub(crate) const PROTECTED: Meaning = Meaning(1 << 3);
    /// It takes SQL as its normal value.
    pub(crate) const SQL: Meaning = Meaning(1 << 4);
    /// Its numbers name objects.
    pub(crate) const IDENTIFIER: Meaning = Meaning(1 << 5);
    /// It is an operator of a query language where a name or a password is asked for.
    pub(crate) const OPERATOR: Meaning = Meaning(1 << 6);

    /// Of a parameter.
    fn of(place: ParamPlace, name: &str) -> Meaning {
        let plain = target::plain_name(name);
        let body = place == ParamPlace::Body;
        [
            (Meaning::CODE, sources::ONE_TIME_CODES.contains(&&*plain)),
            (Meaning::PERHAPS_CODE, sources::PERHAPS_ONE_TIME_CODES.contains(&&*plain)),
            (Meaning::PAGE_SIZE, sources::PAGE_SIZES.contains(&&*plain)),
            (Meaning::PROTECTED, body && sources::PROTECTED_PROPERTIES.contains(&&*plain)),
            (Meaning::SQL, payload::TAKES_SQL.contains(&&*plain)),
            (Meaning::IDENTIFIER, identifiers::fits(place, &plain)),
            (Meaning::OPERATOR, body && payload::is_operator(name)),
        ]
        .iter()
        .filter(|(_, says)| *says)
        .fold(Meaning::default(), |all, (meaning, _)| Meaning(all.0 | meaning.0))
    }

    /// Of every name, in their order.
    pub fn all(names: &[ParamName]) -> Box<[Meaning]> {
        names.iter().map(|n| Meaning::of(n.place, &n.name)).collect()
    }

    /// Whether it says all that `other` says.
    pub(crate) const fn has(self, other: Meaning) -> bool {
        self.0 & other.0 == other.0
    }
}

/// What the names of lists say, remembered while a list is in use.
pub(crate) struct Meanings {
    /// By the list's place in memory, which is its own as long as the list beside it lives.
    lists: Table<usize, (SharedList<ParamName>, Box<[Meaning]>)>,
}

impl Meanings {
    pub fn new() -> Self {
        Meanings { lists: Table::new(LISTS) }
    }

    /// What each parameter's name says.
    pub fn of(&mut self, params: &Params) -> &[Meaning] {
        if params.is_empty() {
            return &[];
        }
        let names = params.names();
        let made = || (names.clone(), Meaning::all(names));
        let (_, said) = self.lists.entry(&names.as_ptr().addr(), made);
        said
    }
}

/// Parameters with what their names say.
pub(crate) fn pairs<'a>(
    params: &'a Params,
    said: &'a [Meaning],
) -> impl Iterator<Item = (Meaning, Param<'a>)> + Clone {
    said.iter().copied().zip(params.iter())
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_exchange::ParamValue;

    fn said(place: ParamPlace, name: &str) -> Meaning {
        Meaning::of(place, name)
    }

    #[test]
    fn names_say_what_they_are_for() {
        use ParamPlace::{Body, Query};
        assert!(said(Query, "smsCode").has(Meaning::CODE) && !said(Query, "zip_code").has(Meaning::CODE));
        assert!(said(Body, "data.token").has(Meaning::PERHAPS_CODE));
        assert!(said(Query, "page_size").has(Meaning::PAGE_SIZE));
        assert!(
            said(Body, "user.is_admin").has(Meaning::PROTECTED)
                && !said(Query, "role").has(Meaning::PROTECTED)
        );
        assert!(
            said(Body, "password.$ne").has(Meaning::OPERATOR)
                && !said(Body, "price.$ne").has(Meaning::OPERATOR)
        );
        assert!(
            said(Query, "customer").has(Meaning::IDENTIFIER)
                && !said(Body, "customer").has(Meaning::IDENTIFIER)
        );
        assert_eq!(said(Body, "remark"), Meaning::default());
    }

    #[test]
    fn a_list_is_worked_out_once() {
        let mut meanings = Meanings::new();
        let mut params = Params::default();
        assert_eq!(meanings.of(&params), &[]);
        params.push(ParamPlace::Query, "otp", ParamValue::Integer(1));
        let shared = params.clone();
        let first = meanings.of(&params).as_ptr();
        assert_eq!(meanings.of(&shared).as_ptr(), first);
        params.push(ParamPlace::Body, "role", ParamValue::Empty);
        assert_eq!(
            pairs(&params, meanings.of(&params)).filter(|(m, _)| m.has(Meaning::PROTECTED)).count(),
            1
        );
    }
}
