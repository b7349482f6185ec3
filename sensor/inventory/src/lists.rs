//! What lists of names show, worked out once a list: messages of one shape share theirs.

use smallvec::SmallVec;
use weir_exchange::{Fingerprinter, SharedList, Text};

/// Lists of field names remembered: what more come are worked out anew.
const LISTS: usize = 1_024;
/// Lists remembered of one interface.
const RECENT: usize = 8;

/// The names of the fields of a reply.
#[derive(Debug)]
pub(crate) struct Fields {
    list: SharedList<Text>,
    /// Digests of the names, sorted.
    pub digests: Box<[u64]>,
    /// One digest of them all.
    pub together: u64,
    /// Whether they say more than an envelope does.
    pub rich: bool,
}

impl Fields {
    fn new(list: &SharedList<Text>, digests: &Fingerprinter) -> Self {
        let mut of_names: Box<[u64]> = list.iter().map(|f| digests.of("segment", f.as_bytes()).0).collect();
        of_names.sort_unstable();
        Fields {
            list: list.clone(),
            together: of_names.iter().fold(0u64, |h, f| h.rotate_left(7) ^ f),
            digests: of_names,
            rich: list.iter().filter(|f| !is_envelope(f)).count() >= 2,
        }
    }
}

/// Lists of field names met last, by their places in memory: each has its own as long as it is remembered.
#[derive(Debug)]
pub(crate) struct FieldNames(Vec<Option<Fields>>);

impl Default for FieldNames {
    fn default() -> Self {
        FieldNames((0..LISTS).map(|_| None).collect())
    }
}

impl FieldNames {
    /// What a list shows.
    pub fn of(&mut self, list: &SharedList<Text>, digests: &Fingerprinter) -> &Fields {
        let place = (list.as_ptr().addr() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54;
        let entry = &mut self.0[place as usize % LISTS];
        if entry.as_ref().is_some_and(|known| !known.list.is_same(list)) {
            *entry = None;
        }
        entry.get_or_insert_with(|| Fields::new(list, digests))
    }
}

/// Lists of names met last.
#[derive(Debug)]
pub(crate) struct Recent<N> {
    lists: SmallVec<[SharedList<N>; 1]>,
    next: usize,
}

impl<N> Default for Recent<N> {
    fn default() -> Self {
        Recent { lists: SmallVec::new(), next: 0 }
    }
}

impl<N> Recent<N> {
    /// Whether this very list was met before; it is remembered now, in the place of the one that came first.
    pub fn knows(&mut self, list: &SharedList<N>) -> bool {
        if self.lists.iter().any(|known| known.is_same(list)) {
            return true;
        }
        match self.lists.get_mut(self.next) {
            Some(oldest) => *oldest = list.clone(),
            None => self.lists.push(list.clone()),
        }
        self.next = (self.next + 1) % RECENT;
        false
    }
}

/// Whether a field belongs to the envelope that most replies of an application share.
fn is_envelope(field: &str) -> bool {
    let name = field.rsplit(['.', ']']).next().unwrap_or_default().to_ascii_lowercase();
    matches!(
        name.as_str(),
        "" | "code"
            | "msg"
            | "message"
            | "data"
            | "success"
            | "status"
            | "result"
            | "results"
            | "error"
            | "errors"
            | "timestamp"
            | "total"
            | "page"
            | "rows"
            | "list"
            | "count"
            | "size"
            | "items"
            | "records"
            | "next"
            | "previous"
            | "ok"
            | "trace_id"
            | "traceid"
            | "requestid"
            | "request_id"
            | "errcode"
            | "errmsg"
            | "meta"
            | "pagesize"
            | "pagenum"
            | "limit"
            | "offset"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> SharedList<Text> {
        names.iter().map(|n| Text::from(*n)).collect()
    }

    #[test]
    fn lists_are_told_apart_also_where_they_share_a_place() {
        let (mut names, digests) = (FieldNames::default(), Fingerprinter::new([0; 16]));
        let lists: Vec<_> = (0..3 * LISTS).map(|n| list(&["code", &format!("f{n}")])).collect();
        for l in lists.iter().chain(&lists) {
            let fields = names.of(l, &digests);
            let mut wanted: Vec<u64> = l.iter().map(|n| digests.of("segment", n.as_bytes()).0).collect();
            wanted.sort_unstable();
            assert_eq!((&*fields.digests, fields.rich), (&*wanted, false));
        }
        assert!(names.of(&list(&["id", "name"]), &digests).rich);
        assert_eq!(names.of(&list(&[]), &digests).together, 0);
    }

    #[test]
    fn the_last_lists_are_known() {
        let mut recent = Recent::default();
        let lists: Vec<_> = (0..RECENT + 1).map(|n| list(&[&format!("{n}")])).collect();
        assert!(lists.iter().all(|l| !recent.knows(l)) && lists[1..].iter().all(|l| recent.knows(l)));
        assert!(!recent.knows(&lists[0]) && recent.lists.len() == RECENT);
    }
}
