//! The registered list: read from where it was configured, or from the data directory.

use super::Setting;
use crate::failure::Failure;
use std::path::Path;
use weir_registry::{List, ListError, openapi};

/// The list in a data directory, which replays leave as it is.
const FILE: &str = "registered.json";

/// The list in force; `None` where there is none.
pub fn registered(setting: &Setting, dir: &Path) -> Result<Option<List>, Failure> {
    match &setting.config.registered.file {
        Some(file) => read(file).map(Some),
        None => Some(dir.join(FILE)).filter(|f| f.exists()).map(|f| read(&f)).transpose(),
    }
}

/// Reads a list: CSV by the file's name, OpenAPI and our JSON by what stands in it.
fn read(file: &Path) -> Result<List, Failure> {
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
    let described = text.contains("\"openapi\"") || text.contains("\"swagger\"");
    if json && !described { List::from_json(text) } else { openapi::read(text) }
}
