//! `weir run`: the live sensor.

use super::conclude::{figures, organisation, report, stages, style, tell};
use super::keys::server_keys;
use super::registered::{registered, told as list_told};
use super::{Setting, print};
use crate::args;
use crate::clock;
use crate::failure::{Failure, Outcome, Run, Told};
use crate::live::{self, Finished, Plan, Reload, Shared};
use crate::log::Log;
use crate::sources::{self, Opened};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use weir_analyst::Analyst;
use weir_exchange::Fingerprinter;
use weir_judge::{Matrix, incidents, judge};
use weir_lane::{LaneConfig, LaneReport};
use weir_model::{InterfaceId, Summary};
use weir_registry::compare;
use weir_report::{Language, ReportInput, summary};
use weir_store::{DataDir, LiveWriter, StoreError};

/// Watches live traffic until it is told to stop or its sources end.
pub fn run(args: &args::Run, setting: &Setting) -> Run {
    let config = &setting.config;
    let log = Log::new(setting.lang, setting.json);
    let thresholds = setting.thresholds()?;
    let places = Arc::new(setting.places()?);
    let wanted = args.lanes.map(usize::from).or(config.run.lanes).unwrap_or_else(live::default_lanes);
    // The directory first: of two sensors the second must not touch the interface.
    let dir = data_directory(args.data.as_deref(), setting)?;
    let storing = |e: &StoreError| Failure::during("无法使用数据目录", "cannot use the data directory", e);
    let dir = DataDir::create(&dir).map_err(|e| storing(&e))?;
    let rules = Arc::new(live::load_rules(setting, &args.rules, args.profile.as_deref(), dir.path(), &log)?);
    let decided = super::decide::in_force(dir.path()).map_err(|e| storing(&e))?;
    let list = registered(setting, dir.path())?;
    let (trust, people) = (setting.trust()?, super::people(dir.path())?);
    let mind = live::mind(&dir, rules.catalogue(), &log, |catalogue| {
        let fresh = Analyst::decided(catalogue, thresholds.clone(), places.clone(), decided.clone());
        let mut fresh = fresh.trusting(trust.clone());
        fresh.know(people.clone());
        fresh.register(list.as_ref());
        fresh
    });
    let key = dir.fingerprint_key().map_err(|e| storing(&e))?;
    let writer =
        LiveWriter::open(dir, config.store.options(), env!("CARGO_PKG_VERSION"), clock::now(), mind.resumed)
            .map_err(|e| storing(&e))?;
    let directory = writer.directory().to_path_buf();
    let specs = if args.sources.is_empty() { &config.run.sources } else { &args.sources };
    if specs.is_empty() {
        return Err(Failure::new(
            "没有给出来源；请用 --source af_packet:接口，或在配置 run.sources 中给出；weir doctor 列出现有接口",
            "no source is named; use --source af_packet:INTERFACE, or run.sources of the configuration; `weir doctor` lists the interfaces there are",
        ));
    }
    let servers = server_keys(&config.tls.server_keys)?;
    let sources = sources::open(specs, wanted, config)?;
    let lanes = sources.lanes.len();
    let cores = live::chosen(&config.run, lanes)?;
    let shared = Arc::new(Shared::new(log, lanes));
    live::guard();
    say_start(&shared, specs, &sources, &cores, &directory);
    let keys = live::open_keys(&config.tls, servers, &shared)?;
    let (orders, taken) = mpsc::channel();
    let reload = Reload {
        shared: shared.clone(),
        path: setting.config_path.clone(),
        packs: args.rules.clone(),
        profile: args.profile.clone(),
        directory: directory.clone(),
        orders,
        rules: rules.clone(),
        config: config.clone(),
    };
    let plan = Plan {
        shared: shared.clone(),
        sources,
        cores,
        lane: LaneConfig { keys, ..lane_config(setting) },
        rules: rules.clone(),
        fingerprinter: Fingerprinter::new(key),
        mind,
        list,
        operator: config.organisation.operator.into(),
        writer,
        save_every: Duration::from_secs(config.run.save_seconds),
        remember_every: Duration::from_secs(config.run.remember_seconds),
        watchdog: Duration::from_secs(config.run.watchdog_seconds),
        metrics: config.run.metrics_address()?.map(|a| (a, config.run.metrics.is_some())),
    };
    let finished = live::run(plan, taken, reload)?;
    conclude(specs, setting, &shared, finished, &directory)
}

/// The directory named, or where a sensor of this user keeps its records.
pub(super) fn data_directory(named: Option<&Path>, setting: &Setting) -> Result<PathBuf, Failure> {
    if let Some(named) = named.map(Path::to_path_buf).or_else(|| setting.config.run.data.clone()) {
        return Ok(named);
    }
    let of = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    // systemd may name several, joined by colons; the first is meant.
    let systemd = of("STATE_DIRECTORY").and_then(|d| Some(PathBuf::from(d.to_str()?.split(':').next()?)));
    let root = rustix::process::geteuid().is_root().then(|| PathBuf::from("/var/lib/weir"));
    let home = || of("XDG_STATE_HOME").or_else(|| of("HOME").map(|h| h.join(".local/state")));
    systemd.or(root).or_else(|| home().map(|h| h.join("weir"))).ok_or_else(|| {
        Failure::new("没有可用的数据目录；请用 --data 给出", "there is no data directory; name one by --data")
    })
}

/// The lanes' bounds, the configuration's over the defaults.
fn lane_config(setting: &Setting) -> LaneConfig {
    let mut lane = LaneConfig::default();
    let b = &setting.config.bounds;
    lane.stream.flows = b.flows.unwrap_or(lane.stream.flows);
    lane.stream.total_bytes = b.out_of_order_mib.map_or(lane.stream.total_bytes, |n| n << 20);
    lane.stream.side_bytes = b.flow_out_of_order_kib.map_or(lane.stream.side_bytes, |n| n << 10);
    lane
}

/// What the sensor starts with, and what could make it lose frames.
fn say_start(shared: &Shared, specs: &[String], sources: &Opened, cores: &[usize], directory: &Path) {
    let lanes = sources.lanes.len();
    shared.log.info(
        "run.begun",
        &[
            ("version", &env!("CARGO_PKG_VERSION")),
            ("sources", &specs.join(" ")),
            ("lanes", &lanes),
            ("data", &directory.display()),
        ],
        "传感器已启动",
        "the sensor has started",
    );
    if cores.is_empty() {
        return;
    }
    if cores.len() < lanes {
        shared.log.warn(
            "cores.few",
            &[("cores", &cores.len()), ("lanes", &lanes)],
            "核少于通道：其余通道不绑定",
            "fewer cores than lanes: the other lanes are not pinned",
        );
    }
    let show = |cores: &[usize]| cores.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let (shared_cores, ticking) = (live::shared_cores(cores), live::ticking(cores));
    if !shared_cores.is_empty() {
        shared.log.info(
            "cores.shared",
            &[("cores", &show(&shared_cores))],
            "这些核未隔离，其他程序也会在其上运行；可用内核参数 isolcpus= 隔离",
            "these cores are not isolated: other programs run there too; isolate them with the kernel's isolcpus=",
        );
    }
    if !ticking.is_empty() {
        shared.log.info(
            "cores.ticking",
            &[("cores", &show(&ticking))],
            "这些核仍有定时中断；可用内核参数 nohz_full= 关闭",
            "the timer tick goes on on these cores; stop it with the kernel's nohz_full=",
        );
    }
}

/// Saves what is left, reports, and sums up.
fn conclude(specs: &[String], setting: &Setting, shared: &Shared, finished: Finished, out: &Path) -> Run {
    let Finished { learned, writer, ending } = finished;
    let (analyst, list) = (&learned.analyst, learned.list.as_ref());
    let mut total = LaneReport::default();
    for lane in &shared.lanes {
        total.absorb(&lane.report());
    }
    let kept = match &learned.state {
        Ok(state) => writer.remember(state).err(),
        Err(why) => {
            live::unsaid(shared, why);
            None
        }
    };
    let mut last = learned.last;
    last.ledger.stages = stages(&total);
    let (counters, errors) = writer.finish(last, clock::now());
    let mut faults: Vec<Summary> = errors.iter().chain(&kept).map(Told::told).collect();
    if faults.is_empty()
        && let Err(e) = weir_respond::write(out)
    {
        faults.push(e.told());
    }
    if counters.rows_lost + counters.lines_lost > 0 {
        let (rows, lines) = (counters.rows_lost, counters.lines_lost);
        faults.push(Summary {
            zh: format!("{rows} 条接口调用未写入数据库，{lines} 条未写入 exchanges.jsonl（如磁盘已满）"),
            en: format!("{rows} exchanges are missing in the database and {lines} in exchanges.jsonl (a full disk, for example)"),
        });
    }
    if ending.lost_lanes > 0 {
        faults.push(Summary {
            zh: format!("{} 个处理通道未能正常结束；它们分担的流量不完整", ending.lost_lanes),
            en: format!(
                "{} lanes did not end in order; their share of the traffic is not whole",
                ending.lost_lanes
            ),
        });
    }
    let sources = analyst.risk_sources();
    let matrix = Matrix::gbt45577_2025();
    let risks = judge(&sources, &analyst.known(), analyst.catalogue(), &matrix);
    let operator = setting.config.organisation.operator.into();
    let incidents = incidents(&sources, &risks, &analyst.known(), analyst.catalogue(), operator);
    let resolve = |id: InterfaceId| analyst.resolve(id);
    let registrations = list.map(|list| compare(list, &analyst.known(), &resolve, analyst.catalogue()));
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
        ledger: &total.ledger,
        tally: analyst.tally(),
        captures: specs,
        faults: &faults,
        organisation: &organisation,
        versions: &versions,
        directory: out,
        reported: true,
    };
    let language = setting.lang.pick(Language::Zh, Language::En);
    let more: Vec<Summary>;
    if let Err(e) = report(out, &input, language) {
        more = faults.iter().cloned().chain([e]).collect();
        (input.faults, input.reported) = (&more, false);
    }
    input.faults.iter().for_each(|fault| tell(setting.lang, fault));
    let partial = !input.faults.is_empty();
    shared.log.info(
        "run.ended",
        &[
            ("frames", &total.ledger.received.count),
            ("exchanges", &input.tally.exchanges),
            ("balanced", &total.ledger.balanced()),
        ],
        "传感器已停止，全部已保存",
        "the sensor has stopped, everything is saved",
    );
    print(&if setting.json {
        figures(&input, &sources, &risks, registrations.as_ref())
    } else {
        let list = registrations.as_ref().map(list_told).unwrap_or_default();
        summary(&input, language, style()) + setting.lang.pick(&list.zh, &list.en)
    })?;
    Ok(if partial { Outcome::Found } else { Outcome::Success })
}
