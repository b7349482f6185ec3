//! The records: what stands in the JSON Lines, field by field.
//!
//! Fields may be added freely; none is renamed or removed without a new [`VERSION`]. Times are RFC 3339 in UTC with nanoseconds.
//! No record holds a sensitive value in clear, and none a fingerprint: those depend on the directory's key, and the same capture
//! gives the same records everywhere.

mod account;
mod exchange;
mod interface;
mod ledger;
mod risk;
mod risk_source;

pub use account::AccountRecord;
pub use exchange::{BodyRecord, DataRecord, EndpointRecord, ExchangeRecord};
pub use interface::{AuthenticationRecord, CallersRecord, InterfaceDataRecord, InterfaceRecord};
pub use ledger::{LedgerAccount, LedgerRecord};
pub use risk::{RiskCause, RiskRecord};
pub use risk_source::{EvidenceRecord, RiskSourceRecord};

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
