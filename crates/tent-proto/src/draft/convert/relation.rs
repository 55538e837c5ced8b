//! Followings and followers.

use serde_json::{Value, json};

use super::members::Members;
use super::{ConvertError, Converter, host, license_uri, says_nothing, type_uri, uri};
use crate::TypeUri;
use crate::draft::model::{
    Follower as DraftFollower, Following as DraftFollowing, License, TypeReference,
};
use crate::model::{Basic, Follower, Following, Profile};

impl Converter {
    /// A following of the draft as one of the later dialects.
    ///
    /// # Errors
    ///
    /// [`ConvertError`] names what can be neither translated nor kept.
    pub fn following_to_v0(&self, following: &DraftFollowing) -> Result<Following, ConvertError> {
        let mut members = Members::of(following)?;
        members.rename("post_types", "types")?;
        members.map_each("types", |reference: &TypeReference| {
            let (uri, is_whole) = type_uri(reference)?;
            (is_whole && says_nothing(&reference.extra)).then_some(uri)
        })?;
        self.relation_to_v0(&mut members)?;
        members.read()
    }

    /// A following of the later dialects as one of the draft.
    ///
    /// # Errors
    ///
    /// [`ConvertError`] names what can be neither translated nor kept, such as a group that the
    /// converter [does not know](Self::with_groups).
    pub fn following_from_v0(&self, following: &Following) -> Result<DraftFollowing, ConvertError> {
        let mut members = Members::of(following)?;
        members.rename("types", "post_types")?;
        members.map_each("post_types", |uri: &TypeUri| {
            Some(TypeReference::from_uri(uri))
        })?;
        self.relation_from_v0(&mut members)?;
        members.read()
    }

    /// A follower of the draft as one of the later dialects.
    ///
    /// Its `profile` is made of its names, which are kept beside it.
    ///
    /// # Errors
    ///
    /// [`ConvertError`] names what can be neither translated nor kept.
    pub fn follower_to_v0(&self, follower: &DraftFollower) -> Result<Follower, ConvertError> {
        let mut members = Members::of(follower)?;
        self.relation_to_v0(&mut members)?;
        match members.value::<Profile>("profile")? {
            Some(kept) if name_in(&kept)? == follower.full_name => members.remove("full_name"),
            Some(_) => {}
            None => {
                if let Some(profile) = profile_of(&members)? {
                    members.set("profile", &profile)?;
                }
            }
        }
        members.read()
    }

    /// A follower of the later dialects as one of the draft.
    ///
    /// Its `full_name` is the name in its `profile`, which is kept beside it.
    ///
    /// # Errors
    ///
    /// [`ConvertError`] names what can be neither translated nor kept, such as a group that the
    /// converter [does not know](Self::with_groups).
    pub fn follower_from_v0(&self, follower: &Follower) -> Result<DraftFollower, ConvertError> {
        let mut members = Members::of(follower)?;
        self.relation_from_v0(&mut members)?;
        if let Some(profile) = members.value::<Value>("profile")? {
            if profile_of(&members)?.as_ref() == Some(&profile) {
                members.remove("profile");
            } else if members.text("full_name").is_none() {
                let name = follower
                    .profile
                    .as_ref()
                    .map(name_in)
                    .transpose()?
                    .flatten();
                name.map_or(Ok(()), |name| members.set("full_name", &name))?;
            }
        }
        members.read()
    }

    /// What followings and followers have in common.
    fn relation_to_v0(&self, members: &mut Members) -> Result<(), ConvertError> {
        members.map("entity", |host: String| Some(uri(&host)))?;
        members.map_each("licenses", license_uri)?;
        members.map_each("groups", |name: &String| Some(self.group(name)))
    }

    fn relation_from_v0(&self, members: &mut Members) -> Result<(), ConvertError> {
        members.map("entity", |uri: String| Some(host(&uri).to_owned()))?;
        members.map_each("licenses", |uri: &String| Some(License::from_uri(uri)))?;
        members.map_each("groups", |group| self.group_name(group))
    }
}

/// The profile that says what the names of the draft say.
fn profile_of(members: &Members) -> Result<Option<Value>, ConvertError> {
    let full: Option<String> = members.value("full_name")?;
    let name = match full {
        None => members.value("display_name")?,
        full => full,
    };
    Ok(name.map(|name| json!({ TypeUri::basic().as_str(): { "name": name } })))
}

fn name_in(profile: &Profile) -> Result<Option<String>, ConvertError> {
    let any = TypeUri::from("https://tent.io/types/info/basic/v0.1.x");
    match profile.section(&any) {
        Some(_) => Ok(profile.read::<Basic>(&any)?.name),
        None => Ok(None),
    }
}
