//! Who calls: credentials, sessions, logins, accounts, callers.
//!
//! ```text
//! Exchange --> login attempt? --> outcome --> what it earned is bound to the account
//!          `-> credentials carried --> session --> account
//! ```
//!
//! An account is never guessed: it is the name given at a login that succeeded, or one that an accepted credential names itself.
//! How a login ended is told by its reply (status, tokens and cookies issued, messages, redirects), and by what the site did at
//! logins before. Credentials are known by their fingerprints alone. All tables are bounded.
//!
//! What it does not see: accounts of sessions that began before the capture (unless a token names them), logins at another provider
//! whose token reaches the site out of sight, and sign-ups that log in at once.

mod bounds;
mod directory;
mod legs;
mod names;
mod network;
mod outcome;
mod people;
mod proxies;
mod session;

pub use bounds::{Config, Stats};
pub use directory::{Directory, Identified};
pub use legs::Legs;
pub use network::{Network, NotANetwork};
pub use proxies::Trust;
