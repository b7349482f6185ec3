//! `weir rules try`: what other rules would find in captures, and what they cost, before they go live.

use super::{Setting, print};
use crate::args::TryRules;
use crate::failure::{Failure, Outcome, Run};
use crate::lang::Lang;
use crate::pipeline::{self, Setup};
use crate::table::table;
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use weir_analyst::Analyst;
use weir_capture::{Files, Input};
use weir_exchange::{Catalogue, Exchange, Fingerprinter};
use weir_lane::LaneConfig;
use weir_model::InterfaceId;
use weir_rules::RuleSet;

/// Interface, `data` or `signal`, id, form (empty of signals).
type What = (String, &'static str, String, &'static str);
/// How many of each.
type Found = BTreeMap<What, u64>;

/// One pass over the captures.
struct Pass {
    found: Found,
    /// CPU seconds of the thread that reads, decodes and inspects.
    seconds: f64,
    exchanges: u64,
}

/// Rehearses rules.
pub fn try_rules(args: &TryRules, setting: &Setting) -> Run {
    if let Some(dir) = &args.data {
        let shown = dir.display();
        return Err(Failure::new(
            format!("{shown}：数据目录只保存记录，不保存流量，无法据此试跑规则；请用 --capture 给出抓包文件"),
            format!(
                "{shown}: a data directory keeps records, not traffic, so rules cannot be rehearsed on it; give captures with --capture"
            ),
        ));
    }
    let now = Arc::new(setting.rules(&[], None)?);
    let new = Arc::new(changed(&args.packs, setting)?);
    let sides = [now, new];
    // The first passes say what is found, and bring the captures into the cache; those after them are timed.
    let first = [pass(&sides[0], args, setting)?, pass(&sides[1], args, setting)?];
    let mut times: [Vec<f64>; 2] = Default::default();
    for round in 0..usize::from(args.rounds) {
        for turn in 0..2 {
            // Each goes first as often as the other.
            let side = (round + turn) % 2;
            times[side].push(pass(&sides[side], args, setting)?.seconds);
        }
    }
    let costs = times.map(median);
    let rows = differences(&first);
    let text = match setting.json {
        true => lines(&rows, &first, costs, args),
        false => shown(&rows, &first, costs, args, setting.lang),
    };
    print(&text)?;
    Ok(Outcome::Success)
}

fn changed(packs: &[PathBuf], setting: &Setting) -> Result<RuleSet, Failure> {
    RuleSet::load_changed(&setting.config.rules.packs, setting.config.rules.builtin, packs)
        .map_err(|e| super::wrong_packs(&e))
}

/// Runs the captures through one lane and the analyst under `rules`.
fn pass(rules: &Arc<RuleSet>, args: &TryRules, setting: &Setting) -> Result<Pass, Failure> {
    let catalogue = rules.catalogue().clone();
    let setup = Setup {
        lanes: 1,
        pin: false,
        lane: LaneConfig::default(),
        rules: rules.clone(),
        // Nothing is kept, so the key of fingerprints does not matter.
        fingerprinter: Fingerprinter::new([0; 16]),
    };
    let mut source = Files::new(args.captures.iter().map(|c| Input::from_arg(c)).collect());
    let analyst = Analyst::new(catalogue.clone(), setting.thresholds()?, Arc::new(setting.places()?))
        .trusting(setting.trust()?);
    let mut counts: BTreeMap<(Option<InterfaceId>, &'static str, u16, &'static str), u64> = BTreeMap::new();
    let mut exchanges = 0;
    let begun = cpu();
    let done = pipeline::run(
        &setup,
        &mut source,
        analyst,
        |row| {
            exchanges += 1;
            let mut count = |kind, id, form, n| {
                *counts.entry((row.place.interface, kind, id, form)).or_default() += n;
            };
            let x: &Exchange = &row.exchange;
            x.data.iter().for_each(|d| count("data", d.data_type.0, d.form.key(), u64::from(d.count)));
            x.signals.iter().for_each(|s| count("signal", s.signal.0, "", 1));
        },
        |_| {},
    )?;
    let seconds = cpu() - begun;
    let mut found = Found::new();
    for ((interface, kind, id, form), n) in counts {
        let what = (name(interface, &done.analyst), kind, rule(kind, id, &catalogue), form);
        *found.entry(what).or_default() += n;
    }
    Ok(Pass { found, seconds, exchanges })
}

/// CPU seconds of this thread: with one lane it reads, decodes and inspects.
fn cpu() -> f64 {
    let t = clock_gettime(ClockId::ThreadCPUTime);
    t.tv_sec as f64 + t.tv_nsec as f64 / 1e9
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or_default()
}

fn name(interface: Option<InterfaceId>, analyst: &Analyst) -> String {
    let known = analyst.known();
    let Some(i) = interface.and_then(|i| known.interface(analyst.resolve(i))) else { return "-".into() };
    let host = known.site(i.site).map_or("", |s| &*s.host);
    let operation =
        if i.operation_name.is_empty() { String::new() } else { format!(" #{}", i.operation_name) };
    format!("{} {host}{}{operation}", i.method, i.template)
}

fn rule(kind: &str, id: u16, catalogue: &Catalogue) -> String {
    let at = usize::from(id);
    let id = match kind {
        "data" => catalogue.data_types.get(at).map(|t| &t.id),
        _ => catalogue.signals.get(at).map(|s| &s.id),
    };
    id.map_or_else(|| "unknown".into(), ToString::to_string)
}

/// What is not found as often, with the counts under the rules in force and the others.
fn differences([now, new]: &[Pass; 2]) -> Vec<(What, u64, u64)> {
    let all: BTreeSet<&What> = now.found.keys().chain(new.found.keys()).collect();
    let count = |found: &Found, what: &What| found.get(what).copied().unwrap_or(0);
    let rows = all.into_iter().map(|w| (w.clone(), count(&now.found, w), count(&new.found, w)));
    rows.filter(|(_, a, b)| a != b).collect()
}

fn ratio([now, new]: [f64; 2]) -> f64 {
    if now > 0.0 { new / now } else { 1.0 }
}

fn lines(rows: &[(What, u64, u64)], first: &[Pass; 2], costs: [f64; 2], args: &TryRules) -> String {
    let mut out = String::new();
    for ((interface, kind, id, form), now, new) in rows {
        let form = Some(form).filter(|f| !f.is_empty());
        let row = json!({
            "v": 1, "interface": interface, "kind": kind, "id": id, "form": form, "now": now, "new": new,
        });
        out += &format!("{row}\n");
    }
    let total = |p: &Pass| p.found.values().sum::<u64>();
    let cost = json!({
        "v": 1, "exchanges": first[0].exchanges, "found_now": total(&first[0]), "found_new": total(&first[1]),
        "cpu_seconds_now": costs[0], "cpu_seconds_new": costs[1], "cpu_ratio": ratio(costs), "rounds": args.rounds,
    });
    out + &format!("{cost}\n")
}

fn shown(
    rows: &[(What, u64, u64)],
    first: &[Pass; 2],
    costs: [f64; 2],
    args: &TryRules,
    lang: Lang,
) -> String {
    let header = [
        lang.pick("接口", "interface"),
        lang.pick("规则", "rule"),
        lang.pick("形态", "form"),
        lang.pick("现有规则", "now"),
        lang.pick("试跑规则", "with these"),
        lang.pick("变化", "change"),
    ];
    let change =
        |now: u64, new: u64| if new > now { format!("+{}", new - now) } else { format!("-{}", now - new) };
    let cells = rows.iter().map(|((interface, _, id, form), now, new)| {
        let (a, b) = (now.to_string(), new.to_string());
        vec![interface.clone(), id.clone(), (*form).into(), a, b, change(*now, *new)]
    });
    let found = match rows.is_empty() {
        true => lang.pick("发现的内容没有变化。\n", "Nothing else is found, and nothing less.\n").to_owned(),
        false => table(&header, cells),
    };
    let (n, rounds, r) = (first[0].exchanges, args.rounds, ratio(costs));
    let cost = lang.pick(
        format!(
            "{n} 次调用；CPU 时间（读取、解码、检查，{rounds} 轮交替取中位数）{:.3} 秒变为 {:.3} 秒，为原来的 {r:.2} 倍\n",
            costs[0], costs[1]
        ),
        format!(
            "{n} exchanges; CPU time (reading, decoding, inspecting; medians of {rounds} rounds in turn) {:.3} s becomes {:.3} s, {r:.2} times as much\n",
            costs[0], costs[1]
        ),
    );
    found + &cost
}
