//! Posts.

use super::members::Members;
use super::{ConvertError, Converter, host, license_uri, type_uri, uri};
use crate::draft::model::{License, Post as DraftPost, TypeReference};
use crate::{Post, TypeUri};

impl Converter {
    /// A post of the draft as one of the later dialects.
    ///
    /// Its `permissions` are made of `recipients` and `scope`, which are kept beside them; without any
    /// recipients a post of the draft is public. A type whose object says more than a URI can is kept
    /// in the content as well.
    ///
    /// # Errors
    ///
    /// [`ConvertError`] names what can be neither translated nor kept.
    pub fn post_to_v0(&self, post: &DraftPost) -> Result<Post, ConvertError> {
        let mut members = Members::of(post)?;
        members.rename("time", "published_at")?;
        members.rename("licences", "licenses")?;
        members.map_each("licenses", license_uri)?;
        members.map("entity", |host: String| Some(uri(&host)))?;
        each_mention(&mut members, |mention| {
            mention.rename("id", "post")?;
            mention.map("entity", |host: String| Some(uri(&host)))
        })?;
        type_out_of_content(&mut members)?;
        self.audience_to_v0(&mut members)?;
        members.read()
    }

    /// A post of the later dialects as one of the draft.
    ///
    /// Its `recipients` and `scope` are made of `permissions`, which are kept beside them. Whom the
    /// draft cannot name is not among the recipients. A private post has the scope `limited`, and
    /// [`CreatePost`](crate::draft::call::CreatePost) refuses it, since the draft takes a post without
    /// recipients for a public one.
    ///
    /// # Errors
    ///
    /// [`ConvertError`] names what can be neither translated nor kept.
    pub fn post_from_v0(&self, post: &Post) -> Result<DraftPost, ConvertError> {
        let mut members = Members::of(post)?;
        members.rename("published_at", "time")?;
        members.map_each("licenses", |uri: &String| Some(License::from_uri(uri)))?;
        members.rename("licenses", "licences")?;
        members.map("entity", |uri: String| Some(host(&uri).to_owned()))?;
        each_mention(&mut members, |mention| {
            mention.rename("post", "id")?;
            mention.map("entity", |uri: String| Some(host(&uri).to_owned()))
        })?;
        type_into_content(&mut members)?;
        self.audience_from_v0(&mut members)?;
        members.read()
    }
}

fn each_mention(
    members: &mut Members,
    mut change: impl FnMut(&mut Members) -> Result<(), ConvertError>,
) -> Result<(), ConvertError> {
    let Some(mut mentions) = members.value::<Vec<Members>>("mentions")? else {
        return Ok(());
    };
    mentions.iter_mut().try_for_each(&mut change)?;
    members.set("mentions", &mentions)
}

fn is_object(text: &str) -> bool {
    text.starts_with('{')
}

/// The content of a repost names an entity.
fn is_repost(uri: &TypeUri) -> bool {
    uri.base().ends_with("/repost")
}

fn type_out_of_content(members: &mut Members) -> Result<(), ConvertError> {
    members.refuse("type")?;
    let Some(content) = members.filled("content").filter(|text| is_object(text)) else {
        return Ok(());
    };
    let mut content = Members::parse(content)?;
    let Some(reference) = content.value::<TypeReference>("type")? else {
        return Ok(());
    };
    let (uri, is_whole) = type_uri(&reference).ok_or(ConvertError::NoCounterpart("type"))?;
    if is_whole && reference.extra.is_empty() {
        content.remove("type");
    }
    if is_repost(&uri) {
        content.map("entity", |host: String| Some(super::uri(&host)))?;
    }
    members.set("type", &uri)?;
    if content.is_empty() {
        members.remove("content");
        return Ok(());
    }
    members.set("content", &content)
}

fn type_into_content(members: &mut Members) -> Result<(), ConvertError> {
    let uri = members.value::<TypeUri>("type")?;
    let mut content = match members.filled("content") {
        None => Members::default(),
        Some(text) if is_object(text) => Members::parse(text)?,
        Some(_) if uri.is_none() => return Ok(()),
        Some(_) => return Err(ConvertError::NoCounterpart("content")),
    };
    let kept = content.filled("type").is_some();
    let Some(uri) = uri else {
        return if kept {
            Err(ConvertError::Taken("type"))
        } else {
            Ok(())
        };
    };
    if kept {
        // Only a type that was kept may be there.
        let reference = content.value::<TypeReference>("type").ok().flatten();
        if reference.and_then(|kept| kept.to_uri()).as_ref() != Some(&uri) {
            return Err(ConvertError::Taken("type"));
        }
    } else {
        content.set("type", &TypeReference::from_uri(&uri))?;
    }
    if is_repost(&uri) {
        content.map("entity", |uri: String| Some(host(&uri).to_owned()))?;
    }
    members.remove("type");
    members.set("content", &content)
}
