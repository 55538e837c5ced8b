//! Scopes and types in words.

use std::borrow::Cow;

use maud::{Markup, html};
use tent_proto::{Scope, TypeUri};

/// What a scope lets an app do.
pub(super) fn scope_words(scope: &Scope) -> Cow<'_, str> {
    let words = match scope {
        Scope::ReadPosts => {
            "Read your posts, also those that are not public, and those you receive"
        }
        Scope::WritePosts => "Publish, change and delete posts",
        Scope::ImportPosts => "Import posts with dates and ids of their own",
        Scope::ReadProfile => "Read your profile, also what is not public",
        Scope::WriteProfile => "Read and change your profile",
        Scope::ReadFollowers => "See all who follow you",
        Scope::WriteFollowers => "Change and remove those who follow you",
        Scope::ReadFollowings => "See all whom you follow",
        Scope::WriteFollowings => "Follow and unfollow for you",
        Scope::ReadGroups => "See your groups",
        Scope::WriteGroups => "Create, rename and delete groups",
        Scope::ReadPermissions => "See with whom you share each thing",
        Scope::WritePermissions => "Change with whom you share each thing",
        Scope::ReadApps => "See all your apps",
        Scope::WriteApps => "Change and remove any of your apps",
        Scope::ReadSecrets => "Read the keys of your apps and followers",
        Scope::WriteSecrets => "Set the keys of your apps and followers",
        Scope::FollowUi => "Offer the page on which you follow somebody",
        Scope::AppAuthUi => "Offer the page on which you approve apps",
        other => return Cow::Owned(format!("Use “{other}”, which this server does not know")),
    };
    Cow::Borrowed(words)
}

/// Whether a scope amounts to control of the account (`docs/protocol.md` §10.1).
pub(super) const fn is_grave(scope: &Scope) -> bool {
    matches!(
        scope,
        Scope::WriteApps | Scope::ReadSecrets | Scope::WriteSecrets | Scope::AppAuthUi
    )
}

/// A type as people know it.
pub(super) fn type_words(uri: &TypeUri) -> Markup {
    html! {
        @if uri.is_all() {
            strong { "all" }
        } @else if let Some(name) = type_name(uri) {
            span title=(uri) { (name) }
        } @else {
            code { (uri) }
        }
    }
}

/// The name of a type that Tent itself defines.
fn type_name(uri: &TypeUri) -> Option<&str> {
    let base = uri.base();
    let name = base.strip_prefix("https://tent.io/types/post/");
    let name = name.or_else(|| base.strip_prefix("https://tent.io/types/info/"))?;
    Some(name)
        .filter(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
