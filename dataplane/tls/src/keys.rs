//! The owner's secrets, by client random.

use crate::servers::ServerKeys;
use std::collections::HashMap;
use std::fmt;
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use zeroize::Zeroizing;

/// Most connections whose secrets are kept; those beyond are counted and refused.
const MAX_CONNECTIONS: usize = 1 << 20;

/// A secret of a connection, zeroed when dropped.
pub type Secret = Zeroizing<Vec<u8>>;

/// Which secret a line of a key log holds (SSLKEYLOGFILE format).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Label {
    /// `CLIENT_RANDOM`: the master secret of TLS 1.2 and earlier, 48 bytes.
    Master,
    /// `CLIENT_HANDSHAKE_TRAFFIC_SECRET`.
    ClientHandshake,
    /// `SERVER_HANDSHAKE_TRAFFIC_SECRET`.
    ServerHandshake,
    /// `CLIENT_TRAFFIC_SECRET_0`.
    Client,
    /// `SERVER_TRAFFIC_SECRET_0`.
    Server,
}

/// The secrets of one connection, as far as they are known.
#[derive(Clone, Default)]
pub struct Secrets([Option<Secret>; 5]);

impl Secrets {
    pub(crate) fn get(&self, label: Label) -> Option<&Secret> {
        self.0[label as usize].as_ref()
    }
    pub(crate) fn set(&mut self, label: Label, secret: Secret) {
        self.0[label as usize] = Some(secret);
    }
}

/// Shows how many, not what.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").field("known", &self.0.iter().flatten().count()).finish()
    }
}

/// The secrets of many connections, shared with the lanes: they read, whoever follows a key log adds. A lane asks once or twice a
/// connection, so that a lock is good enough.
#[derive(Default)]
pub struct KeyStore {
    connections: RwLock<HashMap<[u8; 32], Secrets>>,
    servers: ServerKeys,
    growing: AtomicBool,
    refused: AtomicU64,
}

impl KeyStore {
    /// With private keys of servers, and no secrets yet.
    pub fn with_servers(servers: ServerKeys) -> Self {
        KeyStore { servers, ..KeyStore::default() }
    }
    /// Whether there are private keys of servers.
    pub fn has_servers(&self) -> bool {
        !self.servers.is_empty()
    }
    /// The position of the server's key that belongs to a public one.
    pub(crate) fn server(&self, public: &[u8]) -> Option<usize> {
        self.servers.of(public)
    }
    /// What was encrypted for a server's key.
    pub(crate) fn decrypt(&self, server: usize, sealed: &[u8]) -> Option<Secret> {
        self.servers.decrypt(server, sealed)
    }
    /// The secrets of the connection whose ClientHello has this random.
    pub fn secrets(&self, random: &[u8; 32]) -> Option<Secrets> {
        let held = self.connections.read().unwrap_or_else(|e| e.into_inner());
        held.get(random).cloned()
    }
    pub(crate) fn add(&self, random: [u8; 32], label: Label, secret: Secret) {
        let mut held = self.connections.write().unwrap_or_else(|e| e.into_inner());
        if held.len() >= MAX_CONNECTIONS && !held.contains_key(&random) {
            self.refused.fetch_add(1, Relaxed);
            return;
        }
        held.entry(random).or_default().set(label, secret);
    }
    /// Says that secrets may still come: a connection then waits for its own, a little.
    pub fn set_growing(&self, growing: bool) {
        self.growing.store(growing, Relaxed);
    }
    /// Whether secrets may still come.
    pub fn is_growing(&self) -> bool {
        self.growing.load(Relaxed)
    }
    /// Connections of which a secret is known.
    pub fn len(&self) -> usize {
        self.connections.read().unwrap_or_else(|e| e.into_inner()).len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Secrets refused because the store was full.
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }
}

/// Shows how many, not what.
impl fmt::Debug for KeyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyStore").field("connections", &self.len()).finish_non_exhaustive()
    }
}
