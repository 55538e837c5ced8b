//! Profiles.

use super::members::Members;
use super::{ConvertError, Converter, host, license_uri, type_uri, uri};
use crate::draft::model::{Info, License, TypeReference};
use crate::{Profile, TypeUri};

/// The type of the core part in the draft, and the base of that of the core section.
const CORE: (&str, &str) = ("https://tent.io", "https://tent.io/types/info/core");

impl Converter {
    /// A profile of the draft as one of the later dialects: each part as the section of its type.
    ///
    /// A type whose object says more than a URI can is kept in the section.
    ///
    /// # Errors
    ///
    /// [`ConvertError`] names what can be neither translated nor kept: a part without a type, and the
    /// second one of a type.
    pub fn profile_to_v0(&self, parts: &[Info]) -> Result<Profile, ConvertError> {
        let mut profile = Profile::default();
        for part in parts {
            add(&mut profile, part)?;
        }
        Ok(profile)
    }

    /// A profile of the later dialects as one of the draft, the core part first.
    ///
    /// # Errors
    ///
    /// [`ConvertError`] names what can be neither translated nor kept, such as a section that is no
    /// object.
    pub fn profile_from_v0(&self, profile: &Profile) -> Result<Vec<Info>, ConvertError> {
        let parts = profile.iter().map(|(uri, section)| part(uri, section));
        let mut parts = parts.collect::<Result<Vec<_>, _>>()?;
        parts.sort_by_key(|part| !part.is_core()); // stable
        Ok(parts)
    }
}

/// Adds a part to a profile, as the section of its type.
pub(crate) fn add(profile: &mut Profile, part: &Info) -> Result<(), ConvertError> {
    let mut section = Members::of(part)?;
    let reference = part.info_type.as_ref().ok_or(ConvertError::NoType)?;
    let mut later = reference.clone();
    if part.is_core() {
        later.url = Some(CORE.1.into());
        section.map("entity", |host: String| Some(uri(&host)))?;
        section.map_each("licenses", license_uri)?;
        section.map_each("servers", |server: &String| Some(uri(server)))?;
    }
    let (uri, is_whole) = type_uri(&later).ok_or(ConvertError::NoType)?;
    if is_whole && reference.extra.is_empty() && type_of(&uri).url == reference.url {
        section.remove("type");
    }
    if profile.iter().any(|(other, _)| *other == uri) {
        return Err(ConvertError::Twice(uri));
    }
    profile.set(uri, &section).map_err(ConvertError::Write)
}

/// The type of the part that a section becomes.
fn type_of(section: &TypeUri) -> TypeReference {
    let mut reference = TypeReference::from_uri(section);
    if reference.url.as_deref() == Some(CORE.1) {
        reference.url = Some(CORE.0.into());
    }
    reference
}

fn part(uri: &TypeUri, section: &str) -> Result<Info, ConvertError> {
    let is_object = section.starts_with('{');
    if !is_object {
        return Err(ConvertError::NoCounterpart("section"));
    }
    let mut members = Members::parse(section)?;
    if members.filled("type").is_none() {
        members.set("type", &type_of(uri))?;
    }
    if uri.base() == CORE.1 {
        members.map("entity", |uri: String| Some(host(&uri).to_owned()))?;
        for name in ["licenses", "licences"] {
            members.map_each(name, |uri: &String| Some(License::from_uri(uri)))?;
        }
    }
    let part: Info = members.read()?;
    // A type that was there must be the one that was kept.
    let mut again = Profile::default();
    add(&mut again, &part)?;
    match again.iter().next() {
        Some((again, _)) if again == uri => Ok(part),
        _ => Err(ConvertError::Taken("type")),
    }
}
