//! Examples made from type and format alone: nothing of them was ever seen.

use serde_json::{Value, json};
use weir_store::record::FieldRecord;

/// An example of a field; `None` where its type is not known.
pub(super) fn example(f: &FieldRecord) -> Option<Value> {
    let text = match f.format.as_deref() {
        Some("date") => "2000-01-01",
        Some("date-time") => "2000-01-01T00:00:00Z",
        Some("uuid") => "00000000-0000-4000-8000-000000000000",
        Some("email") => "someone@example.com",
        // RFC 5737.
        Some("ipv4") => "192.0.2.1",
        Some("uri") => "https://example.com/",
        Some("digits") => "0000",
        _ => "text",
    };
    Some(match f.types.first()?.as_str() {
        "integer" => json!(1),
        "number" => json!(0.5),
        "boolean" => json!(true),
        "array" => json!([]),
        "object" => json!({}),
        _ => json!(text),
    })
}
