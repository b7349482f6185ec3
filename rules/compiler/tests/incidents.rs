//! The rules of incidents in packs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use weir_exchange::{IncidentLevel, IncidentRules, IncidentType};
use weir_rules::RuleSet;

/// The rules in force with these beside ours, or the error.
fn with(incidents: &str) -> Result<IncidentRules, String> {
    let folder = tempfile::tempdir().unwrap();
    let head = "[pack]\nname = \"own\"\nversion = \"3\"\nmade = \"2026-01-01\"\n\n[incidents]\n";
    fs::write(folder.path().join("own.toml"), format!("{head}{incidents}")).unwrap();
    let rules = RuleSet::load(&[folder.path().to_path_buf()], true).map_err(|e| e.to_string())?;
    Ok(rules.catalogue().incidents.clone())
}

const CAUSE: &str = "[[incidents.cause]]\nsources = [\"C15\"]\neffect = \"obtained\"\ntypes = [\"data_theft\"]\nzh = \"z\"\nen = \"e\"\n";

#[test]
fn ours_grade_as_the_guide_does() {
    let ours = RuleSet::builtin().unwrap().catalogue().incidents.clone();
    let levels: Vec<_> = ours.levels.iter().map(|l| (l.level, l.persons)).collect();
    assert_eq!(levels[0], (IncidentLevel::Extreme, Some(100_000_000)));
    assert_eq!(levels[1], (IncidentLevel::Major, Some(10_000_000)));
    assert_eq!(levels[2], (IncidentLevel::Considerable, Some(1_000_000)));
    let hours = |id: &str| ours.duties.iter().find(|d| &*d.id == id).unwrap().within / 3_600;
    assert_eq!(["report-cii", "report-state", "report-other", "closing"].map(hours), [1, 2, 4, 720]);
    assert!(ours.causes.iter().all(|c| !c.types.is_empty()) && !ours.version.is_empty());
}

#[test]
fn ones_own_take_their_place_whole() {
    let own = with(CAUSE).unwrap();
    assert_eq!((own.causes.len(), own.duties.len(), &*own.version), (1, 0, "own 3"));
    assert_eq!(own.causes[0].types, [IncidentType::DataTheft]);
}

#[test]
fn what_is_wrong_is_told_with_its_remedy() {
    for (text, part) in [
        (CAUSE.replace("data_theft", "theft"), "`theft` is no type of incident; use one of data_tampering"),
        (CAUSE.replace("obtained", "seen"), "`seen` is no effect; use one of entered"),
        (CAUSE.replace("C15", "X1"), "`X1` is no risk source; write ids as `C15`"),
        (CAUSE.replace("zh = \"z\"", "zh = \"\""), "a text is empty"),
        (
            format!("{CAUSE}[[incidents.level]]\nlevel = \"major\"\nzh = \"z\"\nen = \"e\"\n"),
            "nothing gives level major",
        ),
        (
            format!(
                "{CAUSE}[[incidents.level]]\nlevel = \"major\"\npersons = 5\nzh = \"z\"\nen = \"e\"\n[[incidents.level]]\nlevel = \"considerable\"\npersons = 9\nzh = \"z\"\nen = \"e\"\n"
            ),
            "asks for more persons than one above it",
        ),
        (CAUSE.replace("en =", "fr ="), "fr"),
    ] {
        let error = with(&text).unwrap_err();
        assert!(error.contains(part) && error.contains("own.toml:"), "{part}: {error}");
    }
}
