//! Dense indices.

use serde::{Deserialize, Serialize};

macro_rules! index {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub struct $name(pub u32);
        impl $name {
            /// As a position in a table.
            pub const fn index(self) -> usize { self.0 as usize }
        }
    )+};
}

index! {
    /// A site (站点): one provider's host and port.
    SiteId;
    /// An interface (数据接口).
    InterfaceId;
    /// A caller (调用方): a client address.
    CallerId;
    /// An account (账号) of a site.
    AccountId;
}
