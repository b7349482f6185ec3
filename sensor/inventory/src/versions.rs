//! Versions of one interface: which took the place of which.

use std::collections::BTreeMap;
use weir_model::{Interface, InterfaceState, version_of};

/// Of so many calls of the newest version, an older one has at most one where it counts as superseded.
const SHARE: u64 = 10;

/// Site, method, operation and template without its version.
type Group = (u32, Box<str>, Box<str>, String);

/// Says of every older version that is hardly called any more which newer one took its place. `live` are those in force.
pub(crate) fn supersede(interfaces: &mut [Interface], live: &[usize]) {
    let mut groups: BTreeMap<Group, Vec<(Vec<u32>, usize)>> = BTreeMap::new();
    for at in live {
        let Some(i) = interfaces.get_mut(*at) else { continue };
        i.life.superseded = None;
        if i.state != InterfaceState::Active {
            continue;
        }
        if let Some((version, without)) = version_of(&i.template) {
            let group = (i.site.0, i.method.clone(), i.operation_name.clone(), without);
            groups.entry(group).or_default().push((version, *at));
        }
    }
    for mut versions in groups.into_values().filter(|v| v.len() > 1) {
        versions.sort();
        let Some((newest, at)) = versions.pop() else { continue };
        let Some((calls, template)) = interfaces.get(at).map(|i| (i.exchanges, i.template.clone())) else {
            continue;
        };
        for (_, older) in versions.iter().filter(|(v, _)| *v < newest) {
            if let Some(i) = interfaces.get_mut(*older).filter(|i| i.exchanges * SHARE <= calls) {
                i.life.superseded = Some(template.clone());
            }
        }
    }
}
