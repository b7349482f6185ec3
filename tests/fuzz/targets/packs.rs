//! Any text as a rule pack: an error that names a place, or rules.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Err(e) = weir_rules::RuleSet::parse("fuzz.toml", text) {
        assert!(e.to_string().contains("fuzz.toml"));
    }
});
