//! Keys of servers and named protocols, through the binary: recorded connections as a capture, what is read of them, and what is said of the rest.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::fs;
use std::path::{Path, PathBuf};
use weir_support::{Traffic, Weir, records, stderr, tests_folder, text};

const WEIR: Weir = Weir(env!("CARGO_BIN_EXE_weir"));

/// A capture of recorded connections, by their files below `dataplane`, and the private keys of their servers.
fn recorded(dir: &Path, files: &[&str]) -> (PathBuf, Vec<PathBuf>) {
    let (mut traffic, mut keys) = (Traffic::default(), Vec::new());
    for file in files {
        let text = fs::read_to_string(tests_folder().join("../dataplane").join(file)).unwrap();
        let mut turns = Vec::new();
        for (kind, value) in text.lines().filter_map(|l| l.split_once(' ')) {
            match kind {
                "C" | "S" => {
                    let bytes = (0..value.len() / 2)
                        .map(|i| u8::from_str_radix(&value[2 * i..2 * i + 2], 16).unwrap());
                    turns.push((kind == "C", bytes.collect::<Vec<u8>>()));
                }
                "P" => {
                    let path = dir.join(format!("{}.key", keys.len()));
                    fs::write(&path, BASE64_STANDARD.decode(value).unwrap()).unwrap();
                    keys.push(path);
                }
                _ => {}
            }
        }
        let lent: Vec<(bool, &[u8])> = turns.iter().map(|(client, bytes)| (*client, &bytes[..])).collect();
        traffic.conversation(&lent);
    }
    let capture = dir.join("capture.pcap");
    fs::write(&capture, traffic.pcap()).unwrap();
    (capture, keys)
}

const TLS: [&str; 3] = [
    "tls/tests/connections/tls12-rsa-aes256-gcm.txt",
    "tls/tests/connections/tlcp-ecc-cbc.txt",
    "tls/tests/connections/tlcp-ecdhe-gcm.txt",
];

#[test]
fn servers_keys_decrypt_what_was_encrypted_for_them() {
    let dir = tempfile::tempdir().unwrap();
    let (capture, keys) = recorded(dir.path(), &TLS);
    let given: Vec<&str> = keys.iter().flat_map(|k| ["--server-key", k.to_str().unwrap()]).collect();
    let out = dir.path().join("out");
    WEIR.replayed(&capture, &out, &given);
    let exchanges = records(&out, "exchanges.jsonl");
    let read: Vec<_> = exchanges
        .iter()
        .map(|x| (x["scheme"].as_str(), x["target"].as_str(), x["status"].as_u64()))
        .collect();
    assert_eq!(read, [(Some("https"), Some("/a"), Some(200)); 4]);
    // One address and name: one service.
    let services = records(&out, "encrypted.jsonl");
    let [service] = &services[..] else { panic!("{services:?}") };
    assert_eq!((service["kind"].as_str(), service["decrypted"].as_u64()), (Some("tls"), Some(2)));
    assert_eq!(service["unread"]["no key"], 1, "{service}");
    assert_eq!(
        (&service["versions"]["TLCP 1.1"], &service["suites"]["ECC_SM4_CBC_SM3"]),
        (&2.into(), &1.into())
    );
    assert_eq!(
        (&service["certificate"]["key"], &service["encryption_certificate"]["key"]),
        (&"SM2".into(), &"SM2".into())
    );
    let weak = service["weaknesses"].to_string();
    assert!(!weak.contains("old version"), "{weak}");
    let ledger: serde_json::Value = serde_json::from_str(&text(&out, "ledger.json")).unwrap();
    assert_eq!(ledger["balanced"], true);
    for file in fs::read_dir(&out).unwrap() {
        let held = fs::read(file.unwrap().path()).unwrap();
        assert!(!held.windows(11).any(|w| w == b"PRIVATE KEY"), "keys stay in memory");
    }
}

#[test]
fn the_configuration_gives_keys_as_well() {
    let dir = tempfile::tempdir().unwrap();
    let (capture, keys) = recorded(dir.path(), &TLS[..2]);
    let config = dir.path().join("weir.toml");
    fs::write(&config, format!("[tls]\nserver_keys = {keys:?}\n")).unwrap();
    let out = dir.path().join("out");
    WEIR.replayed(&capture, &out, &["--config", config.to_str().unwrap()]);
    assert_eq!(records(&out, "exchanges.jsonl").len(), 4);
}

#[test]
fn what_is_no_key_is_refused_with_a_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let (capture, _) = recorded(dir.path(), &TLS[..1]);
    let cases = [
        ("", "no private key in PEM"),
        (
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMA==\n-----END ENCRYPTED PRIVATE KEY-----\n",
            "openssl pkey",
        ),
        ("-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n", "neither an RSA nor an SM2 key"),
    ];
    for (content, said) in cases {
        let path = dir.path().join("given.pem");
        fs::write(&path, content).unwrap();
        let o = WEIR.replay(&capture, &dir.path().join("out"), &["--server-key", path.to_str().unwrap()]);
        assert_eq!(o.status.code(), Some(2));
        assert!(stderr(&o).contains(said) && stderr(&o).contains("given.pem"), "{}", stderr(&o));
    }
    let o = WEIR.replay(&capture, &dir.path().join("out"), &["--server-key", "/nowhere.pem"]);
    assert_eq!(o.status.code(), Some(2));
}

/// Nothing of them is read, and that is said of each by name.
#[test]
fn what_is_not_read_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (capture, _) = recorded(
        dir.path(),
        &["protocol/tests/session/recorded/ldap.txt", "protocol/tests/session/recorded/ssh.txt"],
    );
    let out = dir.path().join("out");
    WEIR.replayed(&capture, &out, &[]);
    let services = records(&out, "encrypted.jsonl");
    let told: Vec<_> =
        services.iter().map(|s| (s["kind"].as_str(), s["unread"]["protocol not read"].as_u64())).collect();
    assert_eq!(told, [(Some("ldap"), Some(1)), (Some("ssh"), Some(1))]);
    assert_eq!(services[1]["ssh"]["host_key"], "ssh-ed25519");
    assert!(text(&out, "report.html").contains("What could not be seen"));
    let ledger: serde_json::Value = serde_json::from_str(&text(&out, "ledger.json")).unwrap();
    assert_eq!(ledger["balanced"], true);
    assert!(records(&out, "exchanges.jsonl").is_empty());
}
