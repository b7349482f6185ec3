//! Measures (处置措施; H1 to H20) with what a gateway or a ticket needs to carry them out.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use weir_detect::Thresholds;
use weir_model::Handling;
use weir_store::record::{Bilingual, IncidentRecord, InterfaceRecord, RiskSourceRecord};

/// Grade from which data are to be masked or left out.
const SENSITIVE: u8 = 3;
/// Seconds for which a caller is blocked, where somebody decides to: an hour.
const BLOCKED: u64 = 3_600;

/// The interface that a measure is about.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct Route {
    /// Its id.
    pub id: String,
    /// Method.
    pub method: String,
    /// Host.
    pub host: String,
    /// Path template.
    pub template: String,
    /// The template as an anchored regular expression, for gateways.
    pub path_regex: String,
}

/// A measure, as one line of `measures.jsonl`. Order: that of risk sources, then of measures.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
pub struct MeasureRecord {
    /// Version of the record.
    pub v: u32,
    /// Stable id: key of the risk source, dash, measure (`rs-0123456789ab-H5`).
    pub id: String,
    /// Measure of the catalogue (`H5`).
    pub measure: String,
    /// What it is.
    pub name: Bilingual,
    /// `rule` where a gateway can carry it out, `hook` where accounts or keys must be touched, `ticket` where people must.
    pub by: String,
    /// Catalogue id of the risk source.
    pub risk_source: String,
    /// Its key.
    pub source: String,
    /// Severity of the risk source.
    pub severity: String,
    /// Host of the site.
    pub site: String,
    /// The interface; null where it is the whole site.
    pub interface: Option<Route>,
    /// What to set, by name.
    pub parameters: Map<String, Value>,
}

/// The measures of every risk source, with parameters from what was observed.
pub fn measures(
    sources: &[RiskSourceRecord],
    interfaces: &[InterfaceRecord],
    incidents: &[IncidentRecord],
) -> Vec<MeasureRecord> {
    let by_id: BTreeMap<&str, &InterfaceRecord> = interfaces.iter().map(|i| (&*i.id, i)).collect();
    let of = |s: &RiskSourceRecord| {
        let interface = s.interface.as_deref().and_then(|id| by_id.get(id)).copied();
        let about = About { source: s, interface, incidents };
        let numbers = s.measures.iter().filter_map(|h| h.strip_prefix('H')?.parse().ok());
        numbers.map(Handling).map(|h| about.measure(h)).collect::<Vec<_>>()
    };
    sources.iter().flat_map(of).collect()
}

/// A risk source with its surroundings.
struct About<'a> {
    source: &'a RiskSourceRecord,
    interface: Option<&'a InterfaceRecord>,
    incidents: &'a [IncidentRecord],
}

impl About<'_> {
    fn measure(&self, h: Handling) -> MeasureRecord {
        let s = self.source;
        let set = match self.parameters(h) {
            Value::Object(set) => set,
            _ => Map::new(),
        };
        MeasureRecord {
            v: 1,
            id: format!("{}-H{}", s.key, h.0),
            measure: format!("H{}", h.0),
            name: Bilingual { zh: h.zh().into(), en: h.en().into() },
            by: match h.0 {
                7 | 8 | 12 => "rule",
                10 | 11 => "hook",
                _ => "ticket",
            }
            .into(),
            risk_source: s.id.clone(),
            source: s.key.clone(),
            severity: s.severity.clone(),
            site: s.site.clone(),
            interface: self.interface.map(route),
            parameters: set.into_iter().filter(|(_, v)| !is_empty(v)).collect(),
        }
    }

    /// What each measure needs to know.
    fn parameters(&self, h: Handling) -> Value {
        match h.0 {
            1 => {
                json!({ "require_credential": self.credentials(), "header": "Authorization", "token_hours": Thresholds::default().v08_access_hours })
            }
            2 => json!({ "accounts": self.accounts(), "password_length": Thresholds::default().v04_length,
                "password_classes": Thresholds::default().v04_classes, "lock_after_failures": Thresholds::default().c10_failures,
                "second_factor": true }),
            3 => {
                json!({ "check_owner_of": self.variables(), "accounts": self.accounts(), "callers": self.callers() })
            }
            4 => {
                json!({ "protocol": "TLS 1.2 or later, or TLCP", "redirect_http": true, "header": "Strict-Transport-Security" })
            }
            5 => json!({ "mask": self.fields(true), "where": "back end" }),
            6 => {
                json!({ "drop_or_mask": self.fields(false), "page_size_at_most": Thresholds::default().d06_medium })
            }
            7 => {
                json!({ "calls_per_minute": Thresholds::default().c01_floor, "per": "caller and account", "answer": 429,
                "header": "Retry-After", "callers": self.callers(), "accounts": self.accounts() })
            }
            8 => {
                json!({ "deny_outside": true, "allow": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
                "two_person_approval": true })
            }
            9 => {
                json!({ "register": true, "owner": self.interface.and_then(|i| i.registration.as_ref()).map(|r| r.owner.clone()) })
            }
            10 => {
                json!({ "revoke": self.data_types(), "accounts": self.accounts(), "fields": self.fields(false) })
            }
            11 => {
                json!({ "accounts": self.accounts(), "callers": self.callers(), "action": "step up or lock", "ask": "supervisor" })
            }
            12 => json!({ "callers": self.callers(), "accounts": self.accounts(), "seconds": BLOCKED }),
            13 => json!({ "sign": self.names(), "headers": ["X-Timestamp", "X-Nonce", "X-Signature"] }),
            14 => self.hardening(),
            15 => {
                json!({ "log": ["time", "account", "address", "operation", "object", "result"], "days_at_least": 184,
                "not_in_log": self.fields(false) })
            }
            16 => {
                json!({ "recipients": self.callers(), "data_types": self.data_types(), "stop_until": "assessment, contract or certification" })
            }
            17 => json!({ "partners": self.callers(), "accounts": self.accounts() }),
            18 => json!({ "preserve": self.source.evidence.iter()
                .map(|e| json!({ "time": e.time, "flow": e.flow, "number": e.number })).collect::<Vec<_>>() }),
            19 => json!({ "incidents": self.incidents.iter()
                .filter(|i| i.sources.iter().any(|c| c.key == self.source.key)).map(|i| &i.id).collect::<Vec<_>>() }),
            _ => {
                json!({ "callers": self.callers(), "accounts": self.accounts(), "expires": true, "approver": true })
            }
        }
    }

    /// Where hardening begins depends on what is weak.
    fn hardening(&self) -> Value {
        match &*self.source.id {
            "V21" => json!({ "method": "POST", "instead_of": self.interface.map(|i| i.method.clone()) }),
            "V25" => {
                json!({ "error_page": "generic", "not_in_reply": ["stack trace", "SQL", "path", "version", "internal address"] })
            }
            "D13" | "V06" => {
                json!({ "move_out_of_url": self.fields(false), "headers": { "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" } })
            }
            "V30" => json!({ "codes_per_minute": 1, "tries": 5, "never_in_reply": true }),
            _ => {
                json!({ "validate": self.names(), "headers": { "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store" } })
            }
        }
    }

    fn callers(&self) -> Vec<&String> {
        self.source.caller.iter().collect()
    }
    fn accounts(&self) -> Vec<&String> {
        self.source.account.iter().collect()
    }
    /// Kinds of credential that the interface is called with.
    fn credentials(&self) -> Vec<&String> {
        self.interface.map(|i| i.authentication.kinds.keys().collect()).unwrap_or_default()
    }
    /// Variables of the path.
    fn variables(&self) -> Vec<&str> {
        let template = self.interface.map_or("", |i| &*i.template);
        template.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }
    /// Names of parameters.
    fn names(&self) -> Vec<&String> {
        self.interface.map_or(&[][..], |i| &i.params).iter().collect()
    }
    fn data_types(&self) -> Vec<String> {
        let mut all: Vec<String> = self.data().into_iter().map(|d| d.1).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Fields with sensitive data: those the risk source was found in, else those of the interface, as path, type and form.
    fn data(&self) -> Vec<(String, String, String)> {
        let found = &self.source.data;
        if !found.is_empty() {
            return found.iter().map(|d| (d.path.clone(), d.data_type.clone(), d.form.clone())).collect();
        }
        let of = self.interface.map_or(&[][..], |i| &i.data);
        let sensitive =
            of.iter().filter(|d| d.level >= SENSITIVE && d.direction == "response" && d.count > 0);
        sensitive.map(|d| (d.path.clone(), d.data_type.clone(), d.form.clone())).collect()
    }

    fn fields(&self, clear_only: bool) -> Vec<Value> {
        let wanted = |form: &str| !clear_only || matches!(form, "plain" | "encoded");
        let of = self.data().into_iter().filter(|(_, _, form)| wanted(form));
        of.map(|(path, data_type, form)| json!({ "path": path, "type": data_type, "form": form })).collect()
    }
}

fn is_empty(v: &Value) -> bool {
    match v {
        Value::Null => true,
        Value::Array(a) => a.is_empty(),
        Value::Object(o) => o.is_empty(),
        _ => false,
    }
}

fn route(i: &InterfaceRecord) -> Route {
    Route {
        id: i.id.clone(),
        method: i.method.clone(),
        host: i.host.clone(),
        template: i.template.clone(),
        path_regex: path_regex(&i.template),
    }
}

/// `/a/{id}.json` as `^/a/[^/]+\.json$`.
fn path_regex(template: &str) -> String {
    let mut out = String::from("^");
    let mut variable = false;
    for c in template.chars() {
        match c {
            '{' => variable = true,
            '}' if variable => {
                variable = false;
                out += "[^/]+";
            }
            _ if variable => {}
            c if c.is_ascii() && !c.is_ascii_alphanumeric() && !matches!(c, '/' | '_' | '-' | '%') => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out + "$"
}

impl MeasureRecord {
    /// The parameters on one line: `mask: data.idNo (cn_id18, plain)`.
    pub fn told(&self) -> String {
        let said = self.parameters.iter().map(|(name, value)| format!("{name}: {}", shown(value)));
        said.collect::<Vec<_>>().join("; ")
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(s) => s.clone(),
        Value::Array(all) => all.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(o) => match (o.get("path"), o.get("type"), o.get("form")) {
            (Some(path), Some(t), Some(form)) => format!("{} ({}, {})", shown(path), shown(t), shown(form)),
            _ => o.iter().map(|(k, v)| format!("{k}={}", shown(v))).collect::<Vec<_>>().join(" "),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_become_expressions() {
        assert_eq!(path_regex("/a/{id}.json"), "^/a/[^/]+\\.json$");
        assert_eq!(path_regex("/用户/x_y-z/(1)"), "^/用户/x_y-z/\\(1\\)$");
    }

    #[test]
    fn parameters_are_told_on_a_line() {
        assert_eq!(
            shown(&json!([{ "path": "data.id", "type": "cn_id18", "form": "plain" }])),
            "data.id (cn_id18, plain)"
        );
        assert_eq!(shown(&json!({ "A": "x", "b": 2 })), "A=x b=2");
    }
}
