//! How an object is read and written: known members by their type, all others as they are.
//!
//! serde's `flatten` is not used: it buffers the whole object, and so loses the text of numbers and
//! cannot hold raw JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, Unexpected, Visitor,
};
use serde::ser::Serialize;

use super::extra::Empty;
use super::lenient::{Array, Map, Number};
use crate::timestamp::{Timestamp, Whole};

/// The name of a member, borrowed where it has no escapes.
pub(crate) struct Name<'de>(pub(crate) Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a member")
            }

            fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(name.into()))
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(name.to_owned().into()))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// A value on the wire, and how leniently it is read.
pub(crate) trait Value: Serialize + Sized {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// Reads it, or says what was written that counts as absent.
    fn read_optional<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Result<Self, Empty>, D::Error> {
        let value = Option::<Read<Self>>::deserialize(deserializer)?;
        Ok(value.map(|Read(value)| value).ok_or(Empty::Null))
    }
}

/// Lets a [`Value`] be read where serde wants a `Deserialize`.
pub(super) struct Read<T>(pub(super) T);

/// Lets an optional [`Value`] be read where serde wants a seed.
struct Optional<T>(PhantomData<T>);

impl<'de, T: Value> DeserializeSeed<'de> for Optional<T> {
    type Value = Result<T, Empty>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        T::read_optional(deserializer)
    }
}

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
pub(crate) use plain_values;

/// Objects: plain values, which may also come empty in other ways than as `null`.
macro_rules! object_values {
    ($($ty:ty),* $(,)?) => {
        $(impl $crate::model::object::Value for $ty {
            fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                serde::Deserialize::deserialize(deserializer)
            }

            fn read_optional<'de, D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Result<Self, $crate::model::extra::Empty>, D::Error> {
                deserializer.deserialize_any($crate::model::lenient::Object::new())
            }
        })*
    };
}
pub(crate) use object_values;

plain_values!(
    crate::Entity,
    crate::TypeUri,
    crate::Scope,
    crate::PostId,
    crate::AppId,
    crate::AuthorizationId,
    crate::GroupId,
    crate::FollowerId,
    crate::FollowingId,
    crate::Secret,
    Box<serde_json::value::RawValue>,
);

object_values!(super::Profile);

/// Times: whole numbers, also in strings.
impl Value for Timestamp {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }

    fn read_optional<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Result<Self, Empty>, D::Error> {
        let number = deserializer.deserialize_any(Number)?;
        Ok(number.map(Self::from_epoch_seconds))
    }
}

/// Versions and sizes: whole numbers, also in strings.
impl Value for u64 {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_zero(deserializer.deserialize_any(Whole)?)
    }

    fn read_optional<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Result<Self, Empty>, D::Error> {
        let number = deserializer.deserialize_any(Number)?;
        number.map_or_else(|empty| Ok(Err(empty)), |number| from_zero(number).map(Ok))
    }
}

fn from_zero<E: Error>(number: i64) -> Result<u64, E> {
    u64::try_from(number)
        .map_err(|_| E::invalid_value(Unexpected::Signed(number), &"a whole number from 0"))
}

/// Texts, also those that came as numbers.
impl Value for String {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = String;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
                Ok(text.to_owned())
            }

            fn visit_string<E: Error>(self, text: String) -> Result<String, E> {
                Ok(text)
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<String, E> {
                Ok(number.to_string())
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<String, E> {
                Ok(number.to_string())
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<String, E> {
                Ok(number.to_string())
            }
        }
        deserializer.deserialize_any(Text)
    }
}

/// Booleans, also in strings.
impl Value for bool {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Boolean;
        impl Visitor<'_> for Boolean {
            type Value = bool;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
pub(crate) trait Member: Default {
    /// Reads it, or says what was written that counts as absent.
    fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Result<Self, Empty>, A::Error>;

    fn is_absent(&self) -> bool;
}

impl<T: Value> Member for Option<T> {
    fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Result<Self, Empty>, A::Error> {
        let value = map.next_value_seed(Optional(PhantomData))?;
        Ok(value.map(Some))
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Value> Member for Vec<T> {
    fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Result<Self, Empty>, A::Error> {
        map.next_value_seed(Array::new())
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<K, T: Value> Member for BTreeMap<K, T>
where
    K: Ord + Serialize + for<'de> Deserialize<'de>,
{
    fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Result<Self, Empty>, A::Error> {
        map.next_value_seed(Map::new())
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

/// Defines an object: a struct of the members given, with their names on the wire, and `extra` for
/// all others.
macro_rules! object {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $object:ident {
            $( $(#[$member_meta:meta])* pub $member:ident: $ty:ty = $name:literal $(| $alias:literal)*, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        #[non_exhaustive]
        $visibility struct $object {
            $( $(#[$member_meta])* pub $member: $ty, )*
            /// Members that this crate does not know, and those that came empty. They are kept and
            /// written back.
            pub extra: $crate::model::Extra,
        }

        impl serde::Serialize for $object {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                use $crate::model::object::Member;
                let mut map = serializer.serialize_map(None)?;
                $( if !self.$member.is_absent() {
                    map.serialize_entry($name, &self.$member)?;
                } )*
                for (name, raw) in self.extra.members() {
                    // What came empty may have been filled since.
                    let is_absent = match &**name {
                        $( $name $(| $alias)* => self.$member.is_absent(), )*
                        _ => true,
                    };
                    if is_absent {
                        map.serialize_entry(name, raw)?;
                    }
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
                        while let Some($crate::model::object::Name(name)) = map.next_key()? {
                            match &*name {
                                $( $name $(| $alias)* => {
                                    match $crate::model::object::Member::read(&mut map)? {
                                        Ok(value) => object.$member = value,
                                        Err(empty) => {
                                            object.$member = Default::default();
                                            object.extra.set_empty($name, empty);
                                        }
                                    }
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

        $crate::model::object::object_values!($object);
    };
}
pub(crate) use object;
