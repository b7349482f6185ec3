//! Heads that were met before.

use super::class::{Class, Classes};
use super::fields::{self, Classed};
use super::target::Paths;
use crate::body::Announced;
use crate::cache::Cache;
use crate::facts::Facts;
use crate::find::{Items, Reading};
use crate::grpc;
use crate::inspector::{HeadText, Keeping, Tools};
use crate::structure::Structure;
use crate::text::Escapes;
use std::sync::Arc;
use weir_exchange::{MediaKind, Part, Place, RequestFields, ResponseFields, Text};
use weir_protocol::{Header, RequestHead, ResponseHead};
use weir_rules::{ResponseOrRequest, Scope};

/// Heads remembered of each half.
const MAX: usize = 4096;

/// What is known of the fields of a head.
pub(crate) struct Known<F> {
    /// What records keep.
    pub(crate) fields: Arc<F>,
    /// `SOAPAction`, of requests.
    pub(crate) operation: Text,
    /// Data and signals in header values and cookies.
    pub(crate) found: Items,
}

/// Heads met last. One a lane.
pub(crate) struct Heads {
    classes: Classes,
    requests: Cache<Known<RequestFields>>,
    responses: Cache<Known<ResponseFields>>,
    pub(crate) paths: Paths,
    /// The fields that make heads differ, one behind the other.
    key: Vec<u8>,
}

impl Default for Heads {
    fn default() -> Self {
        let (requests, responses) = (Cache::new(MAX), Cache::new(MAX));
        Heads { classes: Classes::default(), requests, responses, paths: Paths::default(), key: Vec::new() }
    }
}

impl Heads {
    /// What is known of a request's fields, and what they announce of its body.
    pub(crate) fn request<'a>(
        &mut self,
        head: &RequestHead<'a>,
        tools: &mut Tools,
        keeping: &Keeping,
    ) -> (Announced<'a>, &Known<RequestFields>) {
        self.key.clear();
        // Its authority stands in another target than one that begins with a path.
        if !head.target.starts_with(b"/") {
            line(&mut self.key, head.method, head.target);
        }
        let announced = self.gather(head.headers);
        let digest = self.digest(keeping);
        let known = self.requests.get(digest, || {
            let classed = Classed::new(head.headers, &mut self.classes);
            Known {
                fields: Arc::new(fields::request(head, &classed, &keeping.fingerprinter)),
                operation: fields::action(&classed),
                found: scan(&classed, false, tools, keeping),
            }
        });
        (announced, known)
    }

    /// What is known of a response's fields, and what they announce of its body.
    pub(crate) fn response<'a>(
        &mut self,
        head: &ResponseHead<'a>,
        tools: &mut Tools,
        keeping: &Keeping,
    ) -> (Announced<'a>, &Known<ResponseFields>) {
        self.key.clear();
        let announced = self.gather(head.headers);
        let digest = self.digest(keeping);
        let known = self.responses.get(digest, || {
            let classed = Classed::new(head.headers, &mut self.classes);
            Known {
                fields: Arc::new(fields::response(&classed, &keeping.fingerprinter)),
                operation: Text::default(),
                found: scan(&classed, true, tools, keeping),
            }
        });
        (announced, known)
    }

    /// Sorts fields into those of the body and those that go into the key.
    fn gather<'a>(&mut self, headers: &[Header<'a>]) -> Announced<'a> {
        let mut announced = Announced::default();
        for h in headers {
            match self.classes.of(h.name) {
                Class::ContentType if announced.content_type.is_none() => {
                    announced.content_type = Some(h.value);
                }
                Class::ContentDisposition if announced.disposition.is_none() => {
                    announced.disposition = Some(h.value);
                }
                Class::ContentLength if announced.length.is_none() => {
                    announced.length = Some(decimal(h.value));
                }
                Class::ContentEncoding => announced.codings.push(h.value),
                Class::GrpcEncoding => announced.grpc_encoding = Some(h.value),
                // A call may fail with a head alone.
                Class::GrpcStatus => announced.grpc_status = grpc::status(h.value),
                class if class.is_of_body() => {}
                _ => line(&mut self.key, h.name, h.value),
            }
        }
        announced
    }

    /// The digest of the key, which is overwritten, as it holds cookies and tokens.
    fn digest(&mut self, keeping: &Keeping) -> u128 {
        let digest = keeping.fingerprinter.digest(&self.key);
        self.key.fill(0);
        digest
    }
}

fn decimal(value: &[u8]) -> Option<u64> {
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

/// Lengths before texts: no two lists of fields have one key.
fn line(key: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    key.extend_from_slice(&(name.len() as u32).to_le_bytes());
    key.extend_from_slice(&(value.len() as u32).to_le_bytes());
    key.extend_from_slice(name);
    key.extend_from_slice(value);
}

/// Finds data and signals in header values and cookies.
fn scan(fields: &Classed<'_, '_>, response: bool, tools: &mut Tools, keeping: &Keeping) -> Items {
    let mut items = Items::default();
    let signals = if response { ResponseOrRequest::Neither } else { ResponseOrRequest::Request };
    let scope = Scope { data: true, signals, ..Scope::default() };
    let mut read = |part, reading: Reading, raw, prefix: &str| {
        let text = HeadText { place: Place { response, part }, raw, prefix };
        // Data of heads are neither parameters nor fields: what is told of them goes nowhere.
        let mut nowhere = Facts::of(u64::MAX);
        tools.read(keeping, text, reading, &mut items, &mut nowhere);
    };
    for (class, h) in fields.iter() {
        let name = String::from_utf8_lossy(&h.name[..h.name.len().min(64)]);
        match class {
            Class::Cookie => {
                let reading = Reading::new(Structure::cookie(), Escapes::Percent, scope);
                read(Part::Cookie, reading, h.value, "");
            }
            Class::Referer | Class::Location => {
                let lines = Structure::for_kind(MediaKind::Text, None);
                read(Part::Header, Reading::new(lines, Escapes::Percent, scope), h.value, &name);
            }
            _ if class.may_hold_data() => {
                let reading = Reading::new(Structure::datum(&name), Escapes::None, scope);
                read(Part::Header, reading, h.value, &name);
            }
            _ => {}
        }
    }
    let agent = fields.iter().find(|(c, _)| !response && *c == Class::UserAgent);
    if let Some((_, h)) = agent {
        let scope = Scope { signals: ResponseOrRequest::UserAgent, ..Scope::default() };
        let reading = Reading::new(Structure::datum(""), Escapes::None, scope);
        read(Part::Header, reading, h.value, "User-Agent");
    }
    items
}
