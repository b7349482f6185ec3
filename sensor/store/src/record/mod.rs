//! The records: what stands in the JSON Lines, field by field.
//!
//! Fields may be added freely; none is renamed or removed without a new [`VERSION`]. Times are RFC 3339 in UTC with nanoseconds.
//! No record holds a sensitive value in clear, and none a fingerprint: those depend on the directory's key, and the same capture
//! gives the same records everywhere.

mod account;
mod caller;
mod encrypted;
mod exchange;
mod incident;
mod interface;
mod ledger;
mod leg;
mod life;
mod place;
mod registration;
mod risk;
mod risk_source;
mod schema;

pub use account::{AccountRecord, PersonRecord};
pub use caller::{ForwardedRecord, IdentityRecord, ThroughRecord};
pub use encrypted::{CertificateRecord, EncryptedRecord};
pub use exchange::{BodyRecord, DataRecord, EndpointRecord, ExchangeRecord};
pub use incident::{DutyRecord, IncidentDataRecord, IncidentRecord};
pub use interface::{
    AuthenticationRecord, CallersRecord, ColumnRecord, InterfaceDataRecord, InterfaceRecord, SubjectsRecord,
};
pub use ledger::{LedgerAccount, LedgerRecord};
pub use leg::{LegRecord, UpstreamRecord};
pub use life::{ChangeRecord, LifeRecord, ProposalRecord};
pub use place::{CallersPlaceRecord, DatabaseRecord, PlaceRecord, ServerRecord, ZoneRecord};
pub use registration::{ExcessRecord, RegistrationRecord};
pub use risk::{RiskCause, RiskRecord};
pub use risk_source::{EvidenceRecord, RiskSourceRecord, SourceDataRecord};
pub use schema::{FieldRecord, SchemaRecord};

pub use risk_source::stable_id;

use crate::Results;
use serde::{Deserialize, Serialize};
use weir_model::{InterfaceId, SiteId, Summary};

/// Version of the records: `"v":1` in each.
pub const VERSION: u32 = 1;

/// A text in both languages.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct Bilingual {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Bilingual {
    /// From its two texts.
    pub fn new(zh: &str, en: &str) -> Self {
        Bilingual { zh: zh.into(), en: en.into() }
    }
}

impl From<&Summary> for Bilingual {
    fn from(s: &Summary) -> Self {
        Bilingual { zh: s.zh.clone(), en: s.en.clone() }
    }
}

impl Results<'_> {
    /// Host of a site; empty for an id of another run.
    pub(crate) fn host(&self, id: SiteId) -> String {
        self.known.site(id).map(|s| s.host.to_string()).unwrap_or_default()
    }
    /// Stable id of an interface.
    pub(crate) fn interface_key(&self, id: Option<InterfaceId>) -> Option<String> {
        id.and_then(|id| self.interface(id)).map(|i| i.key.to_string())
    }
}

/// A time as records hold it, or a date alone (its end) or with a time of day; `None` for what is none.
pub fn read_time(text: &str) -> Option<weir_wire::Timestamp> {
    let whole = match text.len() {
        10 => format!("{text}T23:59:59.999999999Z"),
        19 => format!("{text}.000000000Z"),
        20 => format!("{}.000000000Z", text.strip_suffix('Z')?),
        _ => text.to_string(),
    };
    Some(nanos(&whole)).filter(|n| *n > 0).map(weir_wire::Timestamp::from_nanos)
}

/// Nanoseconds since the epoch of a time as records hold it (`2026-01-02T03:04:05.000000006Z`); 0 for what is none.
pub(crate) fn nanos(time: &str) -> u64 {
    let part = |from: usize, to: usize| time.get(from..to).and_then(|t| t.parse::<u64>().ok());
    let read = || {
        let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
        let (hour, minute, second) = (part(11, 13)?, part(14, 16)?, part(17, 19)?);
        // Days from the civil date (Howard Hinnant, "chrono-compatible low-level date algorithms"), for years from 1970.
        let year = if month <= 2 { year.checked_sub(1)? } else { year };
        let (era, yoe) = (year / 400, year % 400);
        let doy = (153 * ((month + 9) % 12) + 2) / 5 + day.checked_sub(1)?;
        let days = (era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy).checked_sub(719_468)?;
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second;
        seconds.checked_mul(1_000_000_000)?.checked_add(part(20, 29)?)
    };
    read().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_wire::Timestamp;

    #[test]
    fn times_are_read_back() {
        for t in [0, 1, 951_782_400_000_000_000, 1_709_210_096_000_000_007, 4_102_444_799_123_456_789] {
            assert_eq!(nanos(&Timestamp::from_nanos(t).to_string()), t);
        }
        for bad in ["", "2026", "2026-00-00T00:00:00.000000000Z", "none of these is any time at all"] {
            let _ = nanos(bad);
        }
        assert_eq!(nanos("soon"), 0);
        let read = |t: &str| read_time(t).map(|t| t.to_string());
        assert_eq!(read("2026-03-04").as_deref(), Some("2026-03-04T23:59:59.999999999Z"));
        assert_eq!(read("2026-03-04T05:06:07Z").as_deref(), Some("2026-03-04T05:06:07.000000000Z"));
        assert_eq!(read("yesterday"), None);
    }
}
