//! Risk sources: one file each, with its card.
