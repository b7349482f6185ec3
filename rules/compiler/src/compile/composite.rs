//! Types that are several types together.

use crate::pack::{PackError, Packs};
use weir_exchange::DataTypeId;

/// Several types together in one record, which are worse than each by itself (组合类型).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Composite {
    /// The type that they make.
    pub data_type: DataTypeId,
    /// The types, sorted.
    pub of: Vec<DataTypeId>,
    /// How many different ones of them must stand together; at least two.
    pub least: usize,
    /// Its native grade.
    pub level: u8,
}

/// Those of the packs. Types that an override put off count as never found.
pub(super) fn composites(packs: &Packs) -> Result<Vec<Composite>, PackError> {
    let id_of = |id: &str| {
        let at = packs.data_types.iter().position(|t| t.stanza.id == id && !t.stanza.composite)?;
        u16::try_from(at).ok().map(DataTypeId)
    };
    let mut out = Vec::with_capacity(packs.composites.len());
    for placed in &packs.composites {
        let c = &placed.stanza;
        let fail = |what: String, fix: &str| Err(packs.fault(placed, format!("{}: {what}", c.id), fix));
        if let Some(id) = c.of.iter().find(|id| id_of(id).is_none() && !packs.off.contains(*id)) {
            return fail(
                format!("there is no data type `{id}`, or it is composite itself"),
                "`weir rules list` lists them",
            );
        }
        let mut of: Vec<DataTypeId> = c.of.iter().filter_map(|id| id_of(id)).collect();
        of.sort_unstable();
        of.dedup();
        let least = c.least.unwrap_or(c.of.len());
        if least < 2 || least > c.of.len() {
            return fail(
                format!("{least} of {} types is no combination", c.of.len()),
                "name at least two types in `of`, and as `least` from 2 to their number",
            );
        }
        let Some(data_type) = packs
            .data_types
            .iter()
            .position(|t| t.stanza.composite && t.stanza.id == c.id)
            .and_then(|at| u16::try_from(at).ok())
        else {
            continue;
        };
        out.push(Composite { data_type: DataTypeId(data_type), of, least, level: c.level });
    }
    Ok(out)
}
