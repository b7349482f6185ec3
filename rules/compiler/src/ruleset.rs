//! The rules in force.

use crate::compile::{
    Action, CacheUse, Composite, HanNames, Literals, Paths, Runs, Seams, SignalRule, TypeRule, build,
};
use crate::keys::{Keys, Name};
use crate::pack::Packs;
use crate::password::Dictionary;
use crate::{Context, Judgement, KeyMatch, PackError, judge, mask};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use weir_exchange::{Catalogue, DataTypeId, Fingerprinter, Grading, PasswordFacts, SignalId};

/// The rules in force: immutable, shared by all threads.
#[derive(Default)]
pub struct RuleSet {
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) types: Vec<TypeRule>,
    pub(crate) signals: Vec<SignalRule>,
    pub(crate) keys: Keys,
    pub(crate) literals: Literals,
    pub(crate) runs: Runs,
    /// Patterns that begin where Chinese meets a capital letter.
    pub(crate) seams: Seams,
    /// Names of fields in Chinese.
    pub(crate) han_names: HanNames,
    /// Anchors of one byte, found by `memchr`.
    pub(crate) signs: Vec<(u8, Action)>,
    /// Types whose masked values show without a key.
    pub(crate) masked_alone: Vec<u16>,
    pub(crate) paths: Paths,
    pub(crate) passwords: Dictionary,
    /// Patterns of all types and signals.
    pub(crate) pattern_count: usize,
    /// Grading profiles, in the order of the packs.
    pub(crate) profiles: Vec<Grading>,
    /// Types that are several types together.
    pub(crate) composites: Vec<Composite>,
    /// As written, for checking and printing.
    pub(crate) packs: Packs,
}

/// Counts only: the rules are long.
impl std::fmt::Debug for RuleSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "RuleSet({} types, {} signals, {} literals, {} shapes)",
            self.types.len(),
            self.signals.len(),
            self.literals.len(),
            self.runs.len()
        )
    }
}

impl RuleSet {
    /// The packs compiled in.
    ///
    /// # Errors
    /// Where one of them is wrong, which the tests exclude, or Hyperscan cannot compile on this machine.
    pub fn builtin() -> Result<RuleSet, PackError> {
        RuleSet::load(&[], true)
    }
    /// The packs of files or folders (every `*.toml` in name order), with or without those compiled in.
    ///
    /// # Errors
    /// The first thing wrong: file, line, what, and how to fix it.
    pub fn load(paths: &[PathBuf], with_builtin: bool) -> Result<RuleSet, PackError> {
        Ok(RuleSet::of(Packs::read(paths, with_builtin)?, None)?.0)
    }
    /// [`load`](Self::load), then the packs of `changed`, each in the place of the one that has its name in `[pack]`, where there is one.
    ///
    /// # Errors
    /// As of [`RuleSet::load`].
    pub fn load_changed(
        paths: &[PathBuf],
        with_builtin: bool,
        changed: &[PathBuf],
    ) -> Result<RuleSet, PackError> {
        let mut packs = Packs::read(paths, with_builtin)?;
        packs.change(changed)?;
        Ok(RuleSet::of(packs, None)?.0)
    }
    /// [`load`](Self::load) with what Hyperscan compiled kept in the folder `cache`, which is made where it is missing; says what the cache
    /// did. A damaged cache, or one that cannot be written, is no error.
    ///
    /// # Errors
    /// As of [`RuleSet::load`].
    pub fn load_cached(
        paths: &[PathBuf],
        with_builtin: bool,
        cache: &Path,
    ) -> Result<(RuleSet, CacheUse), PackError> {
        RuleSet::of(Packs::read(paths, with_builtin)?, Some(cache))
    }
    /// One pack given as text; `file` is its name in messages.
    ///
    /// # Errors
    /// As of [`RuleSet::load`].
    pub fn parse(file: &str, text: &str) -> Result<RuleSet, PackError> {
        let mut packs = Packs::default();
        packs.add_text(file.to_owned(), text.to_owned())?;
        Ok(RuleSet::of(packs, None)?.0)
    }
    /// Packs of one's own by themselves, or, where they build on types or profiles compiled in, with those.
    ///
    /// # Errors
    /// As of [`RuleSet::load`].
    pub fn load_to_check(paths: &[PathBuf]) -> Result<RuleSet, PackError> {
        let alone = Packs::read(paths, false)?;
        if alone.leans() { RuleSet::load(paths, true) } else { Ok(RuleSet::of(alone, None)?.0) }
    }
    /// Grading profiles, in the order of the packs.
    pub fn profiles(&self) -> &[Grading] {
        &self.profiles
    }
    /// Puts a grading profile in force; `None` where there is none of this id.
    #[must_use]
    pub fn graded(mut self, profile: &str) -> Option<RuleSet> {
        let grading = self.profiles.iter().find(|p| &*p.id == profile)?.clone();
        Arc::make_mut(&mut self.catalogue).grading = Some(grading);
        Some(self)
    }
    /// Types that are several types together in one record.
    pub fn composites(&self) -> &[Composite] {
        &self.composites
    }
    /// Of packs read.
    fn of(packs: Packs, cache: Option<&Path>) -> Result<(RuleSet, CacheUse), PackError> {
        let (mut rules, used) = build(packs, cache)?;
        rules.masked_alone =
            (0u16..).zip(&rules.types).filter(|(_, t)| t.masked_alone).map(|(i, _)| i).collect();
        Ok((rules, used))
    }
    /// The literals that a scan looks for, each with whether ASCII case is folded: what a bare scanner has to find to be compared with.
    pub fn literals(&self) -> Vec<(Vec<u8>, bool)> {
        let mut all = self.literals.texts();
        all.extend(self.han_names.texts().chain(self.seams.texts()).map(|t| (t.to_vec(), false)));
        all.sort();
        all.dedup();
        all
    }
    /// Names and grades of data types and signals.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }
    /// Types that a field of this name holds, best first: by its whole name, else by its longest known last words. Case, `_`, `-` and
    /// camelCase are folded, Chinese names are taken as they are, and of a dotted path the last segment counts.
    pub fn key_types(&self, name: &str) -> &[KeyMatch] {
        self.keys.types(&self.keys.name(name))
    }
    /// Looks a name up once, for [`types_of`](Self::types_of) and [`judge_as`](Self::judge_as). Hold it only beside these rules.
    pub fn name(&self, name: &str) -> Name {
        self.keys.name(name)
    }
    /// [`key_types`](Self::key_types) of a name looked up before.
    pub fn types_of(&self, name: &Name) -> &[KeyMatch] {
        self.keys.types(name)
    }
    /// Which of several types of one span wins: the higher.
    pub fn precedence(&self, ty: DataTypeId) -> u8 {
        self.types.get(usize::from(ty.0)).map_or(0, |t| t.precedence)
    }
    /// Whether a type that a name promised gives way where the whole value verifies as another one: a token that is a JWT.
    pub fn yields(&self, ty: DataTypeId) -> bool {
        self.types.get(usize::from(ty.0)).is_some_and(|t| t.yields)
    }
    /// Judges a value that stands in a field whose name promises `ty`, or that a candidate of a scan found. `None`: not of this type.
    ///
    /// Call it for candidates of either strength: a key such as `orderId` speaks against a number that verifies by itself. A confidence
    /// below 75 rests on a name that is used for other things too (`name`): look for other personal data in the same record.
    pub fn judge(&self, ty: DataTypeId, value: &[u8], context: &Context<'_>) -> Option<Judgement> {
        let name = context.key.map_or(Name::NONE, |k| self.keys.name(k));
        self.judge_as(ty, value, context, &name)
    }
    /// [`judge`](Self::judge) in a field whose name was looked up before; the key of the context is not looked at.
    pub fn judge_as(
        &self,
        ty: DataTypeId,
        value: &[u8],
        context: &Context<'_>,
        name: &Name,
    ) -> Option<Judgement> {
        let rule = self.types.get(usize::from(ty.0))?;
        judge::judge(rule, ty.0, value, context, name, self.keys.promises(name))
    }
    /// Appends a masked sample of `value`, never the value: at most as many characters at either end as the pack says, and never more
    /// than a third of them.
    pub fn mask(&self, ty: DataTypeId, value: &str, out: &mut String) {
        let (head, tail) = self.types.get(usize::from(ty.0)).map_or((0, 0), |t| t.sample);
        mask::sample(value, head, tail, out);
    }
    /// Judges a password in memory.
    pub fn password_facts(&self, password: &str, account: Option<&str>, fp: &Fingerprinter) -> PasswordFacts {
        self.passwords.facts(password, account, fp)
    }
    /// Signals of the families [`ExposedConsole`](weir_exchange::SignalFamily) and `ProbePath` that a path gives by itself, sorted. A path
    /// alone is no finding: many servers answer everything with one page, so look for the body's signal of the same console.
    pub fn path_signals(&self, path: &str) -> Vec<SignalId> {
        self.paths.signals(path)
    }
}
