//! How an object is read and written: known members by their type, all others as they are.
//!
//! serde's `flatten` is not used: it buffers the whole object, and so loses the text of numbers and
//! cannot hold raw JSON.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Unexpected, Visitor};
use serde::ser::{Serialize, SerializeMap};

use crate::timestamp::{Timestamp, Whole};

/// A value on the wire, and how leniently it is read.
pub(super) trait Value: Serialize + Sized {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// Lets a [`Value`] be read where serde wants a `Deserialize`.
struct Read<T>(T);

impl<'de, T: Value> Deserialize<'de> for Read<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Read)
    }
}

/// Values that are read just as serde reads them.
macro_rules! plain_values {
    ($($ty:ty),* $(,)?) => {
        $(impl $crate::model::object::Value for $ty {
            fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                serde::Deserialize::deserialize(deserializer)
            }
        })*
    };
}
pub(super) use plain_values;

plain_values!(
    String,
    Timestamp,
    crate::Entity,
    crate::TypeUri,
    crate::Scope,
    crate::PostId,
    crate::AppId,
    crate::AuthorizationId,
    crate::GroupId,
    crate::mac::MacKey,
    Box<serde_json::value::RawValue>,
);

/// Versions and sizes: whole numbers, also in strings.
impl Value for u64 {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = deserializer.deserialize_any(Whole)?;
        Self::try_from(number).map_err(|_| {
            D::Error::invalid_value(Unexpected::Signed(number), &"a whole number from 0")
        })
    }
}

/// Booleans, also in strings.
impl Value for bool {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Boolean;
        impl Visitor<'_> for Boolean {
            type Value = bool;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("true or false")
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<bool, E> {
                Ok(value)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<bool, E> {
                text.parse()
                    .map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_any(Boolean)
    }
}

/// A member of an object: one value, or none, or several.
pub(super) trait Member: Default {
    fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Self, A::Error>;
    fn write<M: SerializeMap>(&self, name: &'static str, map: &mut M) -> Result<(), M::Error>;
}

impl<T: Value> Member for Option<T> {
    fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Self, A::Error> {
        let value: Option<Read<T>> = map.next_value()?;
        Ok(value.map(|Read(value)| value))
    }

    fn write<M: SerializeMap>(&self, name: &'static str, map: &mut M) -> Result<(), M::Error> {
        match self {
            Some(value) => map.serialize_entry(name, value),
            None => Ok(()),
        }
    }
}

impl<T: Value> Member for Vec<T> {
    fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Self, A::Error> {
        let values: Option<Vec<Read<T>>> = map.next_value()?;
        Ok(values
            .unwrap_or_default()
            .into_iter()
            .map(|Read(value)| value)
            .collect())
    }

    fn write<M: SerializeMap>(&self, name: &'static str, map: &mut M) -> Result<(), M::Error> {
        if self.is_empty() {
            return Ok(());
        }
        map.serialize_entry(name, self)
    }
}

impl<K, T: Value> Member for BTreeMap<K, T>
where
    K: Ord + Serialize + for<'de> Deserialize<'de>,
{
    fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Self, A::Error> {
        let values: Option<BTreeMap<K, Read<T>>> = map.next_value()?;
        let values = values.unwrap_or_default();
        Ok(values
            .into_iter()
            .map(|(key, Read(value))| (key, value))
            .collect())
    }

    fn write<M: SerializeMap>(&self, name: &'static str, map: &mut M) -> Result<(), M::Error> {
        if self.is_empty() {
            return Ok(());
        }
        map.serialize_entry(name, self)
    }
}

/// Defines an object: a struct of the members given, with their names on the wire, and `extra` for
/// all others.
macro_rules! object {
    (
        $(#[$meta:meta])*
        pub struct $object:ident {
            $( $(#[$member_meta:meta])* pub $member:ident: $ty:ty = $name:literal $(| $alias:literal)*, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct $object {
            $( $(#[$member_meta])* pub $member: $ty, )*
            /// Members that this crate does not know. They are kept and written back.
            pub extra: $crate::model::Extra,
        }

        impl serde::Serialize for $object {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                let mut map = serializer.serialize_map(None)?;
                $( $crate::model::object::Member::write(&self.$member, $name, &mut map)?; )*
                for (name, raw) in self.extra.members() {
                    map.serialize_entry(name, raw)?;
                }
                map.end()
            }
        }

        impl<'de> serde::Deserialize<'de> for $object {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;
                impl<'de> serde::de::Visitor<'de> for Visitor {
                    type Value = $object;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<$object, A::Error> {
                        let mut object = $object::default();
                        while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
                            match &*name {
                                $( $name $(| $alias)* => {
                                    object.$member = $crate::model::object::Member::read(&mut map)?;
                                } )*
                                _ => object.extra.set(name, map.next_value()?),
                            }
                        }
                        Ok(object)
                    }
                }
                deserializer.deserialize_map(Visitor)
            }
        }

        $crate::model::object::plain_values!($object);
    };
}
pub(super) use object;
