//! `weir decide`: what people may decide.

use super::IncidentFailOn;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use weir_model::{BusinessForm, Exposure, Harm, InterfaceForm, Likelihood};
use weir_store::{HARMS, LIKELIHOODS};

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
    /// Say what an interface is: its technical form, its business form, for whom it is there; its template is pinned with it
    #[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
    Classify {
        /// Its id
        id: String,
        /// Technical form
        #[arg(long, value_name = "FORM", group = "what", value_parser = PossibleValuesParser::new(InterfaceForm::ALL.map(InterfaceForm::key)))]
        form: Option<String>,
        /// Business form (GB/T 46796-2025, A.3)
        #[arg(long, value_name = "FORM", group = "what", value_parser = PossibleValuesParser::new(BusinessForm::ALL.map(BusinessForm::key)))]
        business: Option<String>,
        /// For whom it is there
        #[arg(long, value_name = "WHOM", group = "what", value_parser = PossibleValuesParser::new(Exposure::ALL.map(Exposure::key)))]
        exposure: Option<String>,
        /// The directory.
        #[command(flatten)]
        on: DecideOn,
    },
    /// Say that something found is so: a case, an incident, a risk or a risk source
    Confirm(Finding),
    /// Say that something found is not so (a false alarm)
    Dismiss(Finding),
    /// Say that something found was put right; from then on the traffic tells whether it was
    Handle {
        /// What, and why
        #[command(flatten)]
        finding: Finding,
        /// Since when: a time in UTC (2026-01-02T03:04:05Z) [default: now]
        #[arg(long, value_name = "TIME")]
        since: Option<String>,
    },
    /// Accept something found for a time
    Ignore {
        /// What, and why
        #[command(flatten)]
        finding: Finding,
        /// Until when: a date (its end) or a time in UTC
        #[arg(long, value_name = "TIME")]
        until: String,
    },
    /// Have something found looked at again
    Reopen(Finding),
    /// Say what harm and likelihood of a risk, or the level of an incident, are, in the place of those derived
    #[command(group = clap::ArgGroup::new("judged").required(true).multiple(true))]
    Judge {
        /// What, and why
        #[command(flatten)]
        finding: Finding,
        /// Harm of the risk
        #[arg(long, value_name = "HARM", group = "judged", value_parser = PossibleValuesParser::new(HARMS.map(Harm::key)))]
        harm: Option<String>,
        /// Likelihood of the risk
        #[arg(long, value_name = "LIKELIHOOD", group = "judged", value_parser = PossibleValuesParser::new(LIKELIHOODS.map(Likelihood::key)))]
        likelihood: Option<String>,
        /// Level of the incident
        #[arg(long, value_enum, value_name = "LEVEL", group = "judged", conflicts_with_all = ["harm", "likelihood"])]
        level: Option<IncidentFailOn>,
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

/// What is decided on, and why.
#[derive(Args, Debug)]
pub struct Finding {
    /// Id of a case (ca-), an incident (in-) or a risk (rk-), or key of a risk source (rs-)
    pub id: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// The directory.
    #[command(flatten)]
    pub on: DecideOn,
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
