//! `weir`: the binary for everybody. Commands, configuration and wiring; the work is done in the crates.
//!
//! Exit codes: 0 success; 1 ran and found what it was asked to fail on, or could write only a part; 2 bad usage or bad input.

mod args;
mod bounds;
mod clock;
mod columns;
mod commands;
mod config;
mod doctor;
mod failure;
mod lang;
mod live;
mod log;
mod pipeline;
mod progress;
mod sources;
mod table;
mod usage;

use crate::args::{Cli, Command};
use crate::commands::Setting;
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::lang::Lang;
use clap::FromArgMatches;
use std::io::Write;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args_os().map(|a| a.to_string_lossy().into_owned()).collect();
    let mut lang = Lang::of_arguments(&arguments);
    let parsed = args::command(lang).try_get_matches().and_then(|m| Cli::from_arg_matches(&m));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(e) => return usage::tell(&e, lang),
    };
    let run = Config::load(cli.common.config.as_deref()).and_then(|config| {
        lang = cli.common.lang.or(config.lang.map(Lang::from)).unwrap_or(lang);
        let config_path = cli.common.config.clone();
        let setting = Setting { lang, json: cli.common.json, config, config_path };
        dispatch(&cli.command, &setting)
    });
    match run {
        Ok(Outcome::Success) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(1),
        Err(failure) => complain(&failure, lang),
    }
}

fn dispatch(command: &Command, setting: &Setting) -> failure::Run {
    match command {
        Command::Replay(a) => commands::replay(a, setting),
        Command::Run(a) => commands::run(a, setting),
        Command::Scan(a) => commands::scan(a, setting),
        Command::Interfaces(a) => commands::interfaces(a, setting),
        Command::Accounts(a) => commands::accounts(a, setting),
        Command::Risks(a) => commands::risks(a, setting),
        Command::Incidents(a) => commands::incidents(a, setting),
        Command::Cases(a) => commands::cases(a, setting),
        Command::Decide(a) => commands::decide(a, setting),
        Command::Import(a) => commands::import(a, setting),
        Command::Export(a) => commands::export(a, setting),
        Command::Rules(a) => commands::rules(a, setting),
        Command::Doctor(a) => commands::doctor(a, setting),
        Command::Explain(a) => commands::explain(a, setting),
    }
}

/// Says why on standard error. That nobody reads it (a closed pipe) does not change the exit code.
fn complain(failure: &Failure, lang: Lang) -> ExitCode {
    drop(writeln!(std::io::stderr(), "weir: {}", failure.message(lang)));
    ExitCode::from(2)
}
