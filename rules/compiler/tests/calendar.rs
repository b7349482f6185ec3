//! The working calendar of the packs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use weir_exchange::Calendar;
use weir_rules::RuleSet;
use weir_wire::Timestamp;

/// The calendar in force with this one beside ours, or the error.
fn with(calendar: &str) -> Result<Calendar, String> {
    let folder = tempfile::tempdir().unwrap();
    let head = "[pack]\nname = \"own\"\nversion = \"1\"\nmade = \"2026-01-01\"\n\n[calendar]\n";
    fs::write(folder.path().join("own.toml"), format!("{head}{calendar}")).unwrap();
    let rules = RuleSet::load(&[folder.path().to_path_buf()], true).map_err(|e| e.to_string())?;
    Ok(rules.catalogue().calendar.clone())
}

#[test]
fn ours_knows_the_holidays_of_two_years() {
    let ours = RuleSet::builtin().unwrap().catalogue().calendar.clone();
    // Ten in the morning in Shanghai of days since 1970.
    let at_ten = |day: u64| ours.at_work(Timestamp::from_secs_nanos(day * 86_400 + 2 * 3_600, 0));
    // 2026-02-14 is a Saturday worked, 2026-02-16 a Monday of the Spring Festival, 2026-02-24 the Tuesday after it.
    assert_eq!([20_498, 20_500, 20_508].map(at_ten), [true, false, true]);
    assert_eq!((ours.holidays.len(), ours.workdays.len()), (28 + 33, 5 + 6));
}

#[test]
fn ones_own_takes_its_place_and_errors_say_where() {
    let own = with("zone = \"-05:00\"\nbegins = \"09:00\"\nends = \"24:00\"\nrest = [\"fri\"]\nholidays = [\"2026-03-02\"]\n").unwrap();
    assert_eq!((own.ahead, own.hours, own.rest), (-18_000, (32_400, 86_400), 0b1_0000));
    assert_eq!((own.holidays.len(), own.workdays.len()), (1, 0));
    let rest = "rest = [\"sat\"]\n";
    let late = with(&format!("zone = \"+08:00\"\nbegins = \"18:00\"\nends = \"09:00\"\n{rest}")).unwrap_err();
    assert!(
        late.contains("own.toml:6") && late.contains("before it begins") && late.contains("over midnight"),
        "{late}"
    );
    let both = "holidays = [\"2026-05-01\"]\nworkdays = [\"2026-05-01\"]\n";
    let both =
        with(&format!("zone = \"+08:00\"\nbegins = \"08:00\"\nends = \"18:00\"\n{rest}{both}")).unwrap_err();
    assert!(both.contains("both in `holidays` and in `workdays`"), "{both}");
    let hour = with(&format!("zone = \"+08:00\"\nbegins = \"8\"\nends = \"18:00\"\n{rest}")).unwrap_err();
    assert!(hour.contains("own.toml:8") && hour.contains("HH:MM"), "{hour}");
}
