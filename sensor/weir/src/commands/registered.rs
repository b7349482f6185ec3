//! The registered list: read from where it was configured, or from the data directory.

use super::Setting;
use crate::failure::Failure;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::path::Path;
use weir_model::{RegistrationState, Registrations, Summary};
use weir_registry::{List, ListError, openapi};

/// The list in a data directory, which replays leave as it is.
pub(super) const FILE: &str = "registered.json";

/// The list in force; `None` where there is none.
pub fn registered(setting: &Setting, dir: &Path) -> Result<Option<List>, Failure> {
    let kept = || Some(dir.join(FILE)).filter(|f| f.exists());
    let file = setting.config.registered.file.clone().or_else(kept);
    // The document it came as only matters where the list goes out again.
    file.map(|f| read(&f).map(|list| List { document: None, ..list })).transpose()
}

/// Reads a list: CSV by the file's name, OpenAPI and our JSON by what stands in it.
pub(super) fn read(file: &Path) -> Result<List, Failure> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).map_err(|e| {
        Failure::new(
            format!("无法读取登记清单 {shown}：{e}。请检查路径、权限，且须为 UTF-8。"),
            format!("cannot read the registered list {shown}: {e}. Check the path, its permissions, and that it is UTF-8."),
        )
    })?;
    parsed(file, &text).map_err(|e| {
        Failure::during(
            &format!("登记清单 {shown} 有误"),
            &format!("the registered list {shown} is wrong"),
            &e,
        )
    })
}

fn parsed(file: &Path, text: &str) -> Result<List, ListError> {
    if file.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv")) {
        return List::from_csv(text);
    }
    let json = file.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
    if json && !is_described(text) { List::from_json(text) } else { openapi::read(text) }
}

/// Whether JSON says that it is OpenAPI. A list of ours may hold such a document within.
fn is_described(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Says {
        openapi: Option<IgnoredAny>,
        swagger: Option<IgnoredAny>,
    }
    // An array would do for the two members, too.
    let object = text.trim_start().starts_with('{');
    object && serde_json::from_str::<Says>(text).is_ok_and(|s| s.openapi.is_some() || s.swagger.is_some())
}

/// Never-seen interfaces that the summary names.
const NAMED: usize = 8;

/// The comparison as a line, for the end of a replay.
pub(super) fn told(r: &Registrations) -> Summary {
    let count = |s: RegistrationState| r.interfaces.values().filter(|x| x.state == s).count();
    let states = |name: fn(RegistrationState) -> &'static str, comma: &str| {
        RegistrationState::ALL.map(|s| format!("{} {}", name(s), count(s))).join(comma)
    };
    let orphans: Vec<String> =
        r.orphans.iter().take(NAMED).map(|o| format!("{} {}{}", o.method, o.host, o.path)).collect();
    let (n, more) = (r.orphans.len(), if r.orphans.len() > NAMED { " …" } else { "" });
    let (zh, en) = (states(RegistrationState::zh, "，"), states(RegistrationState::key, ", "));
    let named =
        |colon: &str| if n == 0 { String::new() } else { format!("{colon}{}{more}", orphans.join(", ")) };
    Summary {
        zh: format!("登记清单：{zh}，登记未见 {n}{}\n", named("：")),
        en: format!("Registered list: {en}, never seen {n}{}\n", named(": ")),
    }
}
