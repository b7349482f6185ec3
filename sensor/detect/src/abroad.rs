//! Whether a call came from outside the mainland, as far as databases know.

use crate::{facts, internal};
use weir_model::{Known, Observation, Summary, place::Country};

/// Where a caller outside the mainland is.
pub(crate) struct Abroad {
    /// The country or region; `None` where an outside address belongs to none.
    pub country: Option<Country>,
    /// Its name.
    pub name: Summary,
}

/// Where a call came from, if not from the mainland or from inside; `None` too where an outside address is simply unknown to the
/// databases. An address that is nobody's (reserved, for documentation) counts: no call from the mainland comes from one.
pub(crate) fn abroad(seen: &Observation<'_>, known: &Known<'_>) -> Option<Abroad> {
    let caller = known.caller(seen.caller)?;
    if !facts::from_outside(seen, known) || internal(caller.ip) {
        return None;
    }
    match caller.place.country {
        Some(c) if c.code() == "CN" => None,
        Some(c) => {
            Some(Abroad { country: Some(c), name: Summary { zh: c.zh().to_owned(), en: c.en().to_owned() } })
        }
        None if caller.place.scope == weir_model::place::Scope::Special => {
            let name = Summary {
                zh: "不属于任何国家的保留地址".into(),
                en: "a reserved address of no country".into(),
            };
            Some(Abroad { country: None, name })
        }
        None => None,
    }
}
