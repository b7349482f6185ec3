//! What a person decided an interface to be (人工认定): it goes before what is proposed.

use crate::{BusinessForm, Exposure, InterfaceForm, Proposal};

/// Something decided, with who says so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ruled<T> {
    /// What it is.
    pub is: T,
    /// Who says so and when, for the evidence (`decided by a person on 2026-01-02`).
    pub note: Box<str>,
}

impl<T: Copy> Ruled<T> {
    /// What is decided in the place of a proposal, which stays as evidence.
    pub fn over(&self, proposed: Proposal<T>, key: fn(T) -> &'static str) -> Proposal<T> {
        let was = format!("proposed: {}", key(proposed.is));
        let evidence = [self.note.to_string(), was].into_iter().chain(proposed.evidence).collect();
        Proposal { is: self.is, evidence }
    }
}

/// What a person decided of one interface; `None` where it is left to what is proposed.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Ruling {
    /// Technical form (技术形态).
    pub form: Option<Ruled<InterfaceForm>>,
    /// Business form (业务形态).
    pub business: Option<Ruled<BusinessForm>>,
    /// For whom it is there (开放范围).
    pub exposure: Option<Ruled<Exposure>>,
}
