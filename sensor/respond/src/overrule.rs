//! What reviewers say of harm, likelihood and level (GB/T 46796-2025, 8.1): laid over what was derived, which stays beside it.

use weir_judge::Matrix;
use weir_store::record::{Bilingual, IncidentRecord, RiskRecord};
use weir_store::{Action, Decisions, HARMS, LIKELIHOODS};

/// Puts harm and likelihood that a person gave in the place of those derived; the level follows by `matrix`.
pub fn overrule_risks(risks: &mut [RiskRecord], decisions: &Decisions, matrix: &Matrix) {
    for d in decisions.in_force().filter(|d| d.action == Action::Judge) {
        for r in risks.iter_mut().filter(|r| d.finding.as_deref() == Some(&*r.id)) {
            let was = format!("{} / {}", r.harm, r.likelihood);
            let harm = d.harm.as_deref().unwrap_or(&r.harm);
            let likelihood = d.likelihood.as_deref().unwrap_or(&r.likelihood);
            let known = (
                HARMS.into_iter().find(|h| h.key() == harm),
                LIKELIHOODS.into_iter().find(|l| l.key() == likelihood),
            );
            let (Some(harm), Some(likelihood)) = known else { continue };
            r.level = matrix.level(harm, likelihood).key().into();
            (r.harm, r.likelihood) = (harm.key().into(), likelihood.key().into());
            r.factors.insert("reviewer".into(), said(d.n, &was, d.reason.as_deref()));
        }
    }
}

/// Puts the level that a person gave in the place of the one derived.
pub fn overrule_incidents(incidents: &mut [IncidentRecord], decisions: &Decisions) {
    for d in decisions.in_force().filter(|d| d.action == Action::Judge) {
        let Some(level) = &d.level else { continue };
        for i in incidents.iter_mut().filter(|i| d.finding.as_deref() == Some(&*i.id)) {
            i.level_reason = said(d.n, &i.level, d.reason.as_deref());
            i.level.clone_from(level);
        }
    }
}

fn said(n: u64, was: &str, reason: Option<&str>) -> Bilingual {
    let reason = reason.unwrap_or("-");
    Bilingual {
        zh: format!("人工研判（第 {n} 项决定）：{reason}；原为 {was}"),
        en: format!("a reviewer (decision {n}): {reason}; it was {was}"),
    }
}
