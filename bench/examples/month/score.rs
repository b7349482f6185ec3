//! What was found, beside the truth.

use crate::day::DAY;
use crate::incidents::{Incident, Plot, day_of};
use crate::office::{Column, Kind, Office, Shown};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use weir_model::{FindingKey, Known, RiskSource};

/// Days after its last call in which what is said of an incident is still about it.
const AFTER: u64 = 2;
/// Days of learning, in which nothing is held against it.
pub const LEARNING: u32 = 7;

/// What became of one incident.
#[derive(Clone, Default)]
pub struct Found {
    /// The risk source that said it first, and when that was, in nanoseconds.
    pub first: Option<(&'static str, u64)>,
    /// All risk sources that said it.
    pub ids: BTreeSet<&'static str>,
}

/// The score so far.
#[derive(Default)]
pub struct Score {
    seen: BTreeSet<FindingKey>,
    pub found: Vec<Found>,
    /// By day: false findings, and the cases they make.
    pub false_findings: BTreeMap<u32, Vec<String>>,
    pub false_cases: BTreeMap<u32, BTreeSet<String>>,
    /// By id: true weaknesses, and false findings after learning.
    pub weaknesses: BTreeMap<&'static str, u32>,
    pub false_by_id: BTreeMap<&'static str, u32>,
}

impl Score {
    /// Takes in what is known at `now`.
    pub fn update(
        &mut self,
        sources: &[RiskSource],
        (known, now): (&Known<'_>, u64),
        plot: &Plot,
        office: &Office,
    ) {
        self.found.resize_with(plot.incidents.len(), Found::default);
        for source in sources {
            if !self.seen.insert(source.key.clone()) {
                continue;
            }
            let about = About::of(&source.key, known);
            let day = day_of(now) as u32;
            let of = plot.incidents.iter().position(|i| i.is_about(&about, now));
            match of {
                Some(n) => self.hit(n, &plot.incidents[n], source, now),
                None if weakness(office, source.key.id, &about) => {
                    *self.weaknesses.entry(source.key.id).or_default() += 1;
                }
                None => self.miss(day, source, &about),
            }
        }
    }

    fn hit(&mut self, n: usize, incident: &Incident, source: &RiskSource, now: u64) {
        if incident.ids.contains(&source.key.id) {
            let found = &mut self.found[n];
            found.first.get_or_insert((source.key.id, now));
            found.ids.insert(source.key.id);
        }
    }

    fn miss(&mut self, day: u32, source: &RiskSource, about: &About) {
        let risk = weir_detect::card(source.key.id).and_then(|c| c.risks.first()).map_or(0, |r| r.0);
        let mut text = String::new();
        let _ = write!(
            text,
            "{} {} {} {} | {}",
            source.key.id,
            about.host,
            about.path,
            about.who(),
            source.summary.en
        );
        if let Some(e) = source.evidence.first() {
            let _ = write!(text, " | {}", e.note.en);
        }
        if day >= LEARNING {
            *self.false_by_id.entry(source.key.id).or_default() += 1;
        }
        self.false_findings.entry(day).or_default().push(text);
        let case = format!("{} {} {} R{risk}", about.host, about.path, about.who());
        self.false_cases.entry(day).or_default().insert(case);
    }
}

/// What a risk source is about, in words.
pub struct About {
    pub host: String,
    pub path: String,
    pub account: String,
    pub address: Option<std::net::IpAddr>,
}

impl About {
    fn of(key: &FindingKey, known: &Known<'_>) -> About {
        About {
            host: known.site(key.site).map_or_else(String::new, |s| s.host.to_string()),
            path: key
                .interface
                .and_then(|i| known.interface(i))
                .map_or_else(String::new, |i| i.template.to_string()),
            account: key.account.as_deref().unwrap_or_default().to_string(),
            address: key.caller.and_then(|c| known.caller(c)).map(|c| c.ip),
        }
    }
    fn who(&self) -> String {
        let address = self.address.map_or_else(String::new, |a| a.to_string());
        if self.account.is_empty() { address } else { self.account.clone() }
    }
}

impl Incident {
    fn is_about(&self, about: &About, now: u64) -> bool {
        let Some((first, last)) = self.span else { return false };
        let when = (first..=last + AFTER * DAY).contains(&now);
        let who = self.accounts.contains(&about.account)
            || about.address.is_some_and(|a| self.addresses.contains(&a));
        let place = (about.host.clone(), about.path.clone());
        when && (who || self.places.contains(&place))
    }
}

/// Whether an interface was made with a weakness, so that a finding of it is true whenever it comes.
fn weakness(office: &Office, id: &str, about: &About) -> bool {
    let mut parts = about.path.trim_start_matches("/api/v").splitn(3, '/');
    let (version, name, tail) = (parts.next(), parts.next().unwrap_or_default(), parts.next());
    let Some(r) =
        office.resources.iter().find(|r| r.name == name && crate::office::SITES[r.site] == about.host)
    else {
        return false;
    };
    let one = tail.is_some_and(|t| t.starts_with('{'));
    let columns: &[Column] = if one { r.detail } else { r.list };
    let clear = |kind: Kind| columns.iter().any(|c| c.kind == kind && c.shown == Shown::Clear);
    let both = |kind: Kind| {
        let shown = |c: &&Column| c.kind == kind;
        let of_site = office.resources.iter().filter(|o| o.site == r.site);
        let all: BTreeSet<bool> = of_site
            .flat_map(|o| o.list.iter().chain(o.detail).filter(shown).map(|c| c.shown == Shown::Clear))
            .collect();
        all.len() > 1
    };
    match id {
        "D01" => Kind::ALL.into_iter().any(|k| k.secret() && clear(k)),
        // Lists and files of a hundred rows, for programs and for people.
        "D06" => tail == Some("export") || !one && matches!(name, "customers" | "parcels"),
        "D03" => Kind::ALL.into_iter().any(both),
        "V13" => one,
        "P08" | "P02" => version.is_some_and(|v| v != r.version.to_string()),
        _ => false,
    }
}
