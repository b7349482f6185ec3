//! The configuration file: one TOML table, every key optional, unknown keys refused.

#[cfg(feature = "dpdk")]
pub mod dpdk;
pub mod live;

use crate::failure::Failure;
use crate::lang::Lang;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use weir_model::Operator;

/// The file's content.
#[derive(Clone, Default, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Language of messages: `zh` or `en`.
    pub lang: Option<Language>,
    /// Who the report is made for.
    pub organisation: Organisation,
    /// Rule packs.
    pub rules: Rules,
    /// Where addresses are.
    pub places: Places,
    /// Who is believed when it names a client.
    pub proxies: Proxies,
    /// Replay.
    pub replay: Replay,
    /// The live sensor.
    pub run: live::Run,
    /// `file:` sources of a live sensor.
    pub file: live::FileSource,
    /// Capacities of a live sensor's lanes.
    pub bounds: live::Bounds,
    /// What a live sensor keeps of exchanges.
    pub store: live::Store,
    /// `dpdk:` sources of a live sensor.
    #[cfg(feature = "dpdk")]
    pub dpdk: dpdk::Dpdk,
    /// The registered list.
    pub registered: Registered,
    /// Decryption of TLS.
    pub tls: Tls,
    /// Detectors' thresholds by name; `weir explain NAME` tells what each means.
    pub thresholds: BTreeMap<String, u64>,
}

/// `lang`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// 中文
    Zh,
    /// English
    En,
}

impl From<Language> for Lang {
    fn from(l: Language) -> Lang {
        match l {
            Language::Zh => Lang::Zh,
            Language::En => Lang::En,
        }
    }
}

/// The handler's information of the report (GB/T 46796-2025, 9.3 a).
#[derive(Clone, Default, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Organisation {
    /// Name of the data handler.
    pub name: String,
    /// Data-security officer.
    pub officer: String,
    /// How to reach the officer.
    pub contact: String,
    /// What is monitored, and on what grounds.
    pub scope: String,
    /// Whose duties hold: `cii`, `state` or `other`.
    pub operator: Whose,
}

/// `organisation.operator`
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Whose {
    Cii,
    State,
    #[default]
    Other,
}

impl From<Whose> for Operator {
    fn from(w: Whose) -> Operator {
        match w {
            Whose::Cii => Operator::Critical,
            Whose::State => Operator::State,
            Whose::Other => Operator::Other,
        }
    }
}

/// `[rules]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Pack files or folders to load besides the built-in ones.
    pub packs: Vec<PathBuf>,
    /// Whether the built-in packs are loaded.
    pub builtin: bool,
    /// Grading profile in force; `none` for none.
    pub profile: String,
}

impl Default for Rules {
    fn default() -> Self {
        Rules { packs: Vec::new(), builtin: true, profile: PROFILE.into() }
    }
}

/// The grading profile where none is chosen: the standard that GB/T 46796-2025 refers to (7.1 d).
const PROFILE: &str = "gbt43697";

/// `[places]`
#[derive(Clone, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Places {
    /// The organisation's address plan, CSV.
    pub plan: Option<PathBuf>,
    /// A database in MMDB form that tells countries.
    pub mmdb: Option<PathBuf>,
}

/// `[proxies]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Proxies {
    /// Addresses and networks of proxies.
    pub trusted: Vec<String>,
    /// Whether others are learned.
    pub learn: bool,
}

impl Default for Proxies {
    fn default() -> Self {
        Proxies { trusted: Vec::new(), learn: true }
    }
}

/// `[replay]`
#[derive(Clone, Default, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Replay {
    /// Lanes; 1 where absent.
    pub lanes: Option<usize>,
    /// Pins every lane to a core of its own; off where absent, as laptops want.
    pub pin: Option<bool>,
}

/// `[registered]`
#[derive(Clone, Default, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Registered {
    /// The list: CSV, JSON or OpenAPI; the one in the data directory where absent.
    pub file: Option<PathBuf>,
}

/// `[tls]`
#[derive(Clone, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// A key log that a live sensor follows while it grows; nothing is decrypted where absent.
    pub keylog: Option<PathBuf>,
    /// Private keys of servers, PEM files.
    pub server_keys: Vec<PathBuf>,
    /// A local socket at which a live sensor takes lines of key logs.
    pub push: Option<PathBuf>,
}

/// A key, and what it means in Chinese and in English.
pub type Key = (&'static str, &'static str, &'static str);

/// Every key with what it means, for `weir explain`.
pub fn keys() -> impl Iterator<Item = &'static Key> {
    let keys = KEYS.iter().chain(live::KEYS);
    #[cfg(feature = "dpdk")]
    let keys = keys.chain(dpdk::KEYS);
    keys
}

/// Those that are not the live sensor's.
const KEYS: &[Key] = &[
    (
        "lang",
        "消息语言：zh 或 en；缺省取自区域设置",
        "language of messages, zh or en; from the locale where absent",
    ),
    (
        "organisation.name",
        "报告中的数据处理者名称（9.3 a）",
        "name of the data handler in the report (clause 9.3 a)",
    ),
    ("organisation.officer", "数据安全负责人", "data-security officer"),
    ("organisation.contact", "负责人联系方式", "how to reach the officer"),
    ("organisation.scope", "监测范围与依据", "what is monitored, and on what grounds"),
    (
        "organisation.operator",
        "运营者类别，决定事件的报告对象与时限：cii 关键信息基础设施、state 中央和国家机关、other 其他；缺省为 other",
        "whose duties and clocks incidents bring: cii (critical information infrastructure), state (central and state organs) or other; other where absent",
    ),
    (
        "rules.packs",
        "除内置规则外加载的规则包文件或目录",
        "pack files or folders loaded besides the built-in packs",
    ),
    (
        "rules.builtin",
        "是否加载内置规则包；缺省为是",
        "whether the built-in packs are loaded; yes where absent",
    ),
    (
        "rules.profile",
        "分类分级方案：记录中除固有级别 1–4 外所给的级别与类别；缺省为 gbt43697，none 为不用；weir rules profiles 列出全部",
        "grading profile: the level and category that records give beside the native grade 1 to 4; gbt43697 where absent, none for none; `weir rules profiles` lists them",
    ),
    (
        "places.plan",
        "本单位地址规划（CSV：cidr,name,kind，可加 owner,country；最长前缀优先），优先于一切数据库",
        "the organisation's address plan (CSV: cidr,name,kind and, where wanted, owner,country; the longest prefix wins), asked before any database",
    ),
    (
        "places.mmdb",
        "含国家（与中国省份）的 MMDB 数据库文件，优先于内置国家表；见 weir explain places",
        "a database in MMDB form that tells countries (and Chinese provinces), asked before the built-in table; see `weir explain places`",
    ),
    (
        "proxies.trusted",
        "可信代理、负载均衡与 CDN 的地址或网段列表：只有来自它们的 X-Forwarded-For、Forwarded、X-Real-IP 与 CDN 头才被采信",
        "addresses and networks of proxies, load balancers and CDNs: X-Forwarded-For, Forwarded, X-Real-IP and headers of CDNs are believed from these alone",
    ),
    (
        "proxies.learn",
        "是否从流量中学习内网代理（几乎每个请求都指明客户端，且客户端众多、重复出现、程序各异）；缺省为是",
        "whether proxies inside are learned from traffic (nearly all requests name a client; these are many, come again and use many programs); yes where absent",
    ),
    ("replay.lanes", "处理通道数；缺省为 1", "number of lanes; 1 where absent"),
    (
        "replay.pin",
        "将每个通道绑定到各自的核；缺省为否",
        "pins each lane to a core of its own; no where absent",
    ),
    (
        "registered.file",
        "接口登记清单（CSV、JSON 或 OpenAPI），回放结束时与所见接口比对；缺省为数据目录中的 registered.json",
        "the registered list of interfaces (CSV, JSON or OpenAPI), compared at the end of a replay with what was seen; registered.json in the data directory where absent",
    ),
    (
        "tls.keylog",
        "持续跟随的 TLS 密钥日志（SSLKEYLOGFILE 格式），用于实时解密其中有密钥的连接；缺省不解密。回放用 --keylog",
        "a TLS key log (SSLKEYLOGFILE) that a live sensor follows while it grows, to decrypt the connections whose keys it holds; nothing is decrypted where absent. A replay takes --keylog",
    ),
    (
        "tls.server_keys",
        "服务端私钥文件（PEM）列表：RSA 私钥用于 RSA 密钥交换的 TLS 1.0–1.2 连接，SM2 加密私钥用于 ECC 套件的 TLCP 连接；仅存于内存。回放时与 --server-key 合用",
        "private keys of servers (PEM files): RSA keys for TLS 1.0 to 1.2 with RSA key exchange, SM2 encryption keys for TLCP with ECC suites; kept in memory alone. A replay takes them beside --server-key",
    ),
    (
        "tls.push",
        "本机 Unix 套接字路径（权限 0600）：密钥所有者写入 SSLKEYLOGFILE 格式的行，实时传感器随即使用；缺省不开启",
        "path of a local socket (mode 0600) to which whoever owns the keys writes lines of the SSLKEYLOGFILE format, for a live sensor to use at once; none where absent",
    ),
    (
        "thresholds.NAME",
        "检测阈值；weir explain NAME 说明各项",
        "a detector's threshold; weir explain NAME tells each",
    ),
];

impl Config {
    /// From a file; everything at its default where `path` is `None`.
    pub fn load(path: Option<&Path>) -> Result<Config, Failure> {
        let Some(path) = path else { return Ok(Config::default()) };
        let shown = path.display();
        let text = std::fs::read_to_string(path).map_err(|e| {
            Failure::new(
                format!("无法读取配置文件 {shown}：{e}。请检查路径与权限。"),
                format!("cannot read the configuration {shown}: {e}. Check the path and its permissions."),
            )
        })?;
        let config: Config = toml::from_str(&text).map_err(|e| {
            Failure::new(
                format!("配置文件 {shown} 有误：\n{e}\n可用的键见 weir explain config。"),
                format!("the configuration {shown} is wrong:\n{e}\n`weir explain config` lists the keys there are."),
            )
        })?;
        live::check(&config.run, &config.file, &config.bounds, &config.store)?;
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_are_refused() {
        assert!(toml::from_str::<Config>("[replay]\nlane = 2").is_err());
        assert!(toml::from_str::<Config>("[replay]\nlanes = 2\n[thresholds]\nx = 3").is_ok());
        assert!(toml::from_str::<Config>("[run]\nlane = 2").is_err());
    }

    /// Every key of the live sections stands in the list, under the name that serde knows.
    #[test]
    fn every_live_key_is_explained() {
        for (key, _, _) in live::KEYS {
            let (table, name) = key.split_once('.').unwrap_or(("", key));
            let error = toml::from_str::<Config>(&format!("[{table}]\n{name} = {{}}")).err();
            let text = error.map(|e| e.to_string()).unwrap_or_default();
            assert!(text.contains("invalid type"), "{key}: {text}");
        }
    }

    #[test]
    fn wrong_values_name_their_key() {
        let live = |run: live::Run| {
            live::check(&run, &live::FileSource::default(), &live::Bounds::default(), &live::Store::default())
        };
        assert!(live(live::Run::default()).is_ok());
        let wrong = live(live::Run { metrics: Some("nowhere".into()), ..live::Run::default() });
        assert!(wrong.is_err_and(|f| f.message(Lang::En).contains("run.metrics")));
        let wrong = live(live::Run { watchdog_seconds: 0, ..live::Run::default() });
        assert!(wrong.is_err_and(|f| f.message(Lang::Zh).contains("run.watchdog_seconds")));
    }
}
