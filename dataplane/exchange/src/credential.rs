//! Credentials and logins as facts; no secret in clear.

use crate::{Fingerprint, Place, Text};
use serde::{Deserialize, Serialize};
use weir_wire::Timestamp;

/// What sort of credential a request carries or a response issues.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum CredentialKind {
    /// `Authorization: Basic` (RFC 7617).
    Basic,
    /// `Authorization: Digest` (RFC 7616).
    Digest,
    /// `Authorization: Bearer` (RFC 6750), also `Token` and bare tokens in that field.
    Bearer,
    /// NTLM or Negotiate.
    Negotiate,
    /// An API key, application key or access key in a header, query or body field.
    ApiKey,
    /// A session cookie.
    SessionCookie,
    /// A token in a query or body field.
    TokenParam,
    /// A request signature (`sign`, `signature` with timestamp or nonce).
    Signature,
    /// The login of the connection that the request came on (FTP, databases); the account is the whole of it.
    Connection,
}

/// Claims of a JSON Web Token that say who and how long (RFC 7519); read, not verified.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct JwtFacts {
    /// `alg` of the header.
    pub algorithm: Text,
    /// Issued at.
    pub issued: Option<Timestamp>,
    /// Expires.
    pub expires: Option<Timestamp>,
}

/// A credential seen in a request, or issued by a response.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Credential {
    /// What sort.
    pub kind: CredentialKind,
    /// Where it stood.
    pub place: Place,
    /// Name of the header, cookie or field that held it, bounded to 64 bytes.
    pub name: Text,
    /// Keyed fingerprint of the secret part: equal credentials have equal fingerprints.
    pub fingerprint: Fingerprint,
    /// Account it names in itself (Basic user, JWT subject or user name), bounded to 128 bytes.
    pub account: Option<Text>,
    /// Claims, where it is a JWT.
    pub jwt: Option<JwtFacts>,
}

/// How a password looked on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PasswordShape {
    /// As a person types it.
    Clear,
    /// A digest (hex or base64 of a digest's length) or ciphertext.
    Digested,
}

/// What was judged of a password in memory before it was forgotten.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PasswordFacts {
    /// Clear or digested.
    pub shape: PasswordShape,
    /// Characters.
    pub length: u16,
    /// Character classes present, 0 to 4 (lower, upper, digit, other).
    pub classes: u8,
    /// Whether it is in the dictionary of common and default passwords (also the digest of one, where digested without salt).
    pub in_dictionary: bool,
    /// Whether it equals or contains the account name.
    pub like_account: bool,
    /// Keyed fingerprint, to see the same password on many accounts.
    pub fingerprint: Fingerprint,
}

/// An attempt to log in (登录), from a request that carries a password.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Login {
    /// Account as given, bounded to 128 bytes.
    pub account: Option<Text>,
    /// Where the password stood.
    pub place: Place,
    /// Name of the password's field.
    pub field: Text,
    /// What was judged of it.
    pub password: PasswordFacts,
}
