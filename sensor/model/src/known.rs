//! What is known when an observation is judged.

use crate::{Account, AccountId, Caller, CallerId, EncryptedService, Interface, InterfaceId, Site, SiteId};

/// A read-only view of the directories; already includes the observation being judged.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Sites by [`SiteId`].
    pub sites: &'a [Site],
    /// Interfaces by [`InterfaceId`]; those merged into others stay, unused.
    pub interfaces: &'a [Interface],
    /// Callers by [`CallerId`].
    pub callers: &'a [Caller],
    /// Accounts by [`AccountId`].
    pub accounts: &'a [Account],
    /// Encrypted services, in order of first sight.
    pub encrypted: &'a [EncryptedService],
}

impl<'a> Known<'a> {
    /// The interface of an id.
    pub fn interface(&self, id: InterfaceId) -> Option<&'a Interface> {
        self.interfaces.get(id.index())
    }
    /// The site of an id.
    pub fn site(&self, id: SiteId) -> Option<&'a Site> {
        self.sites.get(id.index())
    }
    /// The caller of an id.
    pub fn caller(&self, id: CallerId) -> Option<&'a Caller> {
        self.callers.get(id.index())
    }
    /// The account of an id.
    pub fn account(&self, id: AccountId) -> Option<&'a Account> {
        self.accounts.get(id.index())
    }
}
