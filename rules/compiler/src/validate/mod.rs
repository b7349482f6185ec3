//! Validators: what tells a value of a type from something that only looks like it. They allocate nothing and read no clock.

mod abroad;
mod card;
mod characters;
mod contact;
mod credential;
mod date;
mod device;
mod digits;
mod division;
mod foreign;
mod name;
mod network;
mod organisation;
mod person;
mod place;
mod resident;
mod vehicle;
mod wallet;

/// What a validator says of a value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Verdict {
    /// Not of the type.
    No,
    /// It looks like one; a key or a nearby word must say so.
    Plausible,
    /// Check digits or structure say so.
    Verified,
}

impl Verdict {
    /// Verified or nothing.
    fn verified(holds: bool) -> Verdict {
        if holds { Verdict::Verified } else { Verdict::No }
    }
    /// Plausible or nothing.
    fn plausible(holds: bool) -> Verdict {
        if holds { Verdict::Plausible } else { Verdict::No }
    }
}

/// A validator.
pub(crate) type Validator = fn(&[u8]) -> Verdict;

/// Every validator by the name that packs use, sorted.
pub(crate) const VALIDATORS: &[(&str, Validator)] = &[
    ("aadhaar", foreign::aadhaar),
    ("address", place::address),
    ("age", person::age),
    ("bank-account", card::bank_account),
    ("bank-card", card::bank_card),
    ("base64-image", credential::base64_image),
    ("basic-auth", credential::basic_auth),
    ("bic", abroad::bic),
    ("birth-date", person::birth_date),
    ("bitcoin", wallet::bitcoin),
    ("card-expiry", card::expiry),
    ("chinese-name", name::chinese_name),
    ("codice-fiscale", abroad::codice_fiscale),
    ("coordinate", place::coordinate),
    ("coordinate-pair", place::coordinate_pair),
    ("cpf", foreign::cpf),
    ("email", contact::email),
    ("es-nif", abroad::nif),
    ("ethereum", wallet::ethereum),
    ("fr-nir", foreign::fr_nir),
    ("hk-id", foreign::hk_id),
    ("iban", foreign::iban),
    ("iccid", device::iccid),
    ("imei", device::imei),
    ("imsi", device::imsi),
    ("in-pan", abroad::pan),
    ("ipv4", network::ipv4),
    ("ipv6", network::ipv6),
    ("jwt", credential::jwt),
    ("kr-rrn", foreign::kr_rrn),
    ("landline", contact::landline),
    ("latin-name", name::latin_name),
    ("login-name", credential::login_name),
    ("mac", network::mac),
    ("mobile", contact::mobile),
    ("mobile-abroad", contact::international),
    ("mrz", foreign::mrz),
    ("my-number", abroad::my_number),
    ("nhs", foreign::nhs),
    ("org-code", organisation::org_code),
    ("passport", foreign::chinese_passport),
    ("password", credential::password),
    ("payment-card", card::payment_card),
    ("plate", vehicle::plate),
    ("plate-new-energy", vehicle::plate_new_energy),
    ("postcode", place::postcode),
    ("resident-id-15", resident::id15),
    ("resident-id-18", resident::id18),
    ("secret", credential::secret),
    ("secret-prefixed", credential::secret_prefixed),
    ("sg-nric", foreign::sg_nric),
    ("sin", abroad::sin),
    ("social-credit-code", organisation::social_credit_code),
    ("taiwan-permit", foreign::taiwan_permit),
    ("tfn", abroad::tfn),
    ("token", credential::token),
    ("tw-id", foreign::tw_id),
    ("uk-nino", abroad::nino),
    ("url-userinfo", credential::url_userinfo),
    ("us-ssn", foreign::us_ssn),
    ("vin", vehicle::vin),
];

/// The validator of a name.
pub(crate) fn validator(name: &str) -> Option<Validator> {
    VALIDATORS.binary_search_by(|(n, _)| (*n).cmp(name)).ok().map(|i| VALIDATORS[i].1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_sorted() {
        assert!(VALIDATORS.windows(2).all(|w| w[0].0 < w[1].0));
        assert!(validator("vin").is_some() && validator("none").is_none());
    }

    proptest! {
        #[test]
        fn never_panic(value in proptest::collection::vec(any::<u8>(), 0..80)) {
            for (_, v) in VALIDATORS {
                v(&value);
            }
        }
        #[test]
        fn never_panic_on_text(value in "[0-9A-Za-z:.@+/ =_-]{0,60}|[一-龥·]{0,9}") {
            for (_, v) in VALIDATORS {
                v(value.as_bytes());
            }
        }
    }
}
