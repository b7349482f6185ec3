//! From packs to rules.

use super::cache::{Cache, Read};
use super::composite::composites;
use super::cost::{RUINOUS, cost};
use super::profile::profiles;
use super::tables::Tables;
use super::{Action, CacheUse, DATA, Fault, Found, Owner, Pattern, SignalRule, TypeRule};
use crate::keys::{Keys, Promise};
use crate::name::MAX_KEY;
use crate::pack::{DataTypeText, Day, Family, PackError, Packs, PatternText, Standing, Stands};
use crate::{KeyMatch, RuleSet};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use weir_exchange::{Catalogue, DataType, DataTypeId, PersonalClass, SignalFamily, SignalId, SignalKind};
use weir_wire::Timestamp;

/// Most data types and most signals.
const MAX_RULES: usize = 16_384;
/// Shortest name of a field.
const MIN_NAME: usize = 2;

/// Compiles packs, by way of a cache in a folder where there is one; says what the cache did.
pub(crate) fn build(mut packs: Packs, cache: Option<&Path>) -> Result<(RuleSet, CacheUse), PackError> {
    let cache = cache.map(|folder| Cache::new(folder, &packs));
    let (kept, mut used) = match cache.as_ref().map(Cache::read) {
        None => (None, CacheUse::None),
        Some(Read::Missing) => (None, CacheUse::Written),
        Some(Read::Damaged) => (None, CacheUse::Replaced),
        Some(Read::Kept(kept)) => (Some(kept), CacheUse::Read),
    };
    let mut tables = Tables::new(kept, cache.is_some());
    let mut out = RuleSet::default();
    let mut catalogue = Catalogue { made: newest(&packs), ..Catalogue::default() };
    let mut numbers = 0u16;
    packs.apply_overrides()?;
    check_ids(&packs)?;
    if let Some(placed) = packs.calendars.last() {
        let fail =
            |(what, fix): (String, &'static str)| packs.fault(placed, format!("calendar: {what}"), fix);
        catalogue.calendar = placed.stanza.calendar().map_err(fail)?;
    }
    if let Some(placed) = packs.incidents.last() {
        let fail = |(what, fix): (String, String)| packs.fault(placed, format!("incidents: {what}"), fix);
        let pack = packs.headers.get(placed.pack).map(|h| format!("{} {}", h.name, h.version));
        catalogue.incidents = placed.stanza.rules(&pack.unwrap_or_default()).map_err(fail)?;
    }
    let (profiles, composites) = (profiles(&packs)?, composites(&packs)?);
    let mut names = Names::default();
    for (i, placed) in packs.data_types.iter().enumerate() {
        let source = &packs.sources[placed.pack];
        let fail =
            |(what, fix): Fault| source.error(&placed.span, format!("{}: {what}", placed.stanza.id), fix);
        let rule = TypeRule::new(&placed.stanza, &mut tables).map_err(fail)?;
        let id = DataTypeId(i as u16);
        if rule.stands != Stands::Key {
            for (n, p) in rule.patterns.iter().enumerate() {
                bearable(p, &placed.stanza.patterns[n]).map_err(fail)?;
                place(&mut out, p, Owner::Type(id.0), DATA, n, &mut numbers);
            }
        }
        add_keys(&mut out.keys, &mut names, &placed.stanza, id).map_err(fail)?;
        catalogue.data_types.push(data_type(&placed.stanza));
        out.types.push(rule);
    }
    for (i, placed) in packs.signals.iter().enumerate() {
        let source = &packs.sources[placed.pack];
        let fail =
            |(what, fix): Fault| source.error(&placed.span, format!("{}: {what}", placed.stanza.id), fix);
        let rule = SignalRule::new(&placed.stanza, &mut tables).map_err(fail)?;
        for (n, p) in rule.patterns.iter().enumerate() {
            bearable(p, &placed.stanza.patterns[n]).map_err(fail)?;
            place(&mut out, p, Owner::Signal(i as u16), rule.scopes(), n, &mut numbers);
        }
        for glob in &placed.stanza.paths {
            if !out.paths.add(glob, SignalId(i as u16)) {
                return Err(fail((
                    format!("path `{glob}` is nearly all stars"),
                    "keep at least two characters together",
                )));
            }
        }
        let t = &placed.stanza;
        catalogue.signals.push(SignalKind {
            id: t.id.as_str().into(),
            family: family(t.family),
            zh: t.zh.as_str().into(),
            en: t.en.as_str().into(),
        });
        out.signals.push(rule);
    }
    for (name, (_, id)) in &names.0 {
        out.han_names.add(name.as_bytes(), *id);
    }
    out.keys.finish(|id| out.types.get(usize::from(id.0)).map_or(0, |t| t.precedence));
    if numbers == u16::MAX {
        return Err(PackError {
            file: "packs".into(),
            line: 0,
            what: "more than 65,534 patterns and words".into(),
            fix: "make the longest dictionaries exact-data types with `weir rules fingerprint`".into(),
        });
    }
    out.pattern_count = usize::from(numbers);
    let whole = |what: String| PackError {
        file: "packs".into(),
        line: 0,
        what,
        fix: "report this with the packs".into(),
    };
    let same = out.literals.finish(tables.kept()).map_err(whole)?;
    if used == CacheUse::Read && (tables.anew() || !same) {
        // Of the same packs, but of a compiler that went another way.
        used = CacheUse::Replaced;
    }
    if let Some(cache) = cache.filter(|_| used != CacheUse::Read)
        && let Err(why) = out.literals.keep(&cache, &tables.all())
    {
        used = CacheUse::Unwritten(why);
    }
    out.paths.finish().map_err(whole)?;
    out.catalogue = Arc::new(catalogue);
    (out.packs, out.profiles, out.composites) = (packs, profiles, composites);
    Ok((out, used))
}

/// Refuses a pattern that would ruin the rate of the whole scan.
fn bearable(p: &Pattern, text: &PatternText) -> Result<(), Fault> {
    match cost(p) {
        ns if ns >= RUINOUS => Err((
            format!(
                "`{}` would be looked at so often in ordinary traffic that it adds about {ns} ns to every 1,000 bytes, and {RUINOUS} is the most",
                text.full().regex
            ),
            "begin it with a rarer literal, name a rarer one inside it with `anchor`, or make numbers longer",
        )),
        _ => Ok(()),
    }
}

/// Puts a pattern where it is found.
fn place(out: &mut RuleSet, p: &Pattern, owner: Owner, scopes: u8, n: usize, numbers: &mut u16) {
    let (n, number) = (n as u16, *numbers);
    *numbers = numbers.saturating_add(1);
    let lead = Action::Lead(owner, n, number);
    match &p.found {
        Found::Leads(leads) => leads.iter().for_each(|l| out.literals.add(l, p.caseless, scopes, lead)),
        Found::Seams(leads) => leads.iter().for_each(|l| out.seams.add(l, lead)),
        Found::Anchor(anchor, before) => {
            let action = Action::Anchor(owner, n, number, u16::try_from(*before).unwrap_or(u16::MAX));
            match anchor.as_slice() {
                [sign] => out.signs.push((*sign, action)),
                anchor => out.literals.add(anchor, p.caseless, scopes, action),
            }
        }
        Found::Shapes(shapes) => {
            if let Owner::Type(owner) = owner {
                shapes.iter().for_each(|s| out.runs.add(s, owner));
            }
        }
    }
}

/// Every id once, and not too many.
fn check_ids(packs: &Packs) -> Result<(), PackError> {
    let mut seen: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let types = packs.data_types.iter().map(|p| (p.stanza.id.as_str(), p.pack, &p.span));
    let signals = packs.signals.iter().map(|p| (p.stanza.id.as_str(), p.pack, &p.span));
    for (id, pack, span) in types.chain(signals) {
        let source = &packs.sources[pack];
        let plain = id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.".contains(&b));
        if id.is_empty() || id.len() > 64 || !plain {
            return Err(source.error(
                span,
                format!("`{id}` is not an id"),
                "use up to 64 of a-z, 0-9, _, -, .",
            ));
        }
        if let Some((other, start)) = seen.insert(id, (pack, span.start)) {
            let (file, line) = (&packs.sources[other].file, packs.sources[other].line(start));
            let what = format!("`{id}` is already defined in {file}:{line}");
            return Err(source.error(span, what, "rename one, or load your pack without the built-in ones"));
        }
    }
    match packs.data_types.len().max(packs.signals.len()) > MAX_RULES {
        true => Err(PackError {
            file: "packs".into(),
            line: 0,
            what: "more than 16,384 data types or signals".into(),
            fix: "load fewer packs".into(),
        }),
        false => Ok(()),
    }
}

/// Names of fields in Chinese, each with the best type that it promises. Those in ASCII are looked up by their whole.
#[derive(Default)]
struct Names(BTreeMap<String, (bool, DataTypeId)>);

fn add_keys(keys: &mut Keys, names: &mut Names, text: &DataTypeText, id: DataTypeId) -> Result<(), Fault> {
    let groups = [(&text.keys, false, false), (&text.weak_keys, false, true), (&text.suffixes, true, false)];
    for (list, suffix, weak) in groups {
        for name in list {
            let promise =
                Promise { seen: KeyMatch { data_type: id, exclusive: text.stands == Stands::Key }, weak };
            if name.len() < MIN_NAME || name.len() > MAX_KEY || !keys.add(name, suffix, promise) {
                return Err((format!("key `{name}` is too short or too long"), "use 2 to 64 bytes"));
            }
            if !name.is_ascii() {
                let other = names.0.entry(name.clone()).or_insert((weak, id));
                if other.0 && !weak {
                    *other = (weak, id);
                }
            }
        }
    }
    Ok(())
}

fn data_type(t: &DataTypeText) -> DataType {
    DataType {
        id: t.id.as_str().into(),
        zh: t.zh.as_str().into(),
        en: t.en.as_str().into(),
        group: t.group.as_str().into(),
        level: t.level,
        personal: match t.personal {
            Standing::None => PersonalClass::None,
            Standing::Ordinary => PersonalClass::Personal,
            Standing::Sensitive => PersonalClass::Sensitive,
        },
        secret: t.secret,
        opens: t.opens.unwrap_or(t.secret),
        mask_expected: t.mask,
        chance: t.chance,
        identifies: t.identifies,
    }
}

fn family(f: Family) -> SignalFamily {
    match f {
        Family::ErrorDisclosure => SignalFamily::ErrorDisclosure,
        Family::ExposedConsole => SignalFamily::ExposedConsole,
        Family::ProbePath => SignalFamily::ProbePath,
        Family::AttackPayload => SignalFamily::AttackPayload,
        Family::FailureMessage => SignalFamily::FailureMessage,
        Family::SuccessMessage => SignalFamily::SuccessMessage,
        Family::ToolAgent => SignalFamily::ToolAgent,
    }
}

/// The day the newest pack was made.
fn newest(packs: &Packs) -> Option<Timestamp> {
    packs.headers.iter().map(|h| h.made).max().map(Day::start)
}
