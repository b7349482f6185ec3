//! What finding sensitive data costs: inspection against Hyperscan alone, the whole catalogue against its first types, bodies without a candidate.
//!
//! `cargo bench -p weir-bench --bench data [-- --json]`

#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]

use std::path::{Path, PathBuf};
use weir_bench::bare::Bare;
use weir_bench::http::API_MIX;
use weir_bench::load::Load;
use weir_bench::measure::{PASSES, gbits, interleaved};
use weir_bench::row::Row;
use weir_bench::stage::Bench;
use weir_bench::traffic::quiet;
use weir_bench::workload::{Workload, bodies};
use weir_rules::RuleSet;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Connections of a workload: some 45 MB of W1.
const SIZE: usize = 1_000;

/// The first types of the catalogue: documents, telephones, names and addresses.
const FIRST: [&str; 25] = [
    "cn_id18",
    "cn_id15",
    "cn_hkmotw_residence",
    "cn_foreign_pr",
    "cn_home_return_permit",
    "cn_taiwan_permit",
    "cn_hkmo_exit_permit",
    "cn_tw_exit_permit",
    "cn_passport",
    "passport_mrz",
    "cn_military_id",
    "cn_driver_licence",
    "cn_birth_cert",
    "cn_hukou",
    "cn_social_security",
    "cn_housing_fund",
    "cn_mobile",
    "cn_landline",
    "intl_phone",
    "us_phone",
    "email",
    "cn_name",
    "en_name",
    "cn_address",
    "cn_address_key",
];

fn main() {
    let whole = Bench::default();
    against_hyperscan(&whole);
    catalogue(&whole);
    without_candidates(&whole);
}

/// CPU seconds of inspection alone over a load, beside those of Hyperscan over its bodies: a whole lane less what comes before inspection.
fn inspection(bench: &Bench, load: &Load, texts: &[Vec<u8>]) -> [f64; 2] {
    let bare = Bare::new(bench.rules()).expect("the literals");
    let (mut lane, mut before) = (bench.stage("inspect"), bench.stage("http1"));
    let mut whole = || lane.pass(&mut |take| load.bursts(take));
    let mut parse = || before.pass(&mut |take| load.bursts(take));
    let mut scan = || texts.iter().map(|t| bare.hits(t)).sum();
    whole();
    parse();
    let seconds = interleaved(PASSES, &mut [&mut whole, &mut parse, &mut scan]);
    [seconds[0] - seconds[1], seconds[2]]
}

fn total(texts: &[Vec<u8>]) -> u64 {
    texts.iter().map(|t| t.len() as u64).sum()
}

/// The inspect stage over the API mix against the block rate of the same database on the same decoded bytes.
fn against_hyperscan(bench: &Bench) {
    let texts: Vec<Vec<u8>> = bodies(SIZE, &API_MIX).into_iter().map(|(_, body)| body).collect();
    let [inspect, scan] = inspection(bench, &Load::of(Workload::W1, SIZE), &texts);
    Row::new("I4", "inspection of W1's bodies", gbits(total(&texts), inspect), "Gbit/s").print();
    Row::new("I4", "inspection / bare hs_scan, W1", scan / inspect, "").at_least(0.60, 0.60).print();
}

/// What the whole catalogue costs beside its first types: the share of inspection's rate that it takes.
fn catalogue(whole: &Bench) {
    let packs = tempfile::tempdir().expect("a folder");
    let paths = first_types(packs.path());
    let few = Bench::with(RuleSet::load(&paths, false).expect("packs of the first types"));
    let load = Load::of(Workload::W1, SIZE);
    let mut stages = [few.stage("inspect"), whole.stage("inspect"), whole.stage("http1")];
    let mut works: Vec<_> =
        stages.iter_mut().map(|stage| || stage.pass(&mut |take| load.bursts(take))).collect();
    for warm in &mut works {
        warm();
    }
    let mut works: Vec<&mut dyn FnMut() -> u64> = works.iter_mut().map(|w| w as _).collect();
    let seconds = interleaved(PASSES, &mut works);
    let rate = (seconds[0] - seconds[2]) / (seconds[1] - seconds[2]);
    let name =
        format!("rate lost by all {} types instead of 25, W1", whole.rules().catalogue().data_types.len());
    Row::new("I4", name, 1.0 - rate, "").at_most(0.40, 0.40).print();
}

/// The built-in packs with the first types alone, signals and all; returns the files.
fn first_types(into: &Path) -> Vec<PathBuf> {
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/packs");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(packs).expect("the packs") {
        let path = entry.expect("a pack").path();
        let name = path.file_name().expect("a name").to_owned();
        // Grades by trade name groups that would be empty; they come after inspection.
        if name == "profiles.toml" {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a pack");
        if path.extension().is_none_or(|e| e != "toml") {
            std::fs::write(into.join(name), text).expect("a list");
            continue;
        }
        let mut pack: toml::Table = text.parse().expect("TOML");
        if let Some(toml::Value::Array(types)) = pack.get_mut("data_type") {
            let id = |t: &toml::Value| t.get("id").and_then(toml::Value::as_str).map(str::to_owned);
            types.retain(|t| id(t).is_some_and(|id| FIRST.contains(&&*id)));
        }
        std::fs::write(into.join(&name), pack.to_string()).expect("a pack");
        files.push(into.join(name));
    }
    files.sort();
    files
}

/// Bodies in which nothing is a candidate, as most of what passes.
fn without_candidates(bench: &Bench) {
    let mut load = Load::default();
    let texts = quiet::frames(SIZE, |time, frame| load.push(time, frame));
    let [inspect, scan] = inspection(bench, &load, &texts);
    Row::new("I4", "inspection / bare hs_scan, bodies without a candidate", scan / inspect, "")
        .at_least(0.85, 0.85)
        .print();
}
