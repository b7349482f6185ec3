//! Risk sources grouped into risks.

use crate::Matrix;
use crate::factors::Factors;
use std::collections::BTreeMap;
use weir_exchange::{Catalogue, Fingerprinter};
use weir_model::{InterfaceId, Known, Risk, RiskSource, RiskType, SiteId};

/// Key of risk ids. It only has to be the same in every run: what goes in is no secret.
const ID_KEY: [u8; 16] = *b"weir risk id v1\0";

/// Judges risk sources: those of one place that lead, first of all, to one type of risk make one risk.
///
/// Positions in [`Risk::sources`] are those of `sources`. Risk sources of unknown catalogue ids make no risk. The result is ordered
/// by level from the highest, then by place and type.
pub fn judge(sources: &[RiskSource], known: &Known<'_>, catalogue: &Catalogue, matrix: &Matrix) -> Vec<Risk> {
    let mut groups: BTreeMap<(SiteId, Option<InterfaceId>, RiskType), Vec<usize>> = BTreeMap::new();
    for (position, source) in sources.iter().enumerate() {
        let principal = weir_detect::card(source.key.id).and_then(|c| c.risks.first());
        if let Some(risk_type) = principal {
            groups.entry((source.key.site, source.key.interface, *risk_type)).or_default().push(position);
        }
    }
    let mut risks: Vec<Risk> = groups
        .into_iter()
        .map(|((site, interface, risk_type), positions)| {
            let of: Vec<&RiskSource> = positions.iter().filter_map(|p| sources.get(*p)).collect();
            let mut factors = Factors::default();
            let harm = factors.harm(site, interface, &of, known, catalogue);
            let likelihood = factors.likelihood(site, interface, &of, known);
            Risk {
                key: key(site, interface, risk_type, known),
                risk_type,
                site,
                interface,
                harm,
                likelihood,
                level: matrix.level(harm, likelihood),
                first_seen: of.iter().map(|s| s.first_seen).min().unwrap_or_default(),
                last_seen: of.iter().map(|s| s.last_seen).max().unwrap_or_default(),
                sources: positions,
                factors: factors.said,
            }
        })
        .collect();
    risks.sort_by(|a, b| {
        let order = |r: &Risk| (std::cmp::Reverse(r.level), r.site, r.interface, r.risk_type);
        order(a).cmp(&order(b))
    });
    risks
}

/// `rk-` and 12 hex digits of the place's stable names and the type.
fn key(site: SiteId, interface: Option<InterfaceId>, risk_type: RiskType, known: &Known<'_>) -> Box<str> {
    let site = known.site(site).map_or("", |s| &s.host);
    let interface = interface.and_then(|id| known.interface(id)).map_or("", |i| &i.key);
    let named = format!("{site}\n{interface}\n{}", risk_type.0);
    format!("rk-{:012x}", Fingerprinter::new(ID_KEY).of("risk", named.as_bytes()).0 >> 16).into()
}
