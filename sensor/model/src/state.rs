//! What a stage remembers, as bytes that outlive the process: CBOR (RFC 8949), fields by their names.
//!
//! Such bytes are only ever read back after whoever kept them made sure that they are those written: positions in tables are believed.

use serde::de::{DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use thiserror::Error;

/// What was remembered cannot be read: another version wrote it, with other fields.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("what was remembered does not fit this version: {0}")]
pub struct StateError(String);

/// As bytes.
///
/// # Errors
/// None in practice: memory does not refuse to be written to.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, StateError> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).map_err(|e| StateError(e.to_string()))?;
    Ok(bytes)
}

/// From bytes.
///
/// # Errors
/// Where they do not hold such a value.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StateError> {
    ciborium::from_reader(bytes).map_err(|e| StateError(e.to_string()))
}

/// Bytes, written as such and not as a list of numbers.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        struct Taker;
        impl Visitor<'_> for Taker {
            type Value = Bytes;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(bytes))
            }
        }
        deserializer.deserialize_byte_buf(Taker)
    }
}

/// A text that is part of the program. The name keeps serde's derive from borrowing it from what is read; see [`fixed`].
pub type Fixed = &'static str;

/// Texts that are part of the program: catalogue ids, names of protocols.
pub mod fixed {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};
    use std::collections::BTreeSet;
    use std::sync::{Mutex, PoisonError};

    /// Most different ones: the program has fewer, and each read stays for good.
    const MOST: usize = 1_024;

    static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

    /// Writes the text.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(text: &&'static str, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text)
    }

    /// Reads a text, each only once into memory.
    ///
    /// # Errors
    /// Where it is no text, or there are more of them than the program has.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static str, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = known.get(&*text) {
            return Ok(text);
        }
        if known.len() >= MOST {
            return Err(Error::custom("more fixed texts than there are"));
        }
        let text: &'static str = Box::leak(text.into_boxed_str());
        known.insert(text);
        Ok(text)
    }
}

/// Maps whose order shows nowhere, in that of their keys, so that equal ones are equal bytes.
pub mod sorted {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::collections::HashMap;
    use std::hash::{BuildHasher, Hash};

    /// Writes pairs.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<K: Serialize + Ord, V: Serialize, H, S: Serializer>(
        map: &HashMap<K, V, H>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut pairs: Vec<(&K, &V)> = map.iter().collect();
        pairs.sort_unstable_by_key(|(key, _)| *key);
        pairs.serialize(serializer)
    }

    /// Reads pairs.
    ///
    /// # Errors
    /// Where they are none.
    pub fn deserialize<'de, K, V, H, D>(deserializer: D) -> Result<HashMap<K, V, H>, D::Error>
    where
        K: Deserialize<'de> + Eq + Hash,
        V: Deserialize<'de>,
        H: BuildHasher + Default,
        D: Deserializer<'de>,
    {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?.into_iter().collect())
    }
}

/// Arrays longer than serde knows.
pub mod array {
    use serde::de::{DeserializeOwned, Error};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes the array as a list.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<T: Serialize, S: Serializer, const N: usize>(
        array: &[T; N],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(array)
    }

    /// Reads a list of exactly so many.
    ///
    /// # Errors
    /// Where it has another length.
    pub fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>, const N: usize>(
        deserializer: D,
    ) -> Result<[T; N], D::Error> {
        let list = Vec::<T>::deserialize(deserializer)?;
        list.try_into().map_err(|l: Vec<T>| D::Error::invalid_length(l.len(), &"another length"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::collections::BTreeMap;

    #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
    struct Sample {
        #[serde(with = "fixed")]
        id: Fixed,
        #[serde(with = "array")]
        hours: [u16; 40],
        by: BTreeMap<(u32, Box<str>), f64>,
        part: Bytes,
    }

    #[test]
    fn comes_back_as_it_was() {
        let by = BTreeMap::from([((7, "x".into()), 0.1)]);
        let part = Bytes(b"\x00\xff".to_vec());
        let sample = Sample { id: "C15", hours: std::array::from_fn(|n| n as u16), by, part };
        let bytes = encode(&sample).unwrap();
        assert_eq!(decode::<Sample>(&bytes).unwrap(), sample);
        let (a, b) = (decode::<Sample>(&bytes).unwrap(), decode::<Sample>(&bytes).unwrap());
        assert!(std::ptr::eq(a.id, b.id), "kept once");
        assert!(decode::<Sample>(&bytes[..bytes.len() - 1]).is_err() && decode::<u32>(&bytes).is_err());
    }
}
