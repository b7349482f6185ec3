//! What records of one shape share: lists of names, media types.

use super::{bounded, kind};
use crate::cache::Cache;
use std::sync::Arc;
use weir_exchange::{Fingerprinter, MediaKind, ParamName, ParamPlace, ParamValue, Params, SharedList, Text};

/// Shapes remembered of each sort.
const MAX: usize = 1024;
/// Longest content type read, in bytes; that of a multipart type with its boundary fits.
const MAX_TYPE: usize = 256;

/// A media type, as a head gave it.
pub(crate) struct Media {
    /// As sent, bounded.
    pub(crate) raw: Box<[u8]>,
    /// As records show it.
    pub(crate) shown: Text,
    /// What it says of the content, if anything.
    pub(crate) declared: Option<MediaKind>,
}

impl Media {
    /// Of a content type; may be empty.
    pub(crate) fn new(content_type: &[u8]) -> Self {
        let raw = &content_type[..content_type.len().min(MAX_TYPE)];
        Media { raw: raw.into(), shown: bounded(raw, 128), declared: kind::declared(raw) }
    }
}

/// Field names, sorted, and the place there of each in the order met.
type Fields = (SharedList<Text>, Box<[u8]>);

/// Shapes met last. One a lane.
pub(crate) struct Shapes {
    params: Cache<SharedList<ParamName>>,
    fields: Cache<Fields>,
    media: Cache<Arc<Media>>,
}

impl Default for Shapes {
    fn default() -> Self {
        Shapes { params: Cache::new(MAX), fields: Cache::new(MAX), media: Cache::new(MAX) }
    }
}

impl Shapes {
    /// What a content type says.
    pub(crate) fn media(&mut self, content_type: &[u8], fp: &Fingerprinter) -> Arc<Media> {
        Arc::clone(self.media.get(fp.digest(content_type), || Arc::new(Media::new(content_type))))
    }
}

/// Names in the order met: what they are, and by which numbers they are told apart.
struct Names<N> {
    /// Eight bytes each.
    numbers: Vec<u8>,
    names: Vec<N>,
}

impl<N> Default for Names<N> {
    fn default() -> Self {
        Names { numbers: Vec::new(), names: Vec::new() }
    }
}

impl<N> Names<N> {
    fn push(&mut self, number: u64, name: N) {
        self.numbers.extend_from_slice(&number.to_le_bytes());
        self.names.push(name);
    }
    fn clear(&mut self) {
        self.numbers.clear();
        self.names.clear();
    }
}

/// Parameters as they come.
#[derive(Default)]
pub(crate) struct ParamList {
    names: Names<ParamName>,
    values: Vec<ParamValue>,
}

impl ParamList {
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }
    /// Adds one. `number` is that of its name, and of no other.
    pub(crate) fn push(&mut self, place: ParamPlace, number: u64, name: &Text, value: ParamValue) {
        self.names.push(number << 1 | place as u64, ParamName { place, name: name.clone() });
        self.values.push(value);
    }
    pub(crate) fn clear(&mut self) {
        self.names.clear();
        self.values.clear();
    }
    /// What was added, with names shared by all that have the same ones in the same order.
    pub(crate) fn take(&mut self, shapes: &mut Shapes, fp: &Fingerprinter) -> Params {
        if self.values.is_empty() {
            return Params::default();
        }
        let names = &self.names;
        let list = shapes.params.get(fp.digest(&names.numbers), || names.names.iter().cloned().collect());
        let params = Params::new(list.clone(), self.values.clone());
        self.clear();
        params
    }
}

/// Fields of a response as they come, each once.
#[derive(Default)]
pub(crate) struct FieldList {
    names: Names<Text>,
    /// Bit i: the value first met of the i-th was empty or `null`.
    blank: u64,
}

impl FieldList {
    pub(crate) fn len(&self) -> usize {
        self.names.names.len()
    }
    /// Adds one, unless it is there. `number` is that of its path.
    pub(crate) fn push(&mut self, number: u64, path: &Text, blank: bool) {
        if !self.names.names.contains(path) {
            if blank {
                self.blank |= 1u64.checked_shl(self.len() as u32).unwrap_or(0);
            }
            self.names.push(number, path.clone());
        }
    }
    /// Whether the first value of a path said nothing.
    pub(crate) fn is_blank(&self, path: &str) -> bool {
        self.blank != 0
            && self.names.names.iter().position(|n| **n == *path).is_some_and(|n| self.blank >> n & 1 == 1)
    }
    pub(crate) fn clear(&mut self) {
        self.names.clear();
        self.blank = 0;
    }
    /// What was added, sorted, shared by all responses in which the same fields come in the same order; and which were blank.
    pub(crate) fn take(&mut self, shapes: &mut Shapes, fp: &Fingerprinter) -> (SharedList<Text>, u64) {
        let FieldList { names: Names { numbers, names }, mut blank } = std::mem::take(self);
        if names.is_empty() {
            return (SharedList::default(), 0);
        }
        let (list, places) = shapes.fields.get(fp.digest(&numbers), || sorted(&names));
        let list = list.clone();
        let mut sorted = 0;
        while blank != 0 {
            let place = places.get(blank.trailing_zeros() as usize).copied().unwrap_or_default();
            sorted |= 1u64.checked_shl(u32::from(place)).unwrap_or(0);
            blank &= blank - 1;
        }
        self.names = Names { numbers, names };
        self.clear();
        (list, sorted)
    }
}

fn sorted(names: &[Text]) -> Fields {
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_unstable_by(|a, b| names[*a].cmp(&names[*b]));
    let mut places = vec![0; names.len()];
    order.iter().enumerate().for_each(|(place, n)| places[*n] = u8::try_from(place).unwrap_or(u8::MAX));
    (order.iter().map(|n| names[*n].clone()).collect(), places.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_shapes_share_their_names() {
        let (mut shapes, fp) = (Shapes::default(), Fingerprinter::new([3; 16]));
        let mut fields = |order: &[u64]| {
            let mut list = FieldList::default();
            for n in order {
                list.push(*n, &format!("field{n}").into(), *n == 2);
            }
            let (list, blank) = list.take(&mut shapes, &fp);
            assert_eq!(blank, list.iter().position(|f| f == "field2").map_or(0, |at| 1 << at));
            list
        };
        let (a, b, c) = (fields(&[2, 1, 2]), fields(&[2, 1]), fields(&[1, 2]));
        assert_eq!(&*a, ["field1", "field2"]);
        assert!(a.is_same(&b) && !a.is_same(&c) && a == c);
        assert!(fields(&[]).is_empty());
        let mut list = ParamList::default();
        let mut params = |value| {
            list.push(ParamPlace::Query, 7, &"page".into(), ParamValue::Integer(value));
            list.take(&mut shapes, &fp)
        };
        assert_eq!(
            params(1).iter().next().map(|p| (p.name.as_str(), p.value)),
            Some(("page", ParamValue::Integer(1)))
        );
        assert_ne!(params(1), params(2));
        assert_eq!(params(3).len(), 1);
    }

    #[test]
    fn media_types_are_read_once() {
        let (mut shapes, fp) = (Shapes::default(), Fingerprinter::new([3; 16]));
        let a = shapes.media(b"application/json; charset=utf-8", &fp);
        assert!(Arc::ptr_eq(&a, &shapes.media(b"application/json; charset=utf-8", &fp)));
        assert_eq!((a.declared, &*a.shown), (Some(MediaKind::Json), "application/json; charset=utf-8"));
    }
}
