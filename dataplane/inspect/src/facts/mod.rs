//! Facts besides data: kinds, parameters, credentials, logins.

pub(crate) mod kind;
