//! Thirty days of an office in virtual time: what the stages that ship find of twelve incidents, and what they say besides.
//!
//! `cargo run --release -p weir-bench --example month -- [SEED] [--days N] [--list] [--json]` prints a row an incident, the false cases
//! of each day after the first week, and the cost; `--list` adds every false finding.
//!
//! 500 accounts in nine departments, 300 interfaces of ten sites, six partners, 1,200 customers; working days, holidays and days worked
//! to make up for them are those of the calendar's pack. The truth is written down as the traffic is made (`incidents.rs`,
//! `score.rs`), without a look at what any detector does.

#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]
#![allow(missing_docs, reason = "a program's own modules")]

mod day;
mod incidents;
mod office;
mod score;
mod wire;

use day::Scene;
use incidents::Plot;
use office::{DEPARTMENTS, Office};
use score::{LEARNING, Score};
use std::sync::Arc;
use weir_analyst::Analyst;
use weir_bench::measure::cpu;
use weir_bench::rng::Rng;
use weir_bench::row::Row;
use weir_bench::stage::Bench;
use weir_detect::Thresholds;
use weir_model::{People, Person};
use weir_place::Places;
use wire::Wire;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Days of a run.
const DAYS: u32 = 30;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str| args.iter().position(|a| a == name).and_then(|n| args.get(n + 1)?.parse().ok());
    let seed = args.first().and_then(|a| a.parse().ok()).unwrap_or(1);
    let days = after("--days").unwrap_or(DAYS);
    let mut run = Run::new(seed);
    for day in 0..days {
        run.day(day);
    }
    run.report(days, args.iter().any(|a| a == "--list"));
}

/// A month under way.
struct Run {
    scene: Scene,
    plot: Plot,
    analyst: Analyst,
    score: Score,
    exchanges: u64,
    seconds: f64,
}

impl Run {
    fn new(seed: u64) -> Run {
        let bench = Bench::default();
        let catalogue = bench.rules().catalogue().clone();
        let mut rng = Rng::new(seed);
        let office = Office::new(&mut rng, DAYS);
        let places = Arc::new(Places::default());
        let mut analyst = Analyst::new(Arc::clone(&catalogue), Thresholds::default(), places);
        analyst.know(Arc::new(people(&office)));
        let (wire, calendar) = (Wire::new(&catalogue), catalogue.calendar.clone());
        Run {
            scene: Scene { office, wire, rng, calendar, out: Vec::new(), day: 0 },
            plot: Plot::new(),
            analyst,
            score: Score::default(),
            exchanges: 0,
            seconds: 0.0,
        }
    }

    fn day(&mut self, day: u32) {
        self.scene.day = day;
        self.plot.today(&mut self.scene);
        self.scene.ordinary();
        let mut all = std::mem::take(&mut self.scene.out);
        all.sort_by_key(|x| x.time);
        let mut sources = self.analyst.sources_found();
        let mut begun = cpu();
        self.exchanges += all.len() as u64;
        for x in all {
            self.analyst.take(Box::new(x), &mut |_, _| ());
            if self.analyst.sources_found() != sources {
                sources = self.analyst.sources_found();
                self.seconds += cpu() - begun;
                self.look();
                begun = cpu();
            }
        }
        self.analyst.let_go(&mut |_, _| ());
        self.seconds += cpu() - begun;
        self.look();
    }

    fn look(&mut self) {
        let (known, now) = (self.analyst.known(), self.analyst.now().nanos());
        self.score.update(&self.analyst.risk_sources(), (&known, now), &self.plot, &self.scene.office);
    }

    fn report(&self, days: u32, list: bool) {
        let json = std::env::args().any(|a| a == "--json");
        let mut found = 0;
        for (incident, f) in self.plot.incidents.iter().zip(&self.score.found) {
            let hours = |t: u64| t.saturating_sub(incident.span.map_or(0, |s| s.0)) as f64 / 3.6e12;
            let name = format!("{}: {}", incident.name, f.ids.iter().copied().collect::<Vec<_>>().join(" "));
            match f.first {
                Some((_, at)) => Row::new("I6", format!("hours to {name}"), hours(at), "h").print(),
                None => Row::new("I6", format!("not found: {}", incident.name), 0.0, "").print(),
            }
            found += u32::from(f.first.is_some());
        }
        let mut worst = 0;
        let (mut cases, mut findings) = (0, 0);
        for day in LEARNING..days {
            let of_day = self.score.false_cases.get(&day).map_or(0, |c| c.len());
            (worst, cases) = (worst.max(of_day), cases + of_day);
            findings += self.score.false_findings.get(&day).map_or(0, Vec::len);
        }
        let after = f64::from(days.saturating_sub(LEARNING).max(1));
        Row::new("I6", "incidents found, of twelve", f64::from(found), "").at_least(11.0, 12.0).print();
        let each = cases as f64 / after;
        Row::new("I6", "false cases a day after the first week", each, "").at_most(3.0, 1.0).print();
        Row::new("I6", "false cases on the worst day", worst as f64, "").print();
        Row::new("I6", "false findings a day after the first week", findings as f64 / after, "").print();
        let micros = self.seconds / self.exchanges.max(1) as f64 * 1e6;
        Row::new("I6", "all stages an exchange, identity to detectors", micros, "us").print();
        Row::new("I6", "exchanges", self.exchanges as f64, "").print();
        let active = self.analyst.known().interfaces.iter().filter(|i| i.exchanges > 0).count();
        Row::new("I6", "interfaces", active as f64, "").print();
        if list && !json {
            self.list(days);
        }
    }

    fn list(&self, days: u32) {
        for day in 0..days {
            for text in self.score.false_findings.get(&day).into_iter().flatten() {
                println!("day {day}: {text}");
            }
        }
        println!("false after the first week, by id: {:?}", self.score.false_by_id);
        println!("weaknesses found: {:?}", self.score.weaknesses);
    }
}

/// The directory of accounts: departments, and who left.
fn people(office: &Office) -> People {
    let mut people = People::default();
    let sales: Vec<&str> =
        office.employees.iter().filter(|e| e.department == 0 && e.joined == 0).map(|e| &*e.name).collect();
    for e in &office.employees {
        let left = sales.get(50).is_some_and(|n| *n == e.name);
        let person = Person {
            name: e.name.as_str().into(),
            department: DEPARTMENTS[e.department].name.into(),
            until: if left { "2026-09-18".into() } else { "".into() },
            ..Person::default()
        };
        people.add(&e.name, Arc::new(person));
    }
    people
}
