//! Memory of the table's arrays in huge pages, where the kernel has them: a random flow then costs fewer page walks.
#![allow(unsafe_code)]

/// Arrays below this (one huge page) are left alone.
const LEAST: usize = 2 << 20;

/// An empty vector with room for `len` items: address space now, memory as it is touched.
pub(crate) fn vec<T>(len: usize) -> Vec<T> {
    let vec = Vec::with_capacity(len);
    advise(&vec);
    vec
}

/// `len` zeroes: address space now, memory as it is touched.
pub(crate) fn zeroes(len: usize) -> Vec<u64> {
    let vec = vec![0; len];
    advise(&vec);
    vec
}

/// Asks for huge pages. Without them, or where the kernel refuses, everything works as before.
fn advise<T>(vec: &Vec<T>) {
    let bytes = vec.capacity().saturating_mul(size_of::<T>());
    if bytes < LEAST {
        return;
    }
    #[cfg(all(target_os = "linux", not(miri)))]
    {
        const PAGE: usize = 4096;
        let start = vec.as_ptr().addr().next_multiple_of(PAGE);
        let end = (vec.as_ptr().addr() + bytes) / PAGE * PAGE;
        // SAFETY: the range lies within the vector's allocation, which is live, and the advice changes neither what it
        // holds nor what may be done with it.
        unsafe {
            libc::madvise(vec.as_ptr().with_addr(start).cast_mut().cast(), end - start, libc::MADV_HUGEPAGE)
        };
    }
}
