//! The command line.

use crate::lang::Lang;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use weir_model::Severity;

/// Weir: a passive sensor for data interfaces.
#[derive(Parser, Debug)]
#[command(
    name = "weir",
    version,
    about = "A passive sensor for data interfaces (APIs): what they give out, to whom, and at what risk (GB/T 46796-2025)",
    after_help = "Examples:\n  weir replay office.pcap --out out      read a capture, write report.html and records to out/\n  weir run --source af_packet:eth0       watch a mirror port\n  weir risks --data out                  list what was found\n  weir scan customers.json               find sensitive data in a document\n  weir explain V01                       what a risk source is and how it is identified",
    arg_required_else_help = true
)]
pub struct Cli {
    /// Common to all commands.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Arguments that every command takes.
#[derive(Args, Debug)]
pub struct Common {
    /// Language of messages, zh or en [default: from the locale]
    #[arg(long, global = true, value_enum, hide_possible_values = true)]
    pub lang: Option<Lang>,
    /// Configuration file (TOML); `weir explain config` lists its keys
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print JSON instead of text
    #[arg(long, global = true)]
    pub json: bool,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Run the whole pipeline over capture files (pcap, pcapng, also .gz and .zst; `-` for standard input)
    Replay(Replay),
    /// Watch live traffic until told to stop (SIGTERM); read rules and configuration again on SIGHUP
    Run(Run),
    /// Find sensitive data in documents or bodies; one line a hit
    Scan(Scan),
    /// List the interfaces a data directory knows
    Interfaces(InterfacesListing),
    /// List the accounts a data directory knows
    Accounts(Listing),
    /// List the risk sources and risks a data directory knows
    Risks(RisksListing),
    /// Decide what interfaces are: merge, split, pin and name them; decisions go before what is learned, from the next run on
    Decide(Decide),
    /// Take in what the organisation knows of its interfaces
    Import(Import),
    /// Hand on what a data directory knows
    Export(Export),
    /// Check, list and show rule packs
    Rules(RulesCommand),
    /// Tell what this machine offers, what the mirror looks like, and what to change
    Doctor(Doctor),
    /// Explain a risk source, a data type, a ledger account, a threshold, a bound or a configuration key
    Explain(Explain),
}

/// `weir replay`
#[derive(Args, Debug)]
pub struct Replay {
    /// Capture files; several are merged by time
    #[arg(required = true, value_name = "CAPTURE")]
    pub captures: Vec<String>,
    /// Folder for records, database and report; created where it is missing
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Lanes to spread the flows over [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub lanes: Option<u16>,
    /// Pin each lane to a core of its own
    #[arg(long)]
    pub pin: bool,
    /// Replay in real time times this factor (1x, 10x) instead of as fast as possible
    #[arg(long, value_name = "FACTOR")]
    pub pace: Option<weir_capture::Pace>,
    /// Replay so many times, time going on
    #[arg(long = "loop", value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub rounds: u32,
    /// TLS key log (SSLKEYLOGFILE); checked and counted, TLS is not decrypted by this version
    #[arg(long, value_name = "FILE")]
    pub keylog: Option<PathBuf>,
    /// For comparison with other tools: add body digests and keep request targets exactly as sent (they may hold sensitive values)
    #[arg(long)]
    pub digest: bool,
    /// Write no database
    #[arg(long)]
    pub no_store: bool,
    /// Rule packs to load besides the built-in ones
    #[arg(long, value_name = "PATH")]
    pub rules: Vec<PathBuf>,
    /// Grading profile, `none` for none; `weir rules profiles` lists them [default: rules.profile of the configuration, else gbt43697]
    #[arg(long, value_name = "ID")]
    pub profile: Option<String>,
    /// Exit with 1 where a risk source of this severity or above was found
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
}

/// `weir run`
#[derive(Args, Debug)]
pub struct Run {
    /// Where frames come from, several allowed: af_packet:INTERFACE or file:CAPTURE [default: run.sources of the configuration]
    #[arg(long = "source", value_name = "SPEC")]
    pub sources: Vec<String>,
    /// Data directory; records in it are added to [default: $STATE_DIRECTORY, /var/lib/weir or ~/.local/state/weir]
    #[arg(long, alias = "out", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Lanes to spread the flows over [default: all cores but one]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub lanes: Option<u16>,
    /// Rule packs to load besides the built-in ones
    #[arg(long, value_name = "PATH")]
    pub rules: Vec<PathBuf>,
    /// Grading profile, `none` for none; `weir rules profiles` lists them [default: rules.profile of the configuration, else gbt43697]
    #[arg(long, value_name = "ID")]
    pub profile: Option<String>,
}

/// `--fail-on`
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FailOn {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl From<FailOn> for Severity {
    fn from(f: FailOn) -> Severity {
        match f {
            FailOn::Info => Severity::Info,
            FailOn::Low => Severity::Low,
            FailOn::Medium => Severity::Medium,
            FailOn::High => Severity::High,
            FailOn::Critical => Severity::Critical,
        }
    }
}

/// `weir scan`
#[derive(Args, Debug)]
pub struct Scan {
    /// Documents; `-` for standard input
    #[arg(value_name = "FILE", required_unless_present = "bodies")]
    pub files: Vec<PathBuf>,
    /// Media type of the documents [default: by content]
    #[arg(long, value_name = "TYPE")]
    pub content_type: Option<String>,
    /// Charset of the documents [default: by content]
    #[arg(long, value_name = "NAME")]
    pub charset: Option<String>,
    /// Name of the field that the documents are values of
    #[arg(long, value_name = "NAME")]
    pub field: Option<String>,
    /// Read bodies from a JSON Lines file (`id ct method path` and `body` or `body_b64`) and print one line a body
    #[arg(long, value_name = "FILE", conflicts_with = "files")]
    pub bodies: Option<PathBuf>,
    /// Tell of every candidate, refused ones too, what spoke for and against it
    #[arg(long, conflicts_with = "bodies")]
    pub explain: bool,
    /// Add the values found, in clear (with --bodies or --explain)
    #[arg(long)]
    pub reveal: bool,
    /// Rule packs to load besides the built-in ones
    #[arg(long, value_name = "PATH")]
    pub rules: Vec<PathBuf>,
    /// Grading profile, `none` for none; `weir rules profiles` lists them [default: rules.profile of the configuration, else gbt43697]
    #[arg(long, value_name = "ID")]
    pub profile: Option<String>,
}

/// `weir accounts` and its like
#[derive(Args, Debug)]
pub struct Listing {
    /// Data directory: what was given to `weir replay` as --out, which is another name of this option
    #[arg(long, alias = "out", value_name = "DIR")]
    pub data: PathBuf,
    /// Show one, by id
    #[arg(value_name = "ID")]
    pub id: Option<String>,
}

/// `weir interfaces`
#[derive(Args, Debug)]
pub struct InterfacesListing {
    /// The directory and the id.
    #[command(flatten)]
    pub listing: Listing,
    /// Show this shelf instead of the inventory [default: inventory; with --json all]
    #[arg(long, value_enum, value_name = "NAME")]
    pub shelf: Option<ShelfName>,
    /// Show what was known by then: a date (its end) or a time in UTC (2026-01-02T03:04:05Z)
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<String>,
    /// Days without calls from which an interface is dormant
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(7..=3650))]
    pub dormant: u32,
}

/// `--shelf`
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum ShelfName {
    All,
    None,
    Noise,
    CatchAll,
    Static,
    Health,
}

impl ShelfName {
    /// The shelf; `None` for all.
    pub fn shelf(self) -> Option<weir_model::Shelf> {
        use weir_model::Shelf;
        match self {
            ShelfName::All => None,
            ShelfName::None => Some(Shelf::None),
            ShelfName::Noise => Some(Shelf::Noise),
            ShelfName::CatchAll => Some(Shelf::CatchAll),
            ShelfName::Static => Some(Shelf::Static),
            ShelfName::Health => Some(Shelf::Health),
        }
    }
}

/// `weir decide`
#[derive(Args, Debug)]
pub struct Decide {
    /// What to decide.
    #[command(subcommand)]
    pub action: DecideAction,
}

/// Decisions on interfaces.
#[derive(Subcommand, Debug)]
pub enum DecideAction {
    /// Hold an interface's template as it is, or as given
    Pin {
        /// Its id
        id: String,
        /// Template with {name} where any value may stand [default: the interface's]
        #[arg(long, value_name = "TEMPLATE")]
        template: Option<String>,
        /// The directory.
        #[command(flatten)]
        on: DecideOn,
    },
    /// Make several interfaces one: where their paths differ, any value may stand
    Merge {
        /// Their ids
        #[arg(required = true, num_args = 2..)]
        ids: Vec<String>,
        /// The directory.
        #[command(flatten)]
        on: DecideOn,
    },
    /// Make values of a variable interfaces of their own
    Split {
        /// Id of the interface
        id: String,
        /// The values, as they stand in the path
        #[arg(required = true)]
        values: Vec<String>,
        /// Which variable of the template, from 1 [default: the last]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=24))]
        variable: Option<u8>,
        /// The directory.
        #[command(flatten)]
        on: DecideOn,
    },
    /// Give an interface a name; its template is pinned with it
    Rename {
        /// Its id
        id: String,
        /// The name
        name: String,
        /// The directory.
        #[command(flatten)]
        on: DecideOn,
    },
    /// Take a decision back
    Undo {
        /// Its number
        n: u64,
        /// The directory.
        #[command(flatten)]
        on: DecideOn,
    },
    /// List the decisions
    List {
        /// The directory.
        #[command(flatten)]
        on: DecideOn,
    },
}

/// Where to decide, and whether.
#[derive(Args, Debug)]
pub struct DecideOn {
    /// Data directory: what was given to `weir replay` as --out, which is another name of this option
    #[arg(long, alias = "out", value_name = "DIR")]
    pub data: PathBuf,
    /// Only say what it would do
    #[arg(long)]
    pub dry_run: bool,
}

/// `weir risks`
#[derive(Args, Debug)]
pub struct RisksListing {
    /// The directory and the id.
    #[command(flatten)]
    pub listing: Listing,
    /// Exit with 1 where one of this severity or above is listed
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
}

/// `weir rules`
#[derive(Args, Debug)]
pub struct RulesCommand {
    /// What to do with them.
    #[command(subcommand)]
    pub action: RulesAction,
}

/// Actions on rules.
#[derive(Subcommand, Debug)]
pub enum RulesAction {
    /// Verify packs: every rule against its examples and counter-examples
    Check {
        /// Pack files or folders [default: the built-in packs]
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// List the rules in force
    List {
        /// Packs to load besides the built-in ones
        #[arg(long, value_name = "PATH")]
        rules: Vec<PathBuf>,
    },
    /// List the grading profiles with their levels
    Profiles {
        /// Packs to load besides the built-in ones
        #[arg(long, value_name = "PATH")]
        rules: Vec<PathBuf>,
    },
    /// Make a type of a table's own values, known by keyed digests: writes a pack, its digests and its key
    Fingerprint(Fingerprint),
    /// Rehearse packs on captures: what they would find that the rules in force do not, and the reverse, and what they cost
    Try(TryRules),
    /// Show one rule whole
    Show {
        /// Its id
        id: String,
        /// Packs to load besides the built-in ones
        #[arg(long, value_name = "PATH")]
        rules: Vec<PathBuf>,
    },
}

/// `weir import`
#[derive(Args, Debug)]
pub struct Import {
    /// What to take in
    #[command(subcommand)]
    pub action: ImportAction,
}

/// What `weir import` takes in.
#[derive(Subcommand, Debug)]
pub enum ImportAction {
    /// The registered list of interfaces, in the place of the one before; replays compare with it
    Registered {
        /// CSV, JSON, or OpenAPI 2.0 to 3.2 in JSON or YAML
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Data directory; created where it is missing
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
    },
}

/// `weir export`
#[derive(Args, Debug)]
pub struct Export {
    /// What to hand on
    #[command(subcommand)]
    pub action: ExportAction,
}

/// What `weir export` hands on.
#[derive(Subcommand, Debug)]
pub enum ExportAction {
    /// The interfaces seen, as OpenAPI 3.1 with evidence and grades; examples are made up, never copied
    Openapi {
        /// Data directory, what `weir replay` was given as --out
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Only the interfaces of this site, as `weir interfaces` names it
        #[arg(long, value_name = "HOST")]
        site: Option<String>,
        /// File to write [default: standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// The registered list
    Registered {
        /// Data directory that it was imported into
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Form of the list
        #[arg(long, value_enum, value_name = "FORM", default_value_t = ListForm::Csv)]
        format: ListForm,
        /// File to write [default: standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// Form of a registered list.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum ListForm {
    /// A table.
    Csv,
    /// JSON.
    Json,
}

/// `weir rules fingerprint`
#[derive(Args, Debug)]
pub struct Fingerprint {
    /// Table with a header line (CSV, or separated by `;` or tabs), UTF-8
    #[arg(value_name = "TABLE")]
    pub table: PathBuf,
    /// Name of the column
    #[arg(long, value_name = "NAME")]
    pub column: String,
    /// Id of the type (a-z, 0-9, _) and name of the files
    #[arg(long, value_name = "ID")]
    pub id: String,
    /// Chinese name of the type [default: the column's]
    #[arg(long, value_name = "NAME")]
    pub zh: Option<String>,
    /// English name of the type [default: the column's]
    #[arg(long, value_name = "NAME")]
    pub en: Option<String>,
    /// Grade 1 (public) to 4 (highest)
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=4))]
    pub level: u8,
    /// Names of fields that hold such values in traffic, beside the column's own
    #[arg(long = "field", value_name = "NAME")]
    pub fields: Vec<String>,
    /// Folder for the pack, its digests and its key; created where it is missing
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// `weir rules try`
#[derive(Args, Debug)]
pub struct TryRules {
    /// Packs; each takes the place of the pack in force that has its name, or comes beside the others
    #[arg(value_name = "PACK", required = true)]
    pub packs: Vec<PathBuf>,
    /// Capture files (pcap, pcapng; .gz and .zst too)
    #[arg(long = "capture", value_name = "CAPTURE", required_unless_present = "data")]
    pub captures: Vec<String>,
    /// A data directory holds records only, no traffic to rehearse on: say --capture
    #[arg(long, alias = "out", value_name = "DIR", conflicts_with = "captures")]
    pub data: Option<PathBuf>,
    /// Timed rounds of either rules, in turn
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=99))]
    pub rounds: u16,
}

/// `weir doctor`
#[derive(Args, Debug)]
pub struct Doctor {
    /// Look at these capture files instead of the machine
    #[arg(value_name = "CAPTURE", conflicts_with = "source")]
    pub captures: Vec<String>,
    /// Look at this source's traffic too: af_packet:INTERFACE
    #[arg(long, value_name = "SPEC")]
    pub source: Option<String>,
    /// How long, in seconds
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub seconds: u64,
    /// Lanes the sensor shall have [default: all cores but one]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub lanes: Option<u16>,
    /// Data directory the sensor shall write [default: as of `weir run`]
    #[arg(long, alias = "out", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Exit with 1 where something stands so, or worse
    #[arg(long, value_enum, value_name = "STATE")]
    pub fail_on: Option<DoctorFailOn>,
}

/// `--fail-on` of `weir doctor`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum DoctorFailOn {
    Note,
    Warn,
    Bad,
}

impl From<DoctorFailOn> for crate::doctor::State {
    fn from(f: DoctorFailOn) -> Self {
        match f {
            DoctorFailOn::Note => Self::Note,
            DoctorFailOn::Warn => Self::Warn,
            DoctorFailOn::Bad => Self::Bad,
        }
    }
}

/// `weir explain`
#[derive(Args, Debug)]
pub struct Explain {
    /// An id (`V01`, `cn_mobile`, `tcp`, `replay.lanes`), a list (`risks`, `data`, `ledger`, `thresholds`, `bounds`, `config`), or `interface`
    pub what: String,
    /// With `interface`, its id: why its template is as it is, and what merging or splitting it would do
    #[arg(value_name = "ID", requires = "data")]
    pub id: Option<String>,
    /// With `interface`, the data directory
    #[arg(long, alias = "out", value_name = "DIR", requires = "id")]
    pub data: Option<PathBuf>,
}

/// Chinese help: command path, argument (empty for the command itself), text.
const ZH: &[(&str, &str, &str)] = &[
    ("", "", "数据接口安全风险监测探针：接口对外提供什么数据、给谁、风险如何（GB/T 46796-2025）"),
    ("", "lang", "消息语言，zh 或 en [缺省：取自区域设置]"),
    ("", "config", "配置文件（TOML）；weir explain config 列出各键"),
    ("", "json", "输出 JSON"),
    ("replay", "", "对抓包文件运行完整流程（pcap、pcapng，亦可 .gz、.zst；- 为标准输入）"),
    ("replay", "captures", "抓包文件；多个文件按时间合并"),
    ("replay", "out", "记录、数据库与报告的输出目录；不存在则创建"),
    ("replay", "lanes", "将流分配到几个处理通道 [缺省：1]"),
    ("replay", "pin", "将每个通道绑定到各自的核"),
    ("replay", "pace", "按真实时间乘以倍数回放（1x、10x），而非尽快"),
    ("replay", "rounds", "回放次数，时间持续推进"),
    ("replay", "keylog", "TLS 密钥日志（SSLKEYLOGFILE）；仅校验与计数，本版本不解密 TLS"),
    ("replay", "digest", "用于与其他工具比对：附加正文摘要，并原样保留请求目标（可能含敏感值）"),
    ("replay", "no_store", "不写数据库"),
    ("replay", "rules", "除内置规则外加载的规则包"),
    ("replay", "fail_on", "发现该级别及以上的风险源时以 1 退出"),
    ("run", "", "监测实时流量，直至收到 SIGTERM；收到 SIGHUP 时重新读取规则与配置"),
    ("run", "sources", "数据来源，可多个：af_packet:接口 或 file:抓包文件 [缺省：配置 run.sources]"),
    (
        "run",
        "data",
        "数据目录，已有记录得以延续 [缺省：$STATE_DIRECTORY、/var/lib/weir 或 ~/.local/state/weir]",
    ),
    ("run", "lanes", "将流分配到几个处理通道 [缺省：核数减一]"),
    ("run", "rules", "除内置规则外加载的规则包"),
    ("scan", "", "在文档或正文中查找敏感数据；每处命中一行"),
    ("scan", "files", "文档；- 为标准输入"),
    ("scan", "content_type", "文档的媒体类型 [缺省：按内容判断]"),
    ("scan", "charset", "文档的字符集 [缺省：按内容判断]"),
    ("scan", "field", "文档作为哪个字段的值"),
    (
        "scan",
        "bodies",
        "从 JSON Lines 文件读取正文（id ct method path 与 body 或 body_b64），每个正文输出一行",
    ),
    ("scan", "explain", "说明每个候选（含被排除的）的依据"),
    ("scan", "reveal", "附加命中的明文值（与 --bodies 或 --explain 同用）"),
    ("scan", "rules", "除内置规则外加载的规则包"),
    ("interfaces", "", "列出数据目录中的接口"),
    ("interfaces", "data", "数据目录，即 weir replay 的 --out；此处亦可写作 --out"),
    ("interfaces", "id", "按编号显示一个"),
    (
        "interfaces",
        "shelf",
        "改为显示某一分区：none 为清单，noise 为噪声，catch-all 为兜底应答，static 为静态资源，health 为健康检查 [缺省：清单；--json 时为全部]",
    ),
    ("interfaces", "as_of", "显示截至某时已知的情况：日期（至当日终）或 UTC 时间（2026-01-02T03:04:05Z）"),
    ("interfaces", "dormant", "多少天无调用视为失活"),
    ("import", "", "导入本单位对接口的登记"),
    ("import registered", "", "接口登记清单，取代原有清单；回放结束时与所见接口比对"),
    ("import registered", "file", "CSV、JSON，或 OpenAPI 2.0 至 3.2（JSON 或 YAML）"),
    ("import registered", "data", "数据目录；没有则创建"),
    ("export", "", "导出数据目录所知"),
    ("export openapi", "", "所见接口，OpenAPI 3.1，附证据与级别；示例为合成，从不照抄"),
    ("export openapi", "data", "数据目录，即 weir replay 的 --out"),
    ("export openapi", "site", "只要该站点的接口，写法同 weir interfaces"),
    ("export openapi", "out", "写入的文件 [缺省：标准输出]"),
    ("export registered", "", "登记清单"),
    ("export registered", "data", "导入时所用的数据目录"),
    ("export registered", "format", "清单的格式"),
    ("export registered", "out", "写入的文件 [缺省：标准输出]"),
    ("decide", "", "对接口作出决定：合并、拆分、固定、命名；自下次运行起优先于学习结果"),
    ("decide pin", "", "固定接口的路径模板，或固定为给定的模板"),
    ("decide pin", "id", "接口编号"),
    ("decide pin", "template", "路径模板，任意值处写 {name} [缺省：该接口的模板]"),
    ("decide pin", "data", "数据目录，即 weir replay 的 --out；此处亦可写作 --out"),
    ("decide pin", "dry_run", "只说明将有何结果"),
    ("decide merge", "", "将多个接口合并为一个：路径不同之处可为任意值"),
    ("decide merge", "ids", "接口编号"),
    ("decide merge", "data", "数据目录，即 weir replay 的 --out；此处亦可写作 --out"),
    ("decide merge", "dry_run", "只说明将有何结果"),
    ("decide split", "", "将变量的某些取值拆分为单独的接口"),
    ("decide split", "id", "接口编号"),
    ("decide split", "values", "取值，与路径中的写法一致"),
    ("decide split", "variable", "模板中第几个变量，自 1 起 [缺省：最后一个]"),
    ("decide split", "data", "数据目录，即 weir replay 的 --out；此处亦可写作 --out"),
    ("decide split", "dry_run", "只说明将有何结果"),
    ("decide rename", "", "为接口命名，并固定其模板"),
    ("decide rename", "id", "接口编号"),
    ("decide rename", "name", "名称"),
    ("decide rename", "data", "数据目录，即 weir replay 的 --out；此处亦可写作 --out"),
    ("decide rename", "dry_run", "只说明将有何结果"),
    ("decide undo", "", "撤回一项决定"),
    ("decide undo", "n", "决定的序号"),
    ("decide undo", "data", "数据目录，即 weir replay 的 --out；此处亦可写作 --out"),
    ("decide undo", "dry_run", "只说明将有何结果"),
    ("decide list", "", "列出各项决定"),
    ("decide list", "data", "数据目录，即 weir replay 的 --out；此处亦可写作 --out"),
    ("decide list", "dry_run", "只说明将有何结果"),
    ("accounts", "", "列出数据目录中的账号"),
    ("accounts", "data", "数据目录，即 weir replay 的 --out；此处亦可写作 --out"),
    ("accounts", "id", "按编号显示一个"),
    ("risks", "", "列出数据目录中的风险源与风险"),
    ("risks", "data", "数据目录，即 weir replay 的 --out；此处亦可写作 --out"),
    ("risks", "id", "按编号显示一个"),
    ("risks", "fail_on", "列出该级别及以上的风险源时以 1 退出"),
    ("rules", "", "校验、列出与查看规则包"),
    ("rules check", "", "校验规则包：以正例与反例检验每条规则"),
    ("rules check", "paths", "规则包文件或目录 [缺省：内置规则包]"),
    ("rules list", "", "列出生效的规则"),
    ("rules list", "rules", "除内置规则外加载的规则包"),
    (
        "replay",
        "profile",
        "分级方案，none 为不用；weir rules profiles 列出全部 [缺省：配置 rules.profile，否则 gbt43697]",
    ),
    (
        "run",
        "profile",
        "分级方案，none 为不用；weir rules profiles 列出全部 [缺省：配置 rules.profile，否则 gbt43697]",
    ),
    (
        "scan",
        "profile",
        "分级方案，none 为不用；weir rules profiles 列出全部 [缺省：配置 rules.profile，否则 gbt43697]",
    ),
    ("rules profiles", "", "列出分级方案及其级别"),
    ("rules profiles", "rules", "除内置规则外加载的规则包"),
    ("rules fingerprint", "", "把表格中自有的值做成数据类型（带密钥的摘要）：写出规则包、摘要与密钥"),
    ("rules fingerprint", "table", "带表头的表格（CSV，或以 ; 或制表符分隔），UTF-8"),
    ("rules fingerprint", "column", "列名"),
    ("rules fingerprint", "id", "类型编号（a-z、0-9、_），亦为文件名"),
    ("rules fingerprint", "zh", "类型的中文名 [缺省：列名]"),
    ("rules fingerprint", "en", "类型的英文名 [缺省：列名]"),
    ("rules fingerprint", "level", "级别 1（公开）至 4（最高）"),
    ("rules fingerprint", "fields", "流量中存放此类值的其他字段名"),
    ("rules fingerprint", "out", "存放规则包、摘要与密钥的目录；没有则创建"),
    ("rules try", "", "在抓包上试跑规则包：与现有规则相比多发现与少发现什么，代价几何"),
    ("rules try", "packs", "规则包；与现有规则包同名者取而代之，否则与之并用"),
    ("rules try", "captures", "抓包文件（pcap、pcapng，亦可 .gz、.zst）"),
    ("rules try", "data", "数据目录只存记录、不存流量，无法试跑：请用 --capture"),
    ("rules try", "rounds", "计时轮数，两套规则交替"),
    ("rules show", "", "完整显示一条规则"),
    ("rules show", "id", "规则编号"),
    ("rules show", "rules", "除内置规则外加载的规则包"),
    ("doctor", "", "说明本机条件与镜像流量的情况，以及应作何更改"),
    ("doctor", "captures", "改为查看这些抓包文件"),
    ("doctor", "source", "同时查看该来源的流量：af_packet:接口"),
    ("doctor", "seconds", "查看多少秒"),
    ("doctor", "lanes", "传感器拟用的处理通道数 [缺省：核数减一]"),
    ("doctor", "data", "传感器拟用的数据目录 [缺省：同 weir run]"),
    ("doctor", "fail_on", "有检查处于该状态或更差时以 1 退出"),
    ("explain", "", "解释风险源、数据类型、台账科目、阈值、上限或配置键"),
    (
        "explain",
        "what",
        "编号（V01、cn_mobile、tcp、replay.lanes）、列表（risks、data、ledger、thresholds、bounds、config），或 interface",
    ),
    ("explain", "id", "与 interface 同用：接口编号，说明其模板的依据，以及合并、拆分会有何结果"),
    ("explain", "data", "与 interface 同用：数据目录"),
];

/// The command line in the reader's language.
pub fn command(lang: Lang) -> clap::Command {
    let mut command = <Cli as clap::CommandFactory>::command();
    if lang == Lang::Zh {
        for (path, arg, text) in ZH {
            command = translated(command, path, arg, text);
        }
        command = localised(command.after_help(
            "示例：\n  weir replay office.pcap --out out      读取抓包，在 out/ 写出 report.html 与记录\n  weir run --source af_packet:eth0       监测镜像口\n  weir risks --data out                  列出发现的风险\n  weir scan customers.json               查找文档中的敏感数据\n  weir explain V01                       解释一个风险源及其识别方法",
        ));
    }
    command
}

/// Puts clap's own words of help into Chinese: headings, defaults, accepted values, `--help` and `help` themselves.
fn localised(mut command: clap::Command) -> clap::Command {
    // Building adds what clap adds by itself, so that it can be changed.
    command.build();
    relabelled(command)
}

fn relabelled(command: clap::Command) -> clap::Command {
    const TEMPLATE: &str = "{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}";
    let command = command.help_template(TEMPLATE).subcommand_help_heading("命令").mut_args(relabelled_arg);
    command.mut_subcommands(|c| {
        let c = if c.get_name() == "help" { c.about("显示本帮助或某个命令的帮助") } else { c };
        relabelled(c)
    })
}

fn relabelled_arg(arg: clap::Arg) -> clap::Arg {
    let arg = arg.clone().help_heading(if arg.is_positional() { "参数" } else { "选项" });
    match arg.get_id().as_str() {
        "help" => return arg.help("显示帮助").long_help(None),
        "version" => return arg.help("显示版本"),
        _ => {}
    }
    let mut text = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let takes_value = arg.get_action().takes_values();
    if takes_value && let [default] = arg.get_default_values() {
        text += &format!(" [缺省：{}]", default.to_string_lossy());
    }
    let accepted: Vec<String> = arg.get_possible_values().iter().map(|v| v.get_name().to_string()).collect();
    if takes_value && !arg.is_hide_possible_values_set() && !accepted.is_empty() {
        text += &format!(" [可取：{}]", accepted.join("、"));
    }
    arg.help(text).hide_default_value(true).hide_possible_values(true)
}

/// Puts a Chinese text at a command path or one of its arguments.
fn translated(command: clap::Command, path: &str, arg: &str, text: &'static str) -> clap::Command {
    let (first, rest) = path.split_once(' ').unwrap_or((path, ""));
    if !first.is_empty() {
        return command.mut_subcommand(first, |c| translated(c, rest, arg, text));
    }
    if arg.is_empty() { command.about(text) } else { command.mut_arg(arg, |a| a.help(text)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_consistent() {
        command(Lang::En).debug_assert();
        command(Lang::Zh).debug_assert();
    }

    #[test]
    fn everything_is_translated() {
        fn visit(c: &clap::Command, path: &str) {
            let said = |arg: &str| ZH.iter().any(|(p, a, _)| *p == path && *a == arg);
            assert!(said(""), "{path}");
            for a in
                c.get_arguments().map(|a| a.get_id().as_str()).filter(|a| !["help", "version"].contains(a))
            {
                assert!(said(a), "{path} {a}");
            }
            for s in c.get_subcommands() {
                let below = format!("{path} {}", s.get_name());
                visit(s, below.trim());
            }
        }
        visit(&<Cli as clap::CommandFactory>::command(), "");
    }
}
