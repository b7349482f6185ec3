//! Protocols that are known by name and not read: told by the first bytes of both directions, at any port.
//!
//! A flow that no parser took is asked once, when it is given up or ends, so that what is recognised here costs other flows nothing and
//! a wrong guess holds nobody up: until then every parser may still find a message of its own.
//!
//! Adding one is a file with a function and one line in `TELLING`, and a variant of `weir_exchange::Named`.

mod dns;
mod dubbo;
mod kafka;
mod ldap;
mod mongodb;
mod rpc;
mod smb;
mod smtp;
mod thrift;

use weir_exchange::Named;

/// Bytes kept of each direction.
pub(crate) const OPENING: usize = 512;

/// What both directions said first, at most [`OPENING`] bytes each; one of them may be empty, and either may be cut anywhere.
#[derive(Clone, Copy)]
pub(crate) struct Openings<'a> {
    pub(crate) client: &'a [u8],
    pub(crate) server: &'a [u8],
}

/// Those that show themselves best come first.
const TELLING: [fn(Openings<'_>) -> Option<Named>; 9] = [
    smb::tell,
    dubbo::tell,
    mongodb::tell,
    rpc::tell,
    thrift::tell,
    ldap::tell,
    dns::tell,
    smtp::tell,
    kafka::tell,
];

/// What is spoken, where it is known.
pub(crate) fn named(openings: Openings<'_>) -> Option<Named> {
    TELLING.iter().find_map(|tell| tell(openings))
}

impl Openings<'_> {
    /// Whether one direction fits, and the other does or said nothing.
    fn fit(self, client: impl Fn(&[u8]) -> bool, server: impl Fn(&[u8]) -> bool) -> bool {
        match (self.client, self.server) {
            ([], []) => false,
            (c, []) => client(c),
            ([], s) => server(s),
            (c, s) => client(c) && server(s),
        }
    }
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|b| u16::from_be_bytes(*b))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|b| u32::from_be_bytes(*b))
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|b| u32::from_le_bytes(*b))
}

#[cfg(test)]
mod tests;
