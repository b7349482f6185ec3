//! The owner's keys of encrypted connections, for a replay.

use super::conclude::tell;
use crate::args::Replay;
use crate::failure::Failure;
use crate::lang::Lang;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;
use weir_capture::KeyLog;
use weir_lane::KeyStore;
use weir_model::Summary;

/// The keys of `--keylog` and those that came inside the captures; `None` where there are none.
pub(super) fn keys(args: &Replay, inside: &[KeyLog], lang: Lang) -> Result<Option<Arc<KeyStore>>, Failure> {
    if args.keylog.is_none() && inside.is_empty() {
        return Ok(None);
    }
    let store = KeyStore::default();
    for log in inside {
        store.add_log(&log.text);
    }
    if let Some(path) = &args.keylog {
        tell(lang, &add(&store, path)?);
    }
    Ok(Some(Arc::new(store)))
}

/// Reads a key log; a file that holds no secret is no key log.
fn add(store: &KeyStore, path: &Path) -> Result<Summary, Failure> {
    let shown = path.display();
    let read = File::open(path).and_then(|file| store.add_file(&mut BufReader::new(file)));
    let kept = read.map_err(|e| {
        Failure::new(
            format!("无法读取密钥日志 {shown}：{e}。请检查路径与权限。"),
            format!("cannot read the key log {shown}: {e}. Check the path and its permissions."),
        )
    })?;
    if kept.secrets == 0 && kept.broken > 0 {
        return Err(Failure::new(
            format!(
                "{shown} 不是密钥日志：{} 行均不可识别。每行应为“标签 客户端随机数 密钥”（SSLKEYLOGFILE 格式）。",
                kept.broken
            ),
            format!(
                "{shown} is no key log: none of its {} lines can be read. Each must be a label, a client random and a secret (SSLKEYLOGFILE).",
                kept.broken
            ),
        ));
    }
    let (secrets, connections, broken) = (kept.secrets, store.len(), kept.broken);
    Ok(Summary {
        zh: format!("密钥日志 {shown}：{connections} 个连接的 {secrets} 条密钥；{broken} 行不可识别。"),
        en: format!(
            "key log {shown}: {secrets} secrets of {connections} connections; {broken} lines could not be read."
        ),
    })
}
