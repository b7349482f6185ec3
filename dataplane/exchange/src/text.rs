//! Texts and lists that records share.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A text of the wire, which never changes: up to 23 bytes in place, longer ones shared, so that copying one never allocates.
pub type Text = smol_str::SmolStr;

/// A list that never changes while it is shared; an empty one takes no memory.
pub struct SharedList<T>(Option<Arc<[T]>>);

impl<T> SharedList<T> {
    /// Whether both are the same list in memory, or empty.
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
    }
}

impl<T: Clone> SharedList<T> {
    /// Adds an element to a copy of its own.
    pub fn push(&mut self, element: T) {
        self.0 = Some(self.iter().cloned().chain([element]).collect());
    }
}

impl<T> Clone for SharedList<T> {
    fn clone(&self) -> Self {
        SharedList(self.0.clone())
    }
}

impl<T> Default for SharedList<T> {
    fn default() -> Self {
        SharedList(None)
    }
}

impl<T> Deref for SharedList<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl<T: PartialEq> PartialEq for SharedList<T> {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other) || **self == **other
    }
}

impl<T: Eq> Eq for SharedList<T> {}

impl<T: fmt::Debug> fmt::Debug for SharedList<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T> FromIterator<T> for SharedList<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut elements = elements.into_iter().peekable();
        SharedList(elements.peek().is_some().then(|| elements.collect()))
    }
}

impl<'a, T> IntoIterator for &'a SharedList<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
