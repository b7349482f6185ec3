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

/// Shapes met last. One a lane.
pub(crate) struct Shapes {
    params: Cache<SharedList<ParamName>>,
    fields: Cache<SharedList<Text>>,
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
pub(crate) struct FieldList(Names<Text>);

impl FieldList {
    pub(crate) fn len(&self) -> usize {
        self.0.names.len()
    }
    /// Adds one, unless it is there. `number` is that of its path.
    pub(crate) fn push(&mut self, number: u64, path: &Text) {
        if !self.0.names.contains(path) {
            self.0.push(number, path.clone());
        }
    }
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
    /// What was added, sorted, shared by all responses in which the same fields come in the same order.
    pub(crate) fn take(&mut self, shapes: &mut Shapes, fp: &Fingerprinter) -> SharedList<Text> {
        if self.0.names.is_empty() {
            return SharedList::default();
        }
        let list = shapes.fields.get(fp.digest(&self.0.numbers), || {
            let mut names = self.0.names.clone();
            names.sort_unstable();
            names.into_iter().collect()
        });
        let list = list.clone();
        self.clear();
        list
    }
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
                list.push(*n, &format!("field{n}").into());
            }
            list.take(&mut shapes, &fp)
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
