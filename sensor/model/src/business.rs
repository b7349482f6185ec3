//! Business form (业务形态; GB/T 46796-2025, A.3) and exposure (开放、面向合作方、内部) of interfaces, proposed with evidence.

use crate::{Authentication, Interface, Known, internal};
use weir_exchange::CredentialKind;

/// Business form (业务形态; A.3). Trading and cross-border are kinds of sharing that need a basis of their own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BusinessForm {
    /// Data for anyone who asks.
    Open,
    /// Data for other organisations or systems.
    Shared,
    /// Data taken in.
    Collecting,
    /// Data sold.
    Trading,
    /// Data that leaves the country.
    CrossBorder,
    /// None of these as far as it shows: an application's own use.
    Other,
}

impl BusinessForm {
    /// All of them.
    pub const ALL: [BusinessForm; 6] = [
        BusinessForm::Open,
        BusinessForm::Shared,
        BusinessForm::Collecting,
        BusinessForm::Trading,
        BusinessForm::CrossBorder,
        BusinessForm::Other,
    ];
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            BusinessForm::Open => "open",
            BusinessForm::Shared => "shared",
            BusinessForm::Collecting => "collecting",
            BusinessForm::Trading => "trading",
            BusinessForm::CrossBorder => "cross_border",
            BusinessForm::Other => "other",
        }
    }
    /// Its name in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            BusinessForm::Open => "开放",
            BusinessForm::Shared => "共享",
            BusinessForm::Collecting => "收集",
            BusinessForm::Trading => "交易",
            BusinessForm::CrossBorder => "跨境",
            BusinessForm::Other => "其他",
        }
    }
}

/// For whom an interface is there (开放范围).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Exposure {
    /// Anyone.
    Open,
    /// Partners.
    Partner,
    /// The organisation itself.
    Internal,
}

impl Exposure {
    /// All of them.
    pub const ALL: [Exposure; 3] = [Exposure::Open, Exposure::Partner, Exposure::Internal];
    /// Its name in records.
    pub const fn key(self) -> &'static str {
        match self {
            Exposure::Open => "open",
            Exposure::Partner => "partner",
            Exposure::Internal => "internal",
        }
    }
    /// Its name in Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Exposure::Open => "开放",
            Exposure::Partner => "面向合作方",
            Exposure::Internal => "内部",
        }
    }
}

/// A proposal with what speaks for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proposal<T> {
    /// What is proposed.
    pub is: T,
    /// What speaks for it, one clause each.
    pub evidence: Vec<String>,
}

/// Callers outside from which they are a public rather than partners, where machines' credentials do not tell.
const PUBLIC: usize = 16;

fn outside(i: &Interface, known: &Known<'_>) -> usize {
    i.callers.iter().filter_map(|c| known.caller(*c)).filter(|c| !internal(c.ip)).count()
}

fn by_machine(a: &Authentication) -> u64 {
    let machine = [CredentialKind::ApiKey, CredentialKind::Signature];
    machine.iter().filter_map(|k| a.kinds.get(k)).sum()
}

/// For whom an interface is there: as a person decided, else as proposed.
pub fn exposure(i: &Interface, known: &Known<'_>) -> Proposal<Exposure> {
    let proposed = proposed_exposure(i, known);
    match i.ruling.as_ref().and_then(|r| r.exposure.as_ref()) {
        Some(ruled) => ruled.over(proposed, Exposure::key),
        None => proposed,
    }
}

/// The business form: as a person decided, else as proposed.
pub fn business_form(i: &Interface, known: &Known<'_>) -> Proposal<BusinessForm> {
    let proposed = proposed_business(i, known);
    match i.ruling.as_ref().and_then(|r| r.business.as_ref()) {
        Some(ruled) => ruled.over(proposed, BusinessForm::key),
        None => proposed,
    }
}

/// By its callers' addresses and how they authenticate.
fn proposed_exposure(i: &Interface, known: &Known<'_>) -> Proposal<Exposure> {
    let (outside, all) = (outside(i, known), i.callers.len());
    let callers = format!("{outside} of {all} callers have public addresses");
    let a = &i.authentication;
    if outside == 0 {
        return Proposal { is: Exposure::Internal, evidence: vec![callers] };
    }
    if a.without > 0 {
        let free = format!("{} calls were answered without a credential", a.without);
        return Proposal { is: Exposure::Open, evidence: vec![callers, free] };
    }
    let keys = by_machine(a);
    if keys > 0 {
        let keys = format!("{keys} calls carried an API key or a signature");
        return Proposal { is: Exposure::Partner, evidence: vec![callers, keys] };
    }
    let is = if outside >= PUBLIC { Exposure::Open } else { Exposure::Partner };
    Proposal { is, evidence: vec![callers, format!("all {} good calls carried a credential", a.with)] }
}

/// By words of the path, the direction in which data goes, the callers and how they authenticate.
fn proposed_business(i: &Interface, known: &Known<'_>) -> Proposal<BusinessForm> {
    let words: [(BusinessForm, &[&str]); 2] = [
        (
            BusinessForm::CrossBorder,
            &["crossborder", "cross-border", "cross_border", "overseas", "kuajing", "haiwai"],
        ),
        (
            BusinessForm::Trading,
            &["datatrade", "data-trade", "data_trade", "marketplace", "data-market", "shujujiaoyi"],
        ),
    ];
    let path = i.template.to_ascii_lowercase();
    for (is, words) in words {
        if let Some(word) = words.iter().find(|w| path.contains(**w)) {
            return Proposal { is, evidence: vec![format!("path word \"{word}\"")] };
        }
    }
    let values = |response: bool| -> u64 {
        let side = i.data.iter().filter(|((r, _, _), p)| *r == response && p.personal);
        side.map(|(_, p)| p.counted()).sum()
    };
    let (gives, takes) = (values(true), values(false));
    let flow = format!("{gives} values of personal information given out, {takes} taken in");
    let keys = by_machine(&i.authentication);
    let exposure = exposure(i, known);
    if takes > gives {
        return Proposal { is: BusinessForm::Collecting, evidence: vec![flow] };
    }
    match exposure.is {
        Exposure::Open => Proposal {
            is: BusinessForm::Open,
            evidence: exposure.evidence.into_iter().chain([flow]).collect(),
        },
        Exposure::Partner => Proposal {
            is: BusinessForm::Shared,
            evidence: exposure.evidence.into_iter().chain([flow]).collect(),
        },
        Exposure::Internal if keys > 0 && gives > 0 => {
            let keys = format!("{keys} calls carried an API key or a signature: systems, not people");
            Proposal { is: BusinessForm::Shared, evidence: vec![keys, flow] }
        }
        Exposure::Internal => Proposal {
            is: BusinessForm::Other,
            evidence: exposure.evidence.into_iter().chain([flow]).collect(),
        },
    }
}
