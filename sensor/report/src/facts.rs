//! Figures derived once from the input and told by the summary and the report alike.

use crate::ReportInput;
use std::collections::{BTreeMap, BTreeSet};
use weir_exchange::{DataTypeId, Form};
use weir_model::{
    Interface, InterfaceForm, InterfaceId, InterfaceState, Lifecycle, Lived, Moment, Operation, Risk,
    RiskSource, Severity, Shelf,
};

/// Forms in the order they are told.
pub(crate) const FORMS: [Form; 5] = [Form::Plain, Form::Encoded, Form::Masked, Form::Encrypted, Form::Hashed];

/// Grade from which data counts as sensitive here.
pub(crate) const SENSITIVE: u8 = 3;

/// What was found of one data type.
#[derive(Clone, Debug)]
pub(crate) struct TypeFacts {
    pub(crate) id: DataTypeId,
    /// Values by [`FORMS`].
    pub(crate) forms: [u64; FORMS.len()],
    /// Values in requests and in responses.
    pub(crate) request: u64,
    pub(crate) response: u64,
    pub(crate) level: u8,
    pub(crate) interfaces: BTreeSet<InterfaceId>,
}

impl TypeFacts {
    pub(crate) fn values(&self) -> u64 {
        self.forms.iter().sum()
    }
}

/// Figures of a run.
pub(crate) struct Facts<'a> {
    /// Active interfaces, highest grade first, then most used.
    pub(crate) interfaces: Vec<(InterfaceId, &'a Interface)>,
    /// Paths that were only ever refused or unanswered.
    pub(crate) noise: usize,
    /// Interfaces by [`Shelf::ALL`].
    pub(crate) shelves: [usize; Shelf::ALL.len()],
    /// The moment at which lives are told.
    pub(crate) moment: Moment,
    /// Active interfaces with data of grade 3 or 4.
    pub(crate) sensitive: usize,
    /// Of those, the ones that answered calls without a credential.
    pub(crate) open: usize,
    /// Data types found, highest grade first, then most values.
    pub(crate) types: Vec<TypeFacts>,
    /// Values that do not count, as their columns are something else.
    pub(crate) rejected: u64,
    /// Risk sources by [`Severity::ALL`].
    pub(crate) severities: [usize; 5],
    /// Risk sources, most serious first.
    pub(crate) sources: Vec<&'a RiskSource>,
    /// Risks with their position in the input, highest level first.
    pub(crate) risks: Vec<(usize, &'a Risk)>,
}

impl<'a> Facts<'a> {
    pub(crate) fn new(input: &ReportInput<'a>) -> Facts<'a> {
        let (mut interfaces, noise): (Vec<_>, Vec<_>) =
            input.interfaces().partition(|(_, i)| i.state == InterfaceState::Active);
        interfaces
            .sort_by(|(_, a), (_, b)| (b.level, b.exchanges, &a.key).cmp(&(a.level, a.exchanges, &b.key)));
        let mut sources: Vec<&RiskSource> = input.sources.iter().collect();
        sources.sort_by(|a, b| {
            (b.severity, a.key.id, b.count, a.first_seen, &a.key).cmp(&(
                a.severity,
                b.key.id,
                a.count,
                b.first_seen,
                &b.key,
            ))
        });
        let mut risks: Vec<(usize, &Risk)> = input.risks.iter().enumerate().collect();
        risks.sort_by(|(_, a), (_, b)| {
            let worst = |r: &Risk| (r.level, r.harm, r.likelihood);
            worst(b).cmp(&worst(a)).then_with(|| a.key.cmp(&b.key))
        });
        let severity = |s| input.sources.iter().filter(|r| r.severity == s).count();
        let sensitive = interfaces.iter().filter(|(_, i)| i.level >= SENSITIVE);
        Facts {
            noise: noise.len(),
            shelves: Shelf::ALL.map(|s| input.interfaces().filter(|(_, i)| i.shelf == s).count()),
            moment: Moment::over(input.interfaces().map(|(_, i)| (i.first_seen, i.last_seen))),
            sensitive: sensitive.clone().count(),
            open: sensitive.filter(|(_, i)| answers_anyone(i)).count(),
            types: types(&interfaces),
            rejected: interfaces.iter().flat_map(|(_, i)| i.data.values()).map(|p| p.rejected).sum(),
            severities: Severity::ALL.map(severity),
            sources,
            risks,
            interfaces,
        }
    }

    /// Active interfaces other than static content.
    pub(crate) fn dynamic(&self) -> usize {
        self.interfaces.iter().filter(|(_, i)| i.form != InterfaceForm::Static).count()
    }
    /// What an interface is at the end.
    pub(crate) fn lifecycle(&self, i: &Interface) -> Lifecycle {
        let lived =
            Lived { first_seen: i.first_seen, last_seen: i.last_seen, life: &i.life, template: &i.template };
        lived.at(&self.moment).map_or(Lifecycle::Active, |(state, _)| state)
    }
    /// Values found, of all types and forms.
    pub(crate) fn values(&self) -> u64 {
        self.types.iter().map(TypeFacts::values).sum()
    }
    /// Of those, values in clear.
    pub(crate) fn plain(&self) -> u64 {
        let clear = |t: &TypeFacts| {
            FORMS.iter().zip(t.forms).filter(|(f, _)| f.is_clear()).map(|(_, n)| n).sum::<u64>()
        };
        self.types.iter().map(clear).sum()
    }
    /// Risk sources of a severity.
    pub(crate) fn severity(&self, severity: Severity) -> usize {
        self.severities[severity as usize]
    }
}

/// Whether an interface answered calls without a credential. A login is there to be called without one.
pub(crate) fn answers_anyone(i: &Interface) -> bool {
    i.authentication.without > 0 && i.operation != Operation::Login
}

fn types(interfaces: &[(InterfaceId, &Interface)]) -> Vec<TypeFacts> {
    let mut found: BTreeMap<DataTypeId, TypeFacts> = BTreeMap::new();
    for (interface, i) in interfaces {
        for ((response, id, form), profile) in i.data.iter().filter(|(_, p)| p.counted() > 0) {
            let facts = found.entry(*id).or_insert_with(|| TypeFacts {
                id: *id,
                forms: [0; FORMS.len()],
                request: 0,
                response: 0,
                level: 0,
                interfaces: BTreeSet::new(),
            });
            if let Some(n) = FORMS.iter().position(|f| f == form).and_then(|p| facts.forms.get_mut(p)) {
                *n += profile.counted();
            }
            *(if *response { &mut facts.response } else { &mut facts.request }) += profile.counted();
            facts.level = facts.level.max(profile.level);
            facts.interfaces.insert(*interface);
        }
    }
    let mut types: Vec<_> = found.into_values().collect();
    types.sort_by(|a, b| (b.level, b.values(), a.id).cmp(&(a.level, a.values(), b.id)));
    types
}
