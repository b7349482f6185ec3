//! Who calls: credentials, sessions, logins, accounts, callers.
