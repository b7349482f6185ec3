//! Gathering facts from the fields of a half of an exchange.

use super::names::{self, Role};
use super::shapes::{FieldList, ParamList};
use super::{Secret, bounded, credentials, params};
use crate::find::{Datum, Findings, Hit, Items, Known, Want};
use crate::structure::is_blank;
use crate::text::{Escapes, unescape};
use std::borrow::Cow;
use weir_exchange::{
    Credential, Excerpt, Fingerprinter, Login, ParamPlace, Part, Place, SignalFamily, SignalId, Text,
    is_operation_word, may_select_operation,
};
use weir_rules::RuleSet;

/// Most schema paths kept of a response.
const MAX_FIELDS: usize = 64;
/// Longest operation name kept, in bytes.
const MAX_OPERATION: usize = 128;
/// Most other fields that a login has whose path does not say so.
const MAX_BESIDE: u32 = 3;

/// Facts of one half, as they come together.
#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) params: ParamList,
    /// Of query and body; those of the head are its own.
    pub(crate) credentials: Vec<Credential>,
    pub(crate) fields: FieldList,
    /// Of this half among those of the lane, from 1 on: tells cheaply which fields are listed.
    pub(crate) serial: u64,
    pub(crate) records: u32,
    pub(crate) file_name: Option<Text>,
    pub(crate) operation: Text,
    /// The first body field that may select the operation.
    pub(crate) action: Option<(Text, Text)>,
    /// Whether the body says that it is JSON-RPC.
    json_rpc: bool,
    account: Option<(u8, Text)>,
    password: Option<(Place, Text, Secret)>,
    passwords: u32,
    beside: u32,
}

impl Facts {
    /// Of a half of this serial number.
    pub(crate) fn of(serial: u64) -> Self {
        Facts { serial, ..Facts::default() }
    }
    /// Forgets everything but the memory.
    pub(crate) fn clear(&mut self) {
        let (mut params, mut fields) = (std::mem::take(&mut self.params), std::mem::take(&mut self.fields));
        let mut credentials = std::mem::take(&mut self.credentials);
        params.clear();
        fields.clear();
        credentials.clear();
        *self = Facts { params, fields, credentials, ..Facts::default() };
    }
    /// The operation that the body names; of JSON-RPC (version 2.0, 4) the method.
    pub(crate) fn operation_named(&mut self) -> Text {
        match &self.action {
            Some((name, method)) if self.json_rpc && &**name == "method" && self.operation.is_empty() => {
                method.clone()
            }
            _ => std::mem::take(&mut self.operation),
        }
    }
    /// Takes a login that the protocol itself makes.
    pub(crate) fn log_in(&mut self, account: &[u8], password: &[u8]) {
        let place = Place { response: false, part: Part::Header };
        self.account = (!account.is_empty()).then(|| (u8::MAX, bounded(account, super::jwt::MAX_ACCOUNT)));
        self.password = Some((place, Text::new("password"), Secret(password.to_vec())));
        self.passwords = 1;
    }
    /// The login that the fields make, if any; the password is forgotten.
    pub(crate) fn login(&mut self, path: &str, rules: &RuleSet, fp: &Fingerprinter) -> Option<Login> {
        let (place, field, secret) = self.password.take()?;
        let account = self.account.take().map(|(_, name)| name);
        let says = |text: &str| names::says_login(text);
        let alone = self.passwords == 1 && account.is_some() && self.beside <= MAX_BESIDE;
        let plain = alone && !names::says_change(path) && !names::says_change(&self.operation);
        if !(says(path) || says(&self.operation) || plain) {
            return None;
        }
        let password = rules.password_facts(&String::from_utf8_lossy(&secret.0), account.as_deref(), fp);
        Some(Login { account, place, field, password })
    }
}

/// Takes what is found in one place of a message.
pub(crate) struct Collector<'a> {
    pub(crate) rules: &'a RuleSet,
    pub(crate) fingerprinter: &'a Fingerprinter,
    pub(crate) items: &'a mut Items,
    pub(crate) facts: &'a mut Facts,
    pub(crate) place: Place,
    pub(crate) max_items: usize,
    /// Whether values that are credentials by type are no data here, because they are listed as credentials.
    pub(crate) skip_secrets: bool,
}

impl Findings for Collector<'_> {
    fn hit(&mut self, hit: &Hit<'_>) {
        let secret = || self.rules.catalogue().data_type(hit.data_type).is_some_and(|t| t.secret);
        if !(self.skip_secrets && secret()) {
            // Where the first value of the field says nothing, the others before this one need not either.
            let before = if self.facts.fields.is_blank(hit.path) { 0 } else { hit.before };
            let hit = Hit { before, value: hit.value, raw: hit.raw.clone(), ..*hit };
            self.items.add(self.place, &hit, self.rules, self.fingerprinter, self.max_items);
        }
    }
    fn signal(&mut self, signal: SignalId, excerpt: &Excerpt) {
        self.items.signal(self.place, signal, excerpt);
    }
    fn wants_signal(&self, signal: SignalId) -> bool {
        let family = self.rules.catalogue().signal(signal).map(|s| s.family);
        let fits = match (self.place.response, family) {
            (_, None) => false,
            (true, Some(f)) => !matches!(f, SignalFamily::AttackPayload | SignalFamily::ToolAgent),
            (false, Some(f)) => matches!(f, SignalFamily::AttackPayload | SignalFamily::ToolAgent),
        };
        fits && !self.items.has_signal(self.place, signal)
    }
    fn message(&self) -> u64 {
        self.facts.serial
    }
    fn datum(&mut self, datum: Datum<'_>) -> Want {
        let (path, role) = (datum.path, datum.known.role);
        let counted = self.count(path, datum.value);
        let more = if self.place.response {
            self.of_response(datum);
            self.place.part != Part::Body || role == Some(Role::Token)
        } else {
            let value = plain(datum.value, datum.escapes);
            self.of_request(&datum, &value);
            self.place.part != Part::Body || role.is_some() || self.wants_more(path)
        };
        match (counted, more) {
            (true, _) => Want::All,
            (false, true) => Want::More,
            (false, false) => Want::Nothing,
        }
    }
    fn count(&mut self, path: &str, value: &[u8]) -> bool {
        self.items.count(self.place, path, value)
    }
    fn only_lists(&self) -> bool {
        self.place.response && self.place.part == Part::Body
    }
    fn list(&mut self, known: &mut Known, blank: bool) {
        let listed = std::mem::replace(&mut known.listed, self.facts.serial) == self.facts.serial;
        if !listed && !known.path.is_empty() && self.facts.fields.len() < MAX_FIELDS {
            self.facts.fields.push(known.number, &known.path, blank);
        }
    }
    fn records(&mut self, count: u32) {
        self.facts.records = self.facts.records.max(count);
    }
    fn file_name(&mut self, name: &str) {
        self.facts.file_name.get_or_insert_with(|| bounded(name.as_bytes(), 128));
    }
}

impl Collector<'_> {
    fn of_response(&mut self, datum: Datum<'_>) {
        if self.place.part != Part::Body {
            return;
        }
        let path = datum.path;
        self.list(datum.known, is_blank(datum.value));
        if let Some(role @ Role::Token) = datum.known.role {
            let value = plain(datum.value, datum.escapes);
            credentials::field(
                &mut self.facts.credentials,
                self.place,
                path,
                role,
                &value,
                self.fingerprinter,
            );
        }
    }
    /// Notes what says which operation is meant.
    fn select(&mut self, path: &str, value: &[u8], sensitive: bool) {
        let name = in_batch(path);
        if name == "jsonrpc" {
            self.facts.json_rpc = true;
        } else if self.facts.action.is_none()
            && may_select_operation(name)
            && !sensitive
            && is_operation_word(value)
        {
            self.facts.action = Some((bounded(name.as_bytes(), 64), bounded(value, MAX_OPERATION)));
        }
    }
    /// Whether data of a request's field without a role say more than those before.
    fn wants_more(&self, path: &str) -> bool {
        let operation = self.facts.operation.is_empty() && names_operation(path)
            || self.facts.action.is_none() && may_select_operation(in_batch(path))
            || path.ends_with("jsonrpc");
        !params::is_full(&self.facts.params) || self.facts.beside <= MAX_BESIDE || operation
    }
    fn of_request(&mut self, datum: &Datum<'_>, value: &[u8]) {
        let (path, key) = (datum.path, datum.key);
        let place = match self.place.part {
            Part::Query => ParamPlace::Query,
            Part::Body => ParamPlace::Body,
            Part::Path | Part::Header | Part::Cookie => return,
        };
        params::add(&mut self.facts.params, place, datum.known, (value, datum.sensitive), self.fingerprinter);
        if place == ParamPlace::Body && names_operation(path) && self.facts.operation.is_empty() {
            self.facts.operation = operation(path, value);
        }
        if place == ParamPlace::Body {
            self.select(path, value, datum.sensitive);
        }
        match (datum.known.role, key) {
            (_, _) if value.is_empty() || value == b"null" => {}
            (Some(Role::Password), Some(key)) => {
                self.facts.passwords += 1;
                let name = bounded(key.as_bytes(), 64);
                self.facts.password.get_or_insert_with(|| (self.place, name, Secret(value.to_vec())));
            }
            (Some(Role::Account), Some(key)) => {
                let rank = names::account_rank(key);
                if self.facts.account.as_ref().is_none_or(|(r, _)| rank > *r) {
                    self.facts.account = Some((rank, bounded(value, super::jwt::MAX_ACCOUNT)));
                }
            }
            (Some(role), Some(_)) => {
                let list = &mut self.facts.credentials;
                credentials::field(list, self.place, path, role, value, self.fingerprinter);
            }
            _ => self.facts.beside += 1,
        }
    }
}

/// The path of a field in the calls of a batch.
#[inline]
fn in_batch(path: &str) -> &str {
    path.strip_prefix("[].").unwrap_or(path)
}

/// Whether a body field of this path may name the operation. The first byte decides for nearly all.
#[inline]
fn names_operation(path: &str) -> bool {
    match path.as_bytes().first() {
        Some(b'E') => path.starts_with("Envelope.Body."),
        Some(b'o' | b'q' | b'[') => matches!(path, "operationName" | "query" | "[].query"),
        _ => false,
    }
}

/// A value without the escapes that kept the structure.
fn plain(value: &[u8], escapes: Escapes) -> Cow<'_, [u8]> {
    match escapes {
        Escapes::Json if memchr::memchr(b'\\', value).is_some() => {
            let (mut text, mut map) = (Vec::new(), crate::text::OffsetMap::default());
            unescape::unquote_json(value, &mut text, &mut map);
            Cow::Owned(text)
        }
        Escapes::Entities if value.contains(&b'&') => {
            let (mut text, mut map) = (Vec::new(), crate::text::OffsetMap::default());
            unescape::unquote_xml(value, &mut text, &mut map);
            Cow::Owned(text)
        }
        Escapes::Percent if value.contains(&b'%') => Cow::Owned(unescape::finish_percent(value)),
        _ => Cow::Borrowed(value),
    }
}
/// The operation that a body field names: the first child of a SOAP body, or a GraphQL operation.
fn operation(path: &str, value: &[u8]) -> Text {
    if let Some(rest) = path.strip_prefix("Envelope.Body.") {
        let name = rest.split('.').next().unwrap_or_default();
        return bounded(name.as_bytes(), MAX_OPERATION);
    }
    match path {
        "operationName" if !value.is_empty() && value != b"null" => bounded(value, MAX_OPERATION),
        "query" | "[].query" => graphql(crate::structure::readable(value)),
        _ => Text::default(),
    }
}

/// The name of a GraphQL operation, else its first field.
fn graphql(query: &str) -> Text {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let word = |s: &str| -> String { s.trim_start().chars().take_while(|c| is_name(*c)).collect() };
    let text = query.trim_start();
    let kind = word(text);
    let rest = match &kind[..] {
        "query" | "mutation" | "subscription" => text[kind.len()..].trim_start(),
        "" if text.starts_with('{') => text,
        _ => return Text::default(),
    };
    let name = word(rest);
    if !name.is_empty() {
        return bounded(name.as_bytes(), MAX_OPERATION);
    }
    let first = rest.find('{').map(|n| word(&rest[n + 1..])).unwrap_or_default();
    bounded(first.as_bytes(), MAX_OPERATION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_operations() {
        assert_eq!(&*operation("Envelope.Body.getUser.id", b"1"), "getUser");
        assert_eq!(&*operation("query", b"query Me($a: Int) { me { id } }"), "Me");
        assert_eq!(&*operation("query", b"{ pastes { id } }"), "pastes");
        assert_eq!(&*operation("query", b"mutation { createUser(x: 1) { id } }"), "createUser");
        assert_eq!(&*operation("query", b"some words"), "");
    }
}
