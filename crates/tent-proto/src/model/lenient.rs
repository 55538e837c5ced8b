//! Members that may have come empty: `null`, `[]`, `{}` and `""` all count as absent, whatever the
//! member holds, and a `null` within a list as not there.
//!
//! Source: `docs/protocol.md` §9.1.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess,
    Unexpected, Visitor,
};

use super::extra::Empty;
use super::object::{Read, Value};
use crate::timestamp::Whole;

/// What a member holds, or how it came empty.
type OrEmpty<T> = Result<T, Empty>;

/// Reads an empty array.
fn empty_array<'de, A: SeqAccess<'de>, T>(
    mut array: A,
    expected: &impl Visitor<'de>,
) -> Result<OrEmpty<T>, A::Error> {
    match array.next_element::<IgnoredAny>()? {
        None => Ok(Err(Empty::Array)),
        Some(_) => Err(A::Error::invalid_type(Unexpected::Seq, expected)),
    }
}

/// Reads an empty object.
fn empty_object<'de, A: MapAccess<'de>, T>(
    mut object: A,
    expected: &impl Visitor<'de>,
) -> Result<OrEmpty<T>, A::Error> {
    match object.next_key::<IgnoredAny>()? {
        None => Ok(Err(Empty::Object)),
        Some(_) => Err(A::Error::invalid_type(Unexpected::Map, expected)),
    }
}

/// Reads an empty text.
fn empty_text<'de, E: Error, T>(text: &str, expected: &impl Visitor<'de>) -> Result<OrEmpty<T>, E> {
    match text {
        "" => Ok(Err(Empty::Text)),
        _ => Err(E::invalid_type(Unexpected::Str(text), expected)),
    }
}

/// A whole number, also in a string.
pub(super) struct Number;

impl<'de> Visitor<'de> for Number {
    type Value = OrEmpty<i64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Whole.expecting(f)
    }

    fn visit_unit<E: Error>(self) -> Result<OrEmpty<i64>, E> {
        Ok(Err(Empty::Null))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<OrEmpty<i64>, E> {
        Whole.visit_i64(number).map(Ok)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<OrEmpty<i64>, E> {
        Whole.visit_u64(number).map(Ok)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<OrEmpty<i64>, E> {
        Whole.visit_f64(number).map(Ok)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<OrEmpty<i64>, E> {
        match text.trim() {
            "" => Ok(Err(Empty::Text)),
            text => Whole.visit_str(text).map(Ok),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<OrEmpty<i64>, A::Error> {
        empty_array(array, &self)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<OrEmpty<i64>, A::Error> {
        empty_object(object, &self)
    }
}

/// An object of known members.
pub(crate) struct Object<T>(PhantomData<T>);

impl<T> Object<T> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = OrEmpty<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E: Error>(self) -> Result<OrEmpty<T>, E> {
        Ok(Err(Empty::Null))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<OrEmpty<T>, E> {
        empty_text(text, &self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<OrEmpty<T>, A::Error> {
        empty_array(array, &self)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<OrEmpty<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(Ok)
    }
}

/// A list.
pub(super) struct Array<T>(PhantomData<T>);

impl<T> Array<T> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Value> DeserializeSeed<'de> for Array<T> {
    type Value = OrEmpty<Vec<T>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Value> Visitor<'de> for Array<T> {
    type Value = OrEmpty<Vec<T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Err(Empty::Null))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        empty_text(text, &self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = array.next_element()? {
            let Some(Read(item)) = item else { continue };
            if items.is_empty() {
                items.reserve_exact(1); // most lists within an object have one
            }
            items.push(item);
        }
        Ok(if items.is_empty() {
            Err(Empty::Array)
        } else {
            Ok(items)
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        empty_object(object, &self)
    }
}

/// An object whose members all hold the same.
pub(super) struct Map<K, T>(PhantomData<(K, T)>);

impl<K, T> Map<K, T> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, K: Ord + Deserialize<'de>, T: Value> DeserializeSeed<'de> for Map<K, T> {
    type Value = OrEmpty<BTreeMap<K, T>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, K: Ord + Deserialize<'de>, T: Value> Visitor<'de> for Map<K, T> {
    type Value = OrEmpty<BTreeMap<K, T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Err(Empty::Null))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        empty_text(text, &self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<Self::Value, A::Error> {
        empty_array(array, &self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut pairs = BTreeMap::new();
        while let Some((key, value)) = object.next_entry::<K, Option<Read<T>>>()? {
            pairs.extend(value.map(|Read(value)| (key, value)));
        }
        Ok(if pairs.is_empty() {
            Err(Empty::Object)
        } else {
            Ok(pairs)
        })
    }
}
