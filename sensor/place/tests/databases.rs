//! Places from files: an MMDB made here, a plan, and both together with the table that is built in.

#![allow(clippy::unwrap_used)]

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use weir_place::{Bucket, Country, DatabaseKind, Mmdb, PlaceError, Places, Scope};
use weir_support::mmdb::{Value, mmdb, text};

/// 2026-02-03.
const BUILT: u64 = 1_770_076_800;

fn map(entries: Vec<(&'static str, Value)>) -> Value {
    Value::Map(entries)
}
fn country(code: &str) -> Value {
    map(vec![("country", map(vec![("iso_code", text(code)), ("geoname_id", Value::U32(7))]))])
}
fn city(code: &str, subdivision: Vec<(&'static str, Value)>) -> Value {
    let country = map(vec![("iso_code", text(code)), ("names", map(vec![("en", text("x"))]))]);
    map(vec![("country", country), ("subdivisions", Value::List(vec![map(subdivision)]))])
}

fn file(dir: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn sample(dir: &TempDir) -> PathBuf {
    let networks = [
        ("8.8.0.0/16", country("us")),
        ("1.2.0.0/16", city("CN", vec![("iso_code", text("GD"))])),
        ("1.3.0.0/16", city("CN", vec![("names", map(vec![("en", text("Zhejiang"))]))])),
        ("1.4.0.0/16", city("CN", vec![("iso_code", text("HK"))])),
        ("1.5.0.0/16", city("US", vec![("iso_code", text("CA"))])),
        ("1.6.0.0/16", map(vec![("country_code", text("TW"))])),
        ("1.7.0.0/16", map(vec![("country", text("MO"))])),
        ("1.8.0.0/16", map(vec![("registered_country", map(vec![("iso_code", text("SG"))]))])),
        ("1.9.0.0/16", map(vec![("country", Value::U32(9))])),
        ("10.0.0.0/8", country("FR")),
        ("240e::/20", city("CN", vec![("iso_code", text("CN-SC"))])),
        ("114.114.0.0/16", country("JP")),
    ];
    file(dir, "city.mmdb", &mmdb("Test-City", BUILT, &networks))
}

fn at(places: &Places, ip: &str) -> String {
    let p = places.lookup(ip.parse::<IpAddr>().unwrap());
    let country = p.country.map_or("-".into(), |c: Country| c.to_string());
    let (province, zone) = (p.province.map_or("-", |p| p.en()), p.zone.as_ref().map_or("-", |z| &*z.name));
    let by = p.by.map_or("-", |d| d.kind.key());
    format!("{} {country} {province} {zone} {by}", p.scope.key())
}

#[test]
fn an_mmdb_tells_country_and_province() {
    let dir = tempfile::tempdir().unwrap();
    let path = sample(&dir);
    let database = Mmdb::open(&path).unwrap().database;
    assert_eq!(
        (&*database.name, &*database.date, database.kind),
        ("Test-City", "2026-02-03", DatabaseKind::Mmdb)
    );
    let places = Places::open(None, Some(&path)).unwrap();
    for (ip, expected) in [
        ("8.8.8.8", "external US - - mmdb"),
        ("1.2.3.4", "external CN Guangdong - mmdb"),
        ("1.3.3.4", "external CN Zhejiang - mmdb"),
        ("1.4.3.4", "external HK - - mmdb"),
        ("1.5.3.4", "external US - - mmdb"),
        ("1.6.3.4", "external TW - - mmdb"),
        ("1.7.3.4", "external MO - - mmdb"),
        ("1.8.3.4", "external SG - - mmdb"),
        ("::ffff:1.2.3.4", "external CN Guangdong - mmdb"),
        ("240e:1::1", "external CN Sichuan - mmdb"),
        ("114.114.114.114", "external JP - - mmdb"),
        // What it does not know, or has garbled, the built-in table tells; what is private nobody needs to.
        ("1.9.3.4", "external MY - - table"),
        ("2001:4860:4860::8888", "external US - - table"),
        ("10.1.1.1", "internal - - - -"),
        ("224.0.0.1", "special - - - -"),
    ] {
        assert_eq!(at(&places, ip), expected, "{ip}");
    }
}

#[test]
fn the_plan_comes_first() {
    let dir = tempfile::tempdir().unwrap();
    let plan = file(
        &dir,
        "plan.csv",
        "cidr,name,kind,owner,country\n10.0.0.0/8,总部,internal,,\n10.9.0.0/16,Frankfurt,branch,,DE\n8.8.8.0/24,our cloud,cloud,,\n\
         1.2.0.0/16,supplier,partner,,\n192.168.7.0/24,guests,external,,\n"
            .as_bytes(),
    );
    let places = Places::open(Some(&plan), Some(&sample(&dir))).unwrap();
    for (ip, expected) in [
        ("10.1.1.1", "internal - - 总部 plan"),
        ("10.9.1.1", "internal DE - Frankfurt plan"),
        ("8.8.8.8", "internal US - our cloud mmdb"),
        ("8.8.9.8", "external US - - mmdb"),
        ("1.2.3.4", "external CN Guangdong supplier mmdb"),
        ("192.168.7.1", "external - - guests plan"),
        ("192.168.8.1", "internal - - - -"),
    ] {
        assert_eq!(at(&places, ip), expected, "{ip}");
    }
    let bucket = |ip: &str| places.lookup(ip.parse().unwrap()).bucket().key().to_string();
    assert_eq!(
        ["10.1.1.1", "10.9.1.1", "1.2.3.4", "0.0.0.0"].map(bucket),
        ["internal", "DE", "CN", "special"]
    );
    let kinds: Vec<_> = places.databases().iter().map(|d| d.kind).collect();
    assert_eq!(kinds, [DatabaseKind::Plan, DatabaseKind::Mmdb, DatabaseKind::Table]);
    assert_eq!(Bucket::Unknown.zh(), "未知");
}

#[test]
fn without_anything_named_the_table_tells() {
    let places = Places::default();
    assert_eq!(at(&places, "8.8.8.8"), "external US - - table");
    assert_eq!(at(&places, "202.45.84.58"), "external HK - - table");
    assert_eq!(places.lookup("127.0.0.1".parse().unwrap()).scope, Scope::Internal);
}

#[test]
fn bad_files_say_where_what_and_how() {
    let dir = tempfile::tempdir().unwrap();
    let open = |path: &Path| Mmdb::open(path).unwrap_err();
    let none = open(&dir.path().join("none.mmdb"));
    assert!(matches!(none, PlaceError::Unreadable { .. }) && none.to_string().contains("check the path"));
    let junk = open(&file(&dir, "junk.mmdb", b"PK\x03\x04 an archive"));
    assert!(junk.to_string().contains("junk.mmdb") && junk.zh().contains("请重新下载"), "{junk}");
    let asn = open(&file(&dir, "asn.mmdb", &mmdb("Test-ASN", BUILT, &[("8.0.0.0/8", map(vec![]))])));
    assert!(asn.to_string().contains("tells no countries"), "{asn}");
}

/// A file cut or changed anywhere is an error or answers; it never breaks the reader.
#[test]
fn broken_files_do_no_harm() {
    let dir = tempfile::tempdir().unwrap();
    let whole = std::fs::read(sample(&dir)).unwrap();
    let ips = ["1.2.3.4", "1.9.3.4", "240e::1", "8.8.8.8", "::", "255.1.1.1"]
        .map(|ip| ip.parse::<IpAddr>().unwrap());
    for at in (0..whole.len()).step_by(7) {
        let mut changed = whole.clone();
        changed[at] ^= 0xff;
        for bytes in [&whole[..at], &changed] {
            if let Ok(mmdb) = Mmdb::open(&file(&dir, "broken.mmdb", bytes)) {
                for ip in ips {
                    let _ = mmdb.place(ip);
                }
            }
        }
    }
}
