//! The command line: what may be said. How its help speaks Chinese is `help` and `texts`.

mod decide;
mod help;
mod texts;

pub use decide::{Decide, DecideAction, DecideOn, Finding};
pub use help::command;

use crate::lang::Lang;
use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use weir_model::{IncidentLevel, Severity};

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
    /// List the incidents a data directory knows: what happened, with cause, scope, level and the clocks of duties
    Incidents(IncidentsListing),
    /// List the cases of a data directory: what has the same cause, how it stands, and whether a fix shows in the traffic
    Cases(CasesListing),
    /// Decide what interfaces are, and how findings stand: decisions on interfaces go before what is learned from the next run on, those on findings hold at once
    Decide(Decide),
    /// Take in what the organisation knows of its interfaces and accounts
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
    /// TLS key log (SSLKEYLOGFILE): connections whose keys it holds are decrypted
    #[arg(long, value_name = "FILE")]
    pub keylog: Option<PathBuf>,
    /// Private key of a server, PEM (RSA or, for TLCP, the SM2 encryption key): connections whose client encrypts for it are decrypted
    #[arg(long = "server-key", value_name = "FILE")]
    pub server_keys: Vec<PathBuf>,
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

/// `weir cases`
#[derive(Args, Debug)]
pub struct CasesListing {
    /// The directory and the id.
    #[command(flatten)]
    pub listing: Listing,
    /// Show only cases that stand so
    #[arg(long, value_name = "STATE", value_parser = PossibleValuesParser::new(weir_respond::State::ALL.iter().map(|s| s.key())))]
    pub state: Option<String>,
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

/// `weir incidents`
#[derive(Args, Debug)]
pub struct IncidentsListing {
    /// The directory and the id.
    #[command(flatten)]
    pub listing: Listing,
    /// Exit with 1 where one of this level or above is listed
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub fail_on: Option<IncidentFailOn>,
}

/// `--fail-on` of `weir incidents`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum IncidentFailOn {
    General,
    Considerable,
    Major,
    Extreme,
}

impl From<IncidentFailOn> for IncidentLevel {
    fn from(f: IncidentFailOn) -> Self {
        match f {
            IncidentFailOn::General => IncidentLevel::General,
            IncidentFailOn::Considerable => IncidentLevel::Considerable,
            IncidentFailOn::Major => IncidentLevel::Major,
            IncidentFailOn::Extreme => IncidentLevel::Extreme,
        }
    }
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
    /// List the rules in force, or how right they were by the verdicts of people
    List {
        /// Packs to load besides the built-in ones
        #[arg(long, value_name = "PATH")]
        rules: Vec<PathBuf>,
        /// List verdicts of people on findings by risk source and data type, with the share confirmed and its 95 % interval
        #[arg(long, requires = "data")]
        precision: bool,
        /// With --precision, the data directory
        #[arg(long, alias = "out", value_name = "DIR", requires = "precision")]
        data: Option<PathBuf>,
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
    /// The registered list of interfaces, in the place of the one before; what is seen is compared with it
    Registered {
        /// CSV, JSON, or OpenAPI 2.0 to 3.2 in JSON or YAML
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Data directory; created where it is missing
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
    },
    /// The directory of accounts, in the place of the one before: persons, departments and roles are shown with accounts, and disabled ones are told
    Accounts {
        /// CSV, or LDIF as LDAP servers and Active Directory export it
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
    /// OpenAPI 3.1: the document it was imported as, else one made of its entries.
    Openapi,
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
    /// An id (`V01`, `access_log`, `cn_mobile`, `tcp`, `replay.lanes`), a list (`risks`, `inputs`, `data`, `ledger`, `thresholds`, `bounds`, `config`), or `interface`
    #[arg(required_unless_present = "why_not", conflicts_with = "why_not")]
    pub what: Option<String>,
    /// With `interface`, its id: why its template is as it is, and what merging or splitting it would do
    #[arg(value_name = "ID", requires = "data")]
    pub id: Option<String>,
    /// With `interface` and with `--why-not`, the data directory
    #[arg(long, alias = "out", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Why this risk source was not found of an account or an interface: what it asks for, step by step, and what was seen
    #[arg(long, value_name = "RISK", requires = "data")]
    pub why_not: Option<String>,
    /// With `--why-not`, the account by its name
    #[arg(long, value_name = "NAME", requires = "why_not", conflicts_with = "interface")]
    pub account: Option<String>,
    /// With `--why-not`, the interface by its id
    #[arg(long, value_name = "ID", requires = "why_not")]
    pub interface: Option<String>,
}
