//! Asking for memory before it is needed.
#![allow(unsafe_code)]

/// Begins to load the cache line that `item` lies in. Changes nothing but when the memory answers.
#[inline(always)]
pub(crate) fn prefetch<T>(item: Option<&T>) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    if let Some(item) = item {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch is a hint that neither faults nor reads; the address is that of a live reference.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(item).cast()) };
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = item;
}
