//! The master secret by the server's own key: what the client encrypted for it, decrypted (RFC 5246, 7.4.7.1; GB/T 38636-2020, 6.4.5.8).

use crate::certificate::{Chain, key_of};
use crate::handshake as message;
use crate::keys::{KeyStore, Secret};
use crate::schedule::{Agreed, master};

/// Bytes of a premaster secret; the first two are the version that the client offered.
const PREMASTER: usize = 48;
/// Bytes of handshake in clear that are kept for the extended master secret.
const MAX_KEPT: usize = 256 * 1024;

/// What passed in clear that the master secret rests on.
#[derive(Default)]
pub(super) struct Agreement {
    /// The messages in order of the handshake, however both directions came: the client's hello, all of the server's, the client's others
    /// up to its key exchange.
    messages: [Vec<u8>; 3],
    /// Position of the key among those given.
    key: Option<usize>,
    /// What the client encrypted.
    exchange: Option<Vec<u8>>,
    done: bool,
    master: Option<Secret>,
}

/// What a server's key tells.
pub(super) enum Known {
    /// No key is given of this server, or the suite agrees without one.
    Nothing,
    /// The server's messages did not come yet.
    Waits,
    /// The key fits the certificate and does not open what was encrypted.
    Mismatch,
    Master(Secret),
}

impl Agreement {
    /// Keeps what is needed of a message in clear.
    pub(super) fn note(&mut self, client: bool, kind: u8, body: &[u8], keys: &KeyStore) {
        if kind == message::CLIENT_HELLO {
            // Renegotiations come encrypted: this is the first, or one after a HelloRequest at the very beginning.
            *self = Agreement::default();
        }
        let part = match (client, kind) {
            (true, message::CLIENT_HELLO) => 0,
            (false, _) => 1,
            (true, _) => 2,
        };
        let kept: usize = self.messages.iter().map(Vec::len).sum();
        // A ticket comes behind the server's last message that counts.
        let over = if client { self.exchange.is_some() } else { self.done };
        if over || kept + body.len() > MAX_KEPT {
            return;
        }
        let [_, a, b, c] = u32::try_from(body.len()).unwrap_or(0).to_be_bytes();
        self.messages[part].extend_from_slice(&[kind, a, b, c]);
        self.messages[part].extend_from_slice(body);
        match kind {
            message::CERTIFICATE if !client => {
                let chain = Chain::read(body, false).unwrap_or_default();
                // Of TLCP's two certificates, the second is the one that is encrypted for.
                let own = chain.first.into_iter().flatten().filter_map(key_of);
                self.key = own.filter_map(|public| keys.server(&public)).last();
            }
            message::SERVER_HELLO_DONE if !client => self.done = true,
            message::CLIENT_KEY_EXCHANGE if client => self.exchange = Some(body.to_vec()),
            _ => {}
        }
    }

    /// The master secret, once it can be told.
    pub(super) fn master(
        &mut self,
        keys: &KeyStore,
        offered: u16,
        extended: bool,
        agreed: &Agreed<'_>,
    ) -> Known {
        if let Some(master) = &self.master {
            return Known::Master(master.clone());
        }
        if !agreed.suite.by_server_key {
            return Known::Nothing;
        }
        match (&self.exchange, self.done, self.key) {
            (None, ..) => return Known::Nothing,
            (Some(_), false, _) => return Known::Waits,
            (Some(_), true, None) => return Known::Nothing,
            (Some(exchange), true, Some(key)) => {
                let sealed = exchange.split_at_checked(2).map_or(&[][..], |(_, sealed)| sealed);
                let premaster = keys.decrypt(key, sealed).filter(|p| p.len() == PREMASTER);
                let Some(premaster) = premaster else { return Known::Mismatch };
                let version = u16::from_be_bytes([premaster[0], premaster[1]]);
                // Some clients write what was chosen.
                if version != offered && version != agreed.version.0 {
                    return Known::Mismatch;
                }
                let handshake = extended.then(|| self.messages.concat());
                self.master = master(&premaster, agreed, handshake.as_deref());
            }
        }
        self.messages = Default::default();
        self.master.clone().map_or(Known::Mismatch, Known::Master)
    }
}
