//! A value that is a text in its short form, and a table in its long one.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, de};

/// A text, or a table.
#[derive(Debug)]
pub enum TextOr<T> {
    Text(String),
    Table(T),
}

/// The long form of a value.
pub trait LongForm {
    /// Both forms, for the error about a value that has neither.
    const EXPECTED: &'static str;
}

// serde's own `untagged` would lose where the parts of the table are.
impl<'de, T: Deserialize<'de> + LongForm> Deserialize<'de> for TextOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de> + LongForm> de::Visitor<'de> for Visitor<T> {
            type Value = TextOr<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str(T::EXPECTED)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<TextOr<T>, E> {
                Ok(TextOr::Text(text.to_owned()))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<TextOr<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(TextOr::Table)
            }
        }

        deserializer.deserialize_any(Visitor(PhantomData))
    }
}
