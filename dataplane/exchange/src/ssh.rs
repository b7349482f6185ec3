//! What an SSH connection shows of itself before it is encrypted (RFC 4253).

use crate::Text;

/// The opening of a connection of SSH, as far as it was seen; empty where it was not. Texts are bounded to 255 bytes.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct SshFacts {
    /// The client's version line, without its end: `SSH-2.0-OpenSSH_9.2`.
    pub client: Text,
    /// The server's.
    pub server: Text,
    /// Method of key exchange chosen.
    pub key_exchange: Text,
    /// Algorithm of the host key chosen.
    pub host_key: Text,
    /// Cipher chosen, from the client to the server.
    pub cipher: Text,
    /// MAC chosen, from the client to the server; says nothing where the cipher authenticates by itself.
    pub mac: Text,
    /// Fingerprint of the host key, as `ssh-keygen -l` shows it: `SHA256:` and 43 characters.
    pub fingerprint: Text,
}
