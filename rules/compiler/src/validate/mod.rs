//! Validators: what tells a value of a type from something that only looks like it. They allocate nothing and read no clock.

mod abroad;
mod america;
mod card;
mod characters;
mod contact;
mod country;
mod credential;
mod date;
mod device;
mod digits;
mod division;
mod europe;
mod foreign;
mod name;
mod network;
#[cfg(test)]
mod oracle;
mod organisation;
mod person;
mod place;
mod resident;
mod securities;
mod south;
mod vat;
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
    ("aba", america::aba),
    ("abn", south::abn),
    ("address", place::address),
    ("age", person::age),
    ("ahv", europe::ahv),
    ("azure-secret", credential::azure_secret),
    ("bank-account", card::bank_account),
    ("bank-card", card::bank_card),
    ("base64-image", credential::base64_image),
    ("basic-auth", credential::basic_auth),
    ("be-national", europe::belgian),
    ("bic", abroad::bic),
    ("birth-date", person::birth_date),
    ("bitcoin", wallet::bitcoin),
    ("bsn", europe::bsn),
    ("business-licence", organisation::business_licence),
    ("card-expiry", card::expiry),
    ("card-track", securities::track),
    ("chinese-name", name::chinese_name),
    ("cnpj", america::cnpj),
    ("codice-fiscale", abroad::codice_fiscale),
    ("coordinate", place::coordinate),
    ("coordinate-pair", place::coordinate_pair),
    ("cpf", foreign::cpf),
    ("cuit", america::cuit),
    ("curp", america::curp),
    ("cusip", securities::cusip),
    ("dea", america::dea),
    ("ein", america::ein),
    ("email", contact::email),
    ("endpoint", network::endpoint),
    ("es-nif", abroad::nif),
    ("ethereum", wallet::ethereum),
    ("fr-nir", foreign::fr_nir),
    ("gstin", south::gstin),
    ("hetu", europe::hetu),
    ("hk-id", foreign::hk_id),
    ("iban", foreign::iban),
    ("iccid", device::iccid),
    ("imei", device::imei),
    ("imsi", device::imsi),
    ("in-pan", abroad::pan),
    ("inn", europe::inn),
    ("ipv4", network::ipv4),
    ("ipv6", network::ipv6),
    ("isin", securities::isin),
    ("itin", america::itin),
    ("jwt", credential::jwt),
    ("kr-rrn", foreign::kr_rrn),
    ("landline", contact::landline),
    ("latin-address", place::latin_address),
    ("latin-name", name::latin_name),
    ("lei", securities::lei),
    ("login-name", credential::login_name),
    ("mac", network::mac),
    ("mbi", america::mbi),
    ("medicare-au", south::medicare),
    ("minutiae", credential::minutiae),
    ("mobile", contact::mobile),
    ("mobile-abroad", contact::international),
    ("mrz", foreign::mrz),
    ("my-number", abroad::my_number),
    ("mykad", south::mykad),
    ("nhs", foreign::nhs),
    ("nik", south::nik),
    ("npi", america::npi),
    ("numbered", credential::numbered),
    ("org-code", organisation::org_code),
    ("passport", foreign::chinese_passport),
    ("password", credential::password),
    ("payment-card", card::payment_card),
    ("permanent-residence", resident::permanent_residence),
    ("personnummer", europe::personnummer),
    ("pesel", europe::pesel),
    ("phone-us", contact::north_american),
    ("plate", vehicle::plate),
    ("plate-new-energy", vehicle::plate_new_energy),
    ("postcode", place::postcode),
    ("recording", credential::recording),
    ("residence-permit", resident::residence_permit),
    ("resident-id-15", resident::id15),
    ("resident-id-18", resident::id18),
    ("rut", america::rut),
    ("secret", credential::secret),
    ("secret-prefixed", credential::secret_prefixed),
    ("sedol", securities::sedol),
    ("sg-nric", foreign::sg_nric),
    ("sin", abroad::sin),
    ("snils", europe::snils),
    ("social-credit-code", organisation::social_credit_code),
    ("steuer-id", europe::steuer_id),
    ("student", resident::student),
    ("taiwan-permit", foreign::taiwan_permit),
    ("tax-registration", organisation::tax_registration),
    ("tckn", europe::tckn),
    ("tfn", abroad::tfn),
    ("th-id", south::thai),
    ("token", credential::token),
    ("track", place::track),
    ("tron", wallet::tron),
    ("tw-id", foreign::tw_id),
    ("uk-nino", abroad::nino),
    ("url-userinfo", credential::url_userinfo),
    ("us-ssn", foreign::us_ssn),
    ("vat", vat::vat),
    ("vin", vehicle::vin),
    ("wallet-secret", wallet::wallet_secret),
    ("za-id", south::south_african),
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
