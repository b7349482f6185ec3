//! Names of fields: which types they promise.

use crate::KeyMatch;
use crate::name::FoldedName;
use crate::name_table::NameTable;
use weir_exchange::DataTypeId;

/// What a name says about one type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Promise {
    pub seen: KeyMatch,
    /// The name is also used for other things.
    pub weak: bool,
}

/// What a name says, worked out once: looking names up is dear, and bodies repeat theirs.
pub struct Name {
    pub(crate) folded: Option<FoldedName>,
    /// Number of its list of promises.
    list: Option<u32>,
}

/// Says what it promises only.
impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Name").field("list", &self.list).finish_non_exhaustive()
    }
}

impl Name {
    /// Of no field: it says nothing.
    pub const NONE: Name = Name { folded: None, list: None };

    /// The name folded; `None` where it is empty or too long.
    pub fn folded(&self) -> Option<&FoldedName> {
        self.folded.as_ref()
    }
}

/// Every name of the packs.
#[derive(Default, Debug)]
pub(crate) struct Keys {
    exact: NameTable<u32>,
    suffix: NameTable<u32>,
    /// What names promise, and the same without the strength.
    lists: Vec<(Vec<Promise>, Vec<KeyMatch>)>,
}

impl Keys {
    /// Adds a name. Names that cannot be folded are told by `false`.
    pub(crate) fn add(&mut self, name: &str, suffix: bool, promise: Promise) -> bool {
        let Some(folded) = FoldedName::new(name) else { return false };
        let Ok(next) = u32::try_from(self.lists.len()) else { return false };
        let table = if suffix { &mut self.suffix } else { &mut self.exact };
        let list = *table.add(folded.text(), next);
        if list == next {
            self.lists.push((Vec::new(), Vec::new()));
        }
        if let Some((all, _)) = self.lists.get_mut(list as usize)
            && !all.iter().any(|p| p.seen.data_type == promise.seen.data_type)
        {
            all.push(promise);
        }
        true
    }
    /// Puts the best promise of each name first: strong before weak, then by precedence.
    pub(crate) fn finish(&mut self, precedence: impl Fn(DataTypeId) -> u8) {
        for (all, seen) in &mut self.lists {
            all.sort_by_key(|p| (p.weak, std::cmp::Reverse(precedence(p.seen.data_type)), p.seen.data_type));
            *seen = all.iter().map(|p| p.seen).collect();
        }
    }
    /// Looks a name up: as a whole, else by its longest known last words.
    pub(crate) fn name(&self, name: &str) -> Name {
        let Some(folded) = FoldedName::new(name) else { return Name::NONE };
        let whole = self.exact.get(folded.text());
        let list = whole.or_else(|| folded.suffixes().find_map(|s| self.suffix.get(s))).copied();
        Name { folded: Some(folded), list }
    }
    fn list(&self, name: &Name) -> Option<&(Vec<Promise>, Vec<KeyMatch>)> {
        self.lists.get(name.list? as usize)
    }
    /// What a name promises.
    pub(crate) fn promises(&self, name: &Name) -> &[Promise] {
        self.list(name).map_or(&[], |l| &l.0)
    }
    /// The same without the strength.
    pub(crate) fn types(&self, name: &Name) -> &[KeyMatch] {
        self.list(name).map_or(&[], |l| &l.1)
    }
}
