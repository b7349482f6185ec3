//! Any database in MMDB form (MaxMind DB 2.0) that tells countries.

use crate::database::{Database, DatabaseKind, civil};
use crate::{Country, PlaceError, Province};
use maxminddb::Reader;
use serde::Deserialize;
use std::fmt;
use std::io::Read;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

/// Largest file taken into memory, in MiB.
const MOST: u64 = 1_024;
/// What the types of databases are called that tell something else.
const OTHERS: [&str; 5] = ["asn", "isp", "anonymous", "connection-type", "domain"];

/// An open database; all of it is in memory.
pub struct Mmdb {
    reader: Reader<Vec<u8>>,
    /// What it is, and from when.
    pub database: Arc<Database>,
}

impl fmt::Debug for Mmdb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mmdb").field("database", &self.database).finish()
    }
}

/// What is read of an entry: the layout of GeoIP2 and of those that follow it (GeoLite2, DB-IP), and flat ones (ip-location-db, IPinfo).
#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry<'a> {
    #[serde(borrow)]
    country: Said<'a>,
    registered_country: Said<'a>,
    subdivisions: Vec<Named<'a>>,
    country_code: Option<&'a str>,
    state1: Option<&'a str>,
}

/// An object of names and codes, or one text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Said<'a> {
    #[serde(borrow)]
    Named(Named<'a>),
    Text(&'a str),
}

impl Default for Said<'_> {
    fn default() -> Self {
        Said::Text("")
    }
}

impl Said<'_> {
    fn country(&self) -> Option<Country> {
        match self {
            Said::Named(named) => named.iso_code.and_then(Country::new),
            Said::Text(code) => Country::new(code),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Named<'a> {
    iso_code: Option<&'a str>,
    #[serde(borrow)]
    names: Names<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Names<'a> {
    en: Option<&'a str>,
}

impl Mmdb {
    /// Opens a file.
    ///
    /// # Errors
    /// Where it cannot be read, is no sound MMDB, or is of a type that tells no countries (ASN, ISP, ...).
    pub fn open(path: &Path) -> Result<Mmdb, PlaceError> {
        let unreadable = |error| PlaceError::Unreadable { path: path.into(), error };
        let file = std::fs::File::open(path).map_err(unreadable)?;
        let mut bytes = Vec::new();
        file.take((MOST << 20) + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > MOST << 20 {
            return Err(PlaceError::TooLarge { path: path.into(), most: MOST });
        }
        let broken = |why: String| PlaceError::Mmdb { path: path.into(), why };
        let reader = Reader::from_source(bytes).map_err(|e| broken(e.to_string()))?;
        let about = reader.metadata();
        let kind = about.database_type.clone();
        if OTHERS.iter().any(|t| kind.to_ascii_lowercase().contains(t)) {
            return Err(PlaceError::NoCountries { path: path.into(), kind });
        }
        let database = Database {
            kind: DatabaseKind::Mmdb,
            name: kind.as_str().into(),
            version: about.build_epoch.to_string().into(),
            date: civil(about.build_epoch / 86_400).into(),
            source: path.display().to_string().into(),
        };
        Ok(Mmdb { reader, database: Arc::new(database) })
    }

    /// The country of an address, and the province of a Chinese one; `None` where the database does not tell, or its entry is broken.
    pub fn place(&self, ip: IpAddr) -> Option<(Country, Option<Province>)> {
        let entry: Entry<'_> = self.reader.lookup(ip).ok()?.decode().ok()??;
        let flat = || entry.country_code.and_then(Country::new);
        let country = entry.country.country().or_else(flat).or_else(|| entry.registered_country.country())?;
        if country.code() != "CN" {
            return Some((country, None));
        }
        let said = entry.subdivisions.first().and_then(|s| s.iso_code.or(s.names.en)).or(entry.state1);
        // Some write the regions as subdivisions of China.
        let region =
            said.map(|s| s.strip_prefix("CN-").unwrap_or(s)).filter(|s| matches!(*s, "HK" | "MO" | "TW"));
        match region.and_then(Country::new) {
            Some(region) => Some((region, None)),
            None => Some((country, said.and_then(Province::find))),
        }
    }
}
