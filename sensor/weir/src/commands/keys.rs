//! The owner's keys of encrypted connections, for a replay.

use super::conclude::tell;
use crate::args::Replay;
use crate::failure::Failure;
use crate::lang::Lang;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use weir_capture::KeyLog;
use weir_lane::{KeyError, KeyStore, ServerKeys};
use weir_model::Summary;
use zeroize::Zeroizing;

/// The keys of `--keylog`, those that came inside the captures, and those of servers, named in the call or the configuration; `None` where
/// there are none.
pub(super) fn keys(
    args: &Replay,
    configured: &[PathBuf],
    inside: &[KeyLog],
    lang: Lang,
) -> Result<Option<Arc<KeyStore>>, Failure> {
    let servers = server_keys(configured.iter().chain(&args.server_keys))?;
    if args.keylog.is_none() && inside.is_empty() && servers.is_empty() {
        return Ok(None);
    }
    let store = KeyStore::with_servers(servers);
    for log in inside {
        store.add_log(&log.text);
    }
    if let Some(path) = &args.keylog {
        tell(lang, &add(&store, path)?);
    }
    Ok(Some(Arc::new(store)))
}

/// The private keys of servers that these files hold.
pub(super) fn server_keys<'a>(paths: impl IntoIterator<Item = &'a PathBuf>) -> Result<ServerKeys, Failure> {
    let mut keys = ServerKeys::default();
    for path in paths {
        let shown = path.display();
        let pem = fs::read(path).map(Zeroizing::new).map_err(|e| {
            Failure::new(
                format!("无法读取服务端私钥 {shown}：{e}。请检查路径与权限。"),
                format!("cannot read the server key {shown}: {e}. Check the path and its permissions."),
            )
        })?;
        keys.add_pem(&pem).map_err(|e| {
            let (zh, en) = remedy(e);
            Failure::new(
                format!("服务端私钥 {shown} 不可用：{zh}"),
                format!("the server key {shown} cannot be used: {en}"),
            )
        })?;
    }
    Ok(keys)
}

/// What is wrong with a file, and what to do.
const fn remedy(e: KeyError) -> (&'static str, &'static str) {
    match e {
        KeyError::NoKey => (
            "文件中没有 PEM 格式的私钥。证书与公钥无法解密；请给出以 -----BEGIN PRIVATE KEY----- 开头的文件。",
            "it holds no private key in PEM. Certificates and public keys decrypt nothing; give the file that begins with -----BEGIN PRIVATE KEY-----.",
        ),
        KeyError::Encrypted => (
            "私钥受口令保护。请先解除：openssl pkey -in 文件 -out 新文件。",
            "it is protected by a password. Take that off first: openssl pkey -in FILE -out NEW.",
        ),
        KeyError::Unsupported => (
            "既不是 RSA 私钥，也不是 SM2 私钥。其他密钥只用于签名，无法解密连接；请改用密钥日志（--keylog、tls.keylog、tls.push）。",
            "it is neither an RSA nor an SM2 key. Other keys only sign and decrypt no connection; use a key log (--keylog, tls.keylog, tls.push).",
        ),
        KeyError::Broken => (
            "内容损坏。请用 openssl pkey -in 文件 -check 核对，并重新导出。",
            "it is damaged. Verify it by openssl pkey -in FILE -check, and export it anew.",
        ),
        KeyError::TooMuch => (
            "RSA 私钥超过 8192 位，或私钥总数超过 1024。请减少。",
            "it is an RSA key of more than 8,192 bits, or there are more than 1,024 keys. Give fewer.",
        ),
    }
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
