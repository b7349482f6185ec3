//! Is a card where it is said to be, and under a driver that DPDK can take it from?

use crate::DpdkError;
use std::path::Path;

/// Kernel drivers that hand a card to user space.
const USER: &[&str] = &["vfio-pci", "uio_pci_generic", "igb_uio", "mlx4_core", "mlx5_core", "uio_hv_generic"];
/// Those of them that leave it without address translation: frames can only be received into hugepages.
const UNTRANSLATED: &[&str] = &["uio_pci_generic", "igb_uio"];

/// Checks one card; `devices` is a folder as `/sys/bus/pci/devices` is.
pub(crate) fn check(devices: &Path, address: &str, huge: bool) -> Result<(), DpdkError> {
    let card = devices.join(address);
    if !card.exists() {
        return Err(DpdkError::NoSuchCard { address: address.into() });
    }
    let driver = std::fs::read_link(card.join("driver")).ok();
    let driver = driver.as_deref().and_then(Path::file_name).map(|d| d.to_string_lossy().into_owned());
    match driver {
        Some(d) if UNTRANSLATED.contains(&d.as_str()) && !huge => {
            Err(DpdkError::CardNeedsHugepages { address: address.into(), driver: d })
        }
        Some(d) if USER.contains(&d.as_str()) => Ok(()),
        // DPDK itself names what else is wrong: the group's other devices, missing rights.
        other => Err(DpdkError::DriverNotBound { address: address.into(), driver: other }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::{fs, os::unix::fs::symlink};

    #[test]
    fn a_card_must_be_there_and_be_handed_over() {
        let dir = tempfile::tempdir().unwrap();
        let at = |address: &str, driver: Option<&str>| {
            fs::create_dir(dir.path().join(address)).unwrap();
            if let Some(d) = driver {
                symlink(format!("../../../../bus/pci/drivers/{d}"), dir.path().join(address).join("driver"))
                    .unwrap();
            }
        };
        at("0000:01:00.0", Some("vfio-pci"));
        at("0000:01:00.1", Some("ixgbe"));
        at("0000:01:00.2", None);
        at("0000:01:00.3", Some("uio_pci_generic"));
        let check = |address, huge| check(dir.path(), address, huge);
        assert!(check("0000:01:00.0", false).is_ok());
        assert!(
            matches!(check("0000:01:00.1", true), Err(DpdkError::DriverNotBound { driver: Some(d), .. }) if d == "ixgbe")
        );
        assert!(matches!(check("0000:01:00.2", true), Err(DpdkError::DriverNotBound { driver: None, .. })));
        assert!(check("0000:01:00.3", true).is_ok());
        assert!(matches!(check("0000:01:00.3", false), Err(DpdkError::CardNeedsHugepages { .. })));
        assert!(matches!(check("0000:09:00.0", true), Err(DpdkError::NoSuchCard { .. })));
    }
}
