//! `weir replay`: the whole pipeline over capture files.

use super::conclude::{figures, organisation, report, stages, style, tell, worst};
use super::keys::keys;
use super::registered::{registered, told as list_told};
use super::{Setting, print};
use crate::args::Replay;
use crate::clock::WallClock;
use crate::failure::{Failure, Outcome, Run, Told};
use crate::pipeline::{self, Done, Setup};
use crate::progress::Progress;
use std::io::IsTerminal;
use std::sync::Arc;
use weir_analyst::Analyst;
use weir_capture::{Files, Input, KeyLog, Looped, Paced, Source};
use weir_exchange::Fingerprinter;
use weir_judge::{Matrix, incidents, judge};
use weir_lane::LaneConfig;
use weir_model::{InterfaceId, Summary};
use weir_registry::{List, compare};
use weir_report::{Language, ReportInput, summary};
use weir_store::{DataDir, Options, Results, Row, Writer};

/// Runs captures through the pipeline and leaves records, report and summary.
pub fn replay(args: &Replay, setting: &Setting) -> Run {
    let lang = setting.lang;
    let rules = Arc::new(setting.rules(&args.rules, args.profile.as_deref())?);
    let thresholds = setting.thresholds()?;
    let places = Arc::new(setting.places()?);
    let keys = keys(args, &setting.config.tls.server_keys, &probe(args)?, lang)?;
    // Before the work: a list that is wrong must not cost what was found.
    let list = registered(setting, &args.out)?;
    let people = super::people(&args.out)?;
    let mut source = source(args)?;
    let storing =
        |e: &weir_store::StoreError| Failure::during("无法使用输出目录", "cannot use the output folder", e);
    let dir = DataDir::create(&args.out).map_err(|e| storing(&e))?;
    let key = dir.fingerprint_key().map_err(|e| storing(&e))?;
    let decided = super::decide::in_force(dir.path()).map_err(|e| storing(&e))?;
    let options = Options { database: !args.no_store, keep_targets: args.digest, ..Options::default() };
    let catalogue = rules.catalogue().clone();
    let mut writer = Writer::create(dir, options, catalogue.clone()).map_err(|e| storing(&e))?;

    let mut lane = LaneConfig::default();
    lane.inspect.digest = args.digest;
    lane.keys = keys;
    let setup = Setup {
        lanes: args.lanes.map(usize::from).or(setting.config.replay.lanes).unwrap_or(1).clamp(1, 64),
        pin: args.pin || setting.config.replay.pin.unwrap_or(false),
        lane,
        rules,
        fingerprinter: Fingerprinter::new(key),
    };
    let mut analyst = Analyst::decided(catalogue, thresholds, places, decided).trusting(setting.trust()?);
    analyst.know(people);
    analyst.register(list.as_ref());
    let progress = Progress::new(lang);
    let done = pipeline::run(
        &setup,
        &mut *source,
        analyst,
        |row| {
            let place = &row.place;
            writer.exchange(&Row {
                exchange: &row.exchange,
                interface: place.interface,
                account: place.account.as_deref(),
                origin: place.origin,
                leg: place.leg,
            });
        },
        |source| progress.show(&source.counters(), lang),
    );
    progress.done();
    conclude(args, setting, &*source, &done?, list.as_ref(), writer)
}

/// Reads the beginning of every capture file, so that a wrong name does not cost the output folder the records it holds;
/// gives back the TLS key logs that stand before the first packets. Pipes can be read only once and are left alone.
fn probe(args: &Replay) -> Result<Vec<KeyLog>, Failure> {
    let again = |c: &&String| *c != "-" && std::fs::metadata(c).map_or(true, |m| m.is_file());
    let inputs = args.captures.iter().filter(again).map(|c| Input::from_arg(c)).collect();
    let mut files = Files::new(inputs);
    match files.poll(&mut |_| {}) {
        Ok(_) => Ok(files.key_logs().to_vec()),
        Err(e) => Err(Failure::during("无法读取抓包", "cannot read the capture", &e)),
    }
}

/// Where the frames come from.
fn source(args: &Replay) -> Result<Box<dyn Source>, Failure> {
    let inputs: Vec<Input> = args.captures.iter().map(|c| Input::from_arg(c)).collect();
    let source: Box<dyn Source> = match args.rounds {
        1 => Box::new(Files::new(inputs)),
        n => {
            Box::new(Looped::new(inputs, n).map_err(|e| Failure::during("无法循环回放", "cannot loop", &e))?)
        }
    };
    Ok(match args.pace {
        Some(pace) => Box::new(Paced::new(source, pace, WallClock::start())),
        None => source,
    })
}

/// Judges, writes what is left to write, and sums up.
fn conclude(
    args: &Replay,
    setting: &Setting,
    source: &dyn Source,
    done: &Done,
    list: Option<&List>,
    writer: Writer,
) -> Run {
    let analyst = &done.analyst;
    let sources = analyst.risk_sources();
    let matrix = Matrix::gbt45577_2025();
    let risks = judge(&sources, &analyst.known(), analyst.catalogue(), &matrix);
    let operator = setting.config.organisation.operator.into();
    let incidents = incidents(&sources, &risks, &analyst.known(), analyst.catalogue(), operator);
    let resolve = |id: InterfaceId| analyst.resolve(id);
    let registrations = list.map(|list| compare(list, &analyst.known(), &resolve, analyst.catalogue()));
    let stages = stages(&done.report);
    let mut faults: Vec<Summary> = source.notices().iter().map(Told::told).collect();
    let written = writer.finish(&Results {
        known: analyst.known(),
        places: analyst.places(),
        resolve: &resolve,
        sources: &sources,
        risks: &risks,
        incidents: &incidents,
        cards: weir_detect::catalogue(),
        catalogue: analyst.catalogue(),
        grading: analyst.grading(),
        registrations: registrations.as_ref(),
        ledger: &done.report.ledger,
        stages: &stages,
    });
    faults.extend(written.errors.iter().map(Told::told));
    let mut partial = !written.errors.is_empty();
    if !partial && let Err(e) = weir_respond::write(&args.out) {
        partial = true;
        faults.push(e.told());
    }
    let organisation = organisation(setting);
    let versions = [("weir".to_string(), env!("CARGO_PKG_VERSION").to_string())];
    let mut input = ReportInput {
        known: analyst.known(),
        resolve: &resolve,
        sources: &sources,
        risks: &risks,
        incidents: &incidents,
        matrix: &matrix,
        cards: weir_detect::catalogue(),
        catalogue: analyst.catalogue(),
        ledger: &done.report.ledger,
        tally: analyst.tally(),
        captures: &args.captures,
        faults: &faults,
        organisation: &organisation,
        versions: &versions,
        directory: &args.out,
        reported: true,
    };
    let language = setting.lang.pick(Language::Zh, Language::En);
    let report = report(&args.out, &input, language);
    let more: Vec<Summary>;
    if let Err(e) = report {
        partial = true;
        more = faults.iter().cloned().chain([e]).collect();
        (input.faults, input.reported) = (&more, false);
    }
    // The summary lists the faults too: on a terminal, once is enough.
    if setting.json || !std::io::stdout().is_terminal() {
        input.faults.iter().for_each(|fault| tell(setting.lang, fault));
    }
    print(&if setting.json {
        figures(&input, &sources, &risks, registrations.as_ref())
    } else {
        let list = registrations.as_ref().map(list_told).unwrap_or_default();
        summary(&input, language, style()) + setting.lang.pick(&list.zh, &list.en)
    })?;
    let failing = args.fail_on.is_some_and(|least| worst(&sources) >= Some(least.into()));
    Ok(if failing || partial { Outcome::Found } else { Outcome::Success })
}
