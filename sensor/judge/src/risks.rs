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
    id(ID_KEY, "rk", &named)
}

/// A stable id: a prefix and 12 hex digits of what it names.
pub(crate) fn id(key: [u8; 16], prefix: &str, named: &str) -> Box<str> {
    format!("{prefix}-{:012x}", Fingerprinter::new(key).of("risk", named.as_bytes()).0 >> 16).into()
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use std::collections::BTreeSet;
    use weir_exchange::{DataType, DataTypeId, Form, KeptPositions, PersonalClass, Scheme};
    use weir_model::{
        Account, AccountOrigin, Authentication, Caller, CallerId, DataProfile, Evidence, FindingKey, Harm,
        Interface, InterfaceForm, InterfaceState, Likelihood, Operation, RiskLevel, Severity, Site, Summary,
    };
    use weir_wire::Timestamp;

    /// One site with one interface; what the tests change is public.
    pub(crate) struct World {
        sites: Vec<Site>,
        pub interfaces: Vec<Interface>,
        pub callers: Vec<Caller>,
        pub accounts: Vec<Account>,
        pub catalogue: Catalogue,
    }

    pub(crate) fn day(n: u64) -> Timestamp {
        Timestamp::from_secs_nanos(n * 86_400, 0)
    }

    impl World {
        pub(crate) fn new() -> World {
            let zero = Timestamp::default();
            let data_type = |id: &str, group: &str, personal| DataType {
                id: id.into(),
                zh: id.into(),
                en: id.into(),
                group: group.into(),
                level: 3,
                personal,
                secret: false,
                opens: false,
                mask_expected: true,
                chance: 0,
                identifies: false,
            };
            let interface = Interface {
                key: "if-1".into(),
                site: SiteId(0),
                method: "GET".into(),
                template: "/c".into(),
                operation_name: "".into(),
                name: "".into(),
                evidence: vec![],
                ruling: None,
                form: InterfaceForm::Rest,
                form_evidence: vec![],
                operation: Operation::Read,
                state: InterfaceState::Active,
                shelf: Default::default(),
                life: Default::default(),
                schema: Default::default(),
                protocol: "http/1.1",
                first_seen: zero,
                last_seen: zero,
                exchanges: 1,
                statuses: [0; 6],
                callers: BTreeSet::from([CallerId(0)]),
                authentication: Authentication::default(),
                params: BTreeSet::new(),
                fields: BTreeSet::new(),
                data: BTreeMap::new(),
                level: 1,
                columns: BTreeMap::new(),
                subjects: Default::default(),
                response_bytes: 0,
                duration_nanos: 0,
            };
            World {
                sites: vec![Site {
                    host: "h".into(),
                    servers: BTreeSet::new(),
                    upstreams: BTreeMap::new(),
                    schemes: BTreeSet::from([Scheme::Http]),
                    first_seen: zero,
                    last_seen: zero,
                    looked_up: BTreeSet::new(),
                }],
                interfaces: vec![interface],
                callers: vec![Caller {
                    ip: [10, 0, 0, 1].into(),
                    place: weir_model::place::Place::of(weir_model::place::Scope::Internal),
                    user_agent: "".into(),
                    through: None,
                    first_seen: zero,
                    last_seen: zero,
                    exchanges: 1,
                }],
                accounts: vec![],
                catalogue: Catalogue {
                    data_types: vec![
                        data_type("email", "contact", PersonalClass::Personal),
                        data_type("cn_id18", "cn_identity", PersonalClass::Sensitive),
                        data_type("scada", "important", PersonalClass::None),
                    ],
                    ..Catalogue::default()
                },
            }
        }

        /// The interface gave out so many values of a type, at most so many in one reply.
        pub(crate) fn gave(mut self, data_type: u16, level: u8, values: u64, most: u32) -> World {
            let profile = DataProfile {
                values,
                exchanges: 1,
                most,
                level,
                path: "".into(),
                sample: "".into(),
                kept: KeptPositions::default(),
                rejected: 0,
                personal: true,
            };
            self.interfaces[0].data.insert((true, DataTypeId(data_type), Form::Plain), profile);
            self
        }

        pub(crate) fn known(&self) -> Known<'_> {
            Known {
                sites: &self.sites,
                interfaces: &self.interfaces,
                callers: &self.callers,
                accounts: &self.accounts,
                encrypted: &[],
            }
        }

        pub(crate) fn judge(&self, sources: &[RiskSource]) -> Vec<Risk> {
            judge(sources, &self.known(), &self.catalogue, &Matrix::default())
        }
    }

    pub(crate) fn source(id: &'static str, severity: Severity) -> RiskSource {
        let key =
            FindingKey { id, site: SiteId(0), interface: Some(InterfaceId(0)), caller: None, account: None };
        RiskSource {
            key,
            first_seen: day(1),
            last_seen: day(1),
            severity,
            count: 1,
            summary: Summary::default(),
            evidence: vec![],
            data: BTreeSet::new(),
            effects: BTreeMap::new(),
            episodes: 1,
        }
    }

    #[test]
    fn groups_by_place_and_principal_type() {
        let mut site_wide = source("V22", Severity::High);
        site_wide.key.interface = None;
        // V01, D01 lead to R1 first of all; D12 to R11; V22 is the site's.
        let sources = [
            source("V01", Severity::High),
            source("D12", Severity::High),
            site_wide,
            source("D01", Severity::High),
        ];
        let risks = World::new().judge(&sources);
        let mut got: Vec<_> =
            risks.iter().map(|r| (r.interface.is_some(), r.risk_type.0, r.sources.clone())).collect();
        got.sort();
        assert_eq!(got, [(false, 1, vec![2]), (true, 1, vec![0, 3]), (true, 11, vec![1])]);
        assert!(risks.iter().all(|r| r.key.len() == 15 && r.key.starts_with("rk-") && !r.factors.is_empty()));
        assert_eq!(risks, World::new().judge(&sources), "the same every time");
        assert!(World::new().judge(&[source("X99", Severity::High)]).is_empty());
    }

    #[test]
    fn derives_harm_from_data_and_persons() {
        let harm = |w: World, s| w.judge(&[source("D05", s)])[0].harm;
        assert_eq!(harm(World::new(), Severity::Medium), Harm::Low);
        assert_eq!(harm(World::new().gave(0, 2, 999, 999), Severity::Medium), Harm::Low);
        assert_eq!(harm(World::new().gave(0, 2, 1_000, 1_000), Severity::Medium), Harm::Medium);
        assert_eq!(harm(World::new().gave(1, 4, 1, 1), Severity::Medium), Harm::Medium);
        assert_eq!(harm(World::new().gave(1, 4, 1, 1), Severity::High), Harm::Considerable);
        assert_eq!(harm(World::new().gave(1, 4, 10_000, 10_000), Severity::Low), Harm::Considerable);
        assert_eq!(harm(World::new().gave(0, 2, 100_000, 1), Severity::Low), Harm::Considerable);
        assert_eq!(harm(World::new().gave(2, 3, 1, 1), Severity::Low), Harm::High);
    }

    #[test]
    fn privileged_accounts_raise_harm() {
        let mut w = World::new();
        let zero = Timestamp::default();
        w.accounts.push(Account {
            key: "ac-1".into(),
            name: "root".into(),
            site: SiteId(0),
            origin: AccountOrigin::Login,
            first_seen: zero,
            last_seen: zero,
            exchanges: 1,
            sources: BTreeSet::new(),
            subjects: Default::default(),
            privileged: true,
            person: None,
        });
        let mut weak = source("V04", Severity::High);
        weak.key.account = Some("root".into());
        let risk = &w.judge(&[weak])[0];
        assert_eq!((risk.harm, risk.factors.contains_key("privileged")), (Harm::Considerable, true));
    }

    #[test]
    fn derives_likelihood_from_exposure_control_exploitation_and_recurrence() {
        let likelihood = |w: &World, s| w.judge(&[s])[0].likelihood;
        let mut w = World::new();
        assert_eq!(likelihood(&w, source("V01", Severity::High)), Likelihood::Medium);
        assert_eq!(likelihood(&w, source("C15", Severity::High)), Likelihood::High);
        let mut recurrent = source("D05", Severity::Medium);
        recurrent.last_seen = day(20);
        recurrent.evidence = [1, 10, 20]
            .map(|d| Evidence { time: day(d), flow: "".into(), number: 0, note: Summary::default() })
            .to_vec();
        assert_eq!(likelihood(&w, recurrent.clone()), Likelihood::High);
        recurrent.last_seen = day(60);
        assert_eq!(likelihood(&w, recurrent), Likelihood::Medium);
        w.callers[0].ip = [203, 0, 113, 5].into();
        assert_eq!(likelihood(&w, source("V01", Severity::High)), Likelihood::High);
        assert_eq!(likelihood(&w, source("D05", Severity::High)), Likelihood::Medium);
    }

    #[test]
    fn verified_controls_inside_lower_likelihood() {
        let mut w = World::new();
        w.sites[0].schemes = BTreeSet::from([Scheme::Https]);
        w.interfaces[0].authentication.with = 9;
        let risk = &w.judge(&[source("D05", Severity::Medium)])[0];
        assert_eq!((risk.likelihood, risk.level), (Likelihood::Low, RiskLevel::Slight));
        w.interfaces[0].authentication.without = 1;
        assert_eq!(w.judge(&[source("D05", Severity::Medium)])[0].likelihood, Likelihood::Medium);
    }
}
