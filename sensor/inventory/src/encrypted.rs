//! Encrypted services and those that are not read, by address, protocol and name.

use crate::names::Names;
use std::collections::BTreeMap;
use weir_exchange::{Connection, Kind, Text};
use weir_model::EncryptedService;
use weir_wire::Endpoint;

/// Services kept: one that is called with ever new names cannot crowd the memory.
const SERVICES: usize = 4_096;

/// The services, in order of their first connection.
#[derive(Default, Debug)]
pub(crate) struct Encrypted {
    pub list: Vec<EncryptedService>,
    index: BTreeMap<(Endpoint, Kind, Text), usize>,
    /// Connections that found no room.
    pub overflow: u64,
}

impl Encrypted {
    /// Takes one connection; which service it is of, by position.
    pub fn add(&mut self, c: &Connection, names: &Names) -> Option<usize> {
        let key = (c.flow.server, c.kind(), c.server_name());
        let at = match self.index.get(&key) {
            Some(at) => *at,
            None if self.list.len() >= SERVICES => {
                self.overflow += 1;
                return None;
            }
            None => {
                self.index.insert(key, self.list.len());
                self.list.push(EncryptedService::new(c));
                self.list.len() - 1
            }
        };
        let service = self.list.get_mut(at)?;
        service.add(c);
        names.give(c.flow.server.ip, &mut service.looked_up);
        Some(at)
    }
}
