//! Who may see a post: `recipients` and `scope` of the draft, `permissions` of the later dialects.

use serde_json::{Value, json};

use super::members::Members;
use super::{ConvertError, Converter, host, uri};
use crate::json::decode;

const PUBLIC: &str = "public";

/// An audience as the draft has it.
#[derive(Default, PartialEq)]
struct Audience {
    recipients: Vec<String>,
    scope: Option<String>,
}

impl Audience {
    fn of(members: &Members) -> Result<Self, ConvertError> {
        Ok(Self {
            recipients: members.value("recipients")?.unwrap_or_default(),
            scope: members.value("scope")?,
        })
    }

    fn take_out_of(members: &mut Members) {
        for name in ["recipients", "scope"] {
            if members.filled(name).is_some() {
                members.remove(name);
            }
        }
    }
}

impl Converter {
    /// Adds the permissions that say the same. Recipients and scope are kept beside them, unless they
    /// are just what [`audience_from_v0`](Self::audience_from_v0) made of permissions that were kept.
    pub(super) fn audience_to_v0(&self, members: &mut Members) -> Result<(), ConvertError> {
        let audience = Audience::of(members)?;
        if let Some(kept) = members.text("permissions") {
            let kept: Value = decode(kept.as_bytes())?;
            if self.audience(&kept) == audience {
                Audience::take_out_of(members);
                if kept.is_null() {
                    members.remove("permissions");
                }
                return Ok(());
            }
        }
        members.set("permissions", &self.permissions(&audience))
    }

    /// Adds recipients and scope that say the same. Permissions are kept beside them, as `null` when
    /// there are none; unless they are just what [`audience_to_v0`](Self::audience_to_v0) made of
    /// recipients and scope that were kept.
    pub(super) fn audience_from_v0(&self, members: &mut Members) -> Result<(), ConvertError> {
        let permissions = members.text("permissions").unwrap_or("null");
        let permissions: Value = decode(permissions.as_bytes())?;
        if self.permissions(&Audience::of(members)?) == permissions {
            members.remove("permissions");
            return Ok(());
        }
        let Audience { recipients, scope } = self.audience(&permissions);
        Audience::take_out_of(members);
        members.set("permissions", &permissions)?;
        if !recipients.is_empty() {
            members.set("recipients", &recipients)?;
        }
        scope.map_or(Ok(()), |scope| members.set("scope", &scope))
    }

    /// A recipient with a dot is a host name, any other a group. Without recipients everybody is
    /// meant, unless the scope says something else.
    fn permissions(&self, audience: &Audience) -> Value {
        let Audience { recipients, scope } = audience;
        let is_public = match scope.as_deref() {
            Some(scope) => scope == PUBLIC,
            None => recipients.is_empty(),
        };
        let mut permissions = json!({ "public": is_public });
        let (hosts, groups): (Vec<_>, Vec<_>) =
            recipients.iter().partition(|name| name.contains('.'));
        if !groups.is_empty() {
            let groups = groups.into_iter().map(|name| self.group(name));
            permissions["groups"] = groups.collect();
        }
        if !hosts.is_empty() {
            let entities = hosts.into_iter().map(|host| (uri(host), Value::Bool(true)));
            permissions["entities"] = Value::Object(entities.collect());
        }
        permissions
    }

    /// Nobody is added on the way: whom the draft cannot name is left out, and the scope says that the
    /// post is not for everybody.
    fn audience(&self, permissions: &Value) -> Audience {
        if permissions.get("public") == Some(&Value::Bool(true)) {
            let scope = Some(PUBLIC.to_owned());
            return Audience {
                recipients: Vec::new(),
                scope,
            };
        }
        let groups = permissions.get("groups").and_then(Value::as_array);
        let groups = groups.into_iter().flatten();
        let mut recipients: Vec<_> = groups
            .filter_map(|group| self.group_name(group))
            .filter(|name| !name.contains('.'))
            .collect();
        let is_direct = recipients.is_empty();
        let entities = permissions.get("entities").and_then(Value::as_object);
        let may_see = entities.into_iter().flatten();
        recipients.extend(
            may_see
                .filter(|(_, may)| **may == Value::Bool(true))
                .map(|(entity, _)| host(entity).to_owned())
                .filter(|host| host.contains('.')),
        );
        let is_direct = is_direct && !recipients.is_empty();
        Audience {
            recipients,
            scope: Some(if is_direct { "direct" } else { "limited" }.into()),
        }
    }
}
