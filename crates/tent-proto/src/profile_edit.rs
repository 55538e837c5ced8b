//! Changing a section of the profile.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tent_flow::{Flow, Input, Moment, Step, ready};

use crate::call::{GetProfile, PutProfileSection};
use crate::model::{Content, Section};
use crate::{BuildError, CallError, Exchange, Profile, Session, TypeUri, json};

impl Session {
    /// Reads a section of the profile, changes it, and writes it back, or adds it.
    ///
    /// What others have put into the section stays. Who may see it stays too, unless the change is of
    /// `permissions`. When nothing changes, nothing is written. Of two apps that change a section at
    /// once, the later one wins: servers know no condition for this.
    ///
    /// Needs the scope `write_profile`, for this type.
    ///
    /// Source: `docs/protocol.md` §6.2 and §7.10.
    ///
    /// ```
    /// # use tent_flow::script::{Answer, Script};
    /// # let credentials = tent_proto::mac::Credentials::new("u:1", "k", Default::default())?;
    /// # let root = vec!["https://alice.example".parse()?];
    /// # let seed = tent_flow::Seed::new([7; 32]);
    /// # let session = tent_proto::Session::new("https://alice.example".parse()?, root, credentials, seed);
    /// # let put = "https://alice.example/profile/https%3A%2F%2Ftent.io%2Ftypes%2Finfo%2Fbasic%2Fv0.1.0";
    /// # let mut client = Script::new()
    /// #     .on("GET", "https://alice.example/profile", Answer::json("{}"))
    /// #     .on("PUT", put, Answer::json("{}"));
    /// use tent_proto::model::Basic;
    ///
    /// client.run(session.edit_profile(|basic: &mut Basic| {
    ///     basic.location = Some("Aarhus".into());
    /// }))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn edit_profile<S: Section>(
        &self,
        edit: impl FnOnce(&mut S) + Send + 'static,
    ) -> EditProfile<S> {
        EditProfile::new(self.clone(), S::type_uri(), edit)
    }
}

/// The flow of [`Session::edit_profile`]. Its output is the profile as it is then.
#[must_use = "a flow does nothing until a driver runs it"]
pub struct EditProfile<S> {
    session: Session,
    section: TypeUri,
    edit: Option<Edit<S>>,
    state: State,
}

type Edit<S> = Box<dyn FnOnce(&mut S) + Send>;

#[derive(Debug)]
enum State {
    Reading(Exchange<GetProfile>),
    Writing(Exchange<PutProfileSection>),
}

impl<S> fmt::Debug for EditProfile<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EditProfile")
            .field("section", &self.section)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl<S: Serialize + DeserializeOwned + Default> EditProfile<S> {
    /// Changes the section of this type, read as any type that writes a JSON object. It keeps what
    /// that type keeps.
    pub fn new(
        session: Session,
        section: TypeUri,
        edit: impl FnOnce(&mut S) + Send + 'static,
    ) -> Self {
        Self {
            state: State::Reading(session.get_profile()),
            session,
            section,
            edit: Some(Box::new(edit)),
        }
    }

    /// The call that writes what the edit makes of the section; `None` when that changes nothing.
    fn edited(&mut self, profile: &Profile) -> Result<Option<PutProfileSection>, CallError> {
        let (section, mut content) = match profile.find(&self.section) {
            None => (&self.section, S::default()),
            Some((section, text)) => {
                let content = json::decode(text.as_bytes());
                (section, content.map_err(|cause| self.unreadable(cause))?)
            }
        };
        let before = members(&content)?;
        if let Some(edit) = self.edit.take() {
            edit(&mut content);
        }
        let mut after = members(&content)?;
        let is_same = |name: &str| text(&before, name) == text(&after, name);
        if before.len() == after.len() && before.keys().all(|name| is_same(name)) {
            return Ok(None);
        }
        if is_same("permissions") {
            // An app may see less of them than there is.
            after.remove("permissions");
        }
        let content = Content::new(&after).map_err(BuildError::Json)?;
        Ok(Some(PutProfileSection::new(section.clone(), content)))
    }

    fn unreadable(&self, cause: json::DecodeError) -> CallError {
        match &self.state {
            State::Reading(exchange) => exchange.not_understood(cause),
            State::Writing(exchange) => exchange.not_understood(cause),
        }
    }
}

impl<S: Serialize + DeserializeOwned + Default + 'static> Flow for EditProfile<S> {
    type Output = Result<Profile, CallError>;

    fn step(&mut self, now: Moment, input: Input) -> Step<Self::Output> {
        let profile = match &mut self.state {
            State::Writing(exchange) => return exchange.step(now, input),
            State::Reading(exchange) => match ready!(exchange.step(now, input)) {
                Ok(profile) => profile,
                Err(error) => return Step::Done(Err(error)),
            },
        };
        match self.edited(&profile) {
            Ok(Some(call)) => {
                self.state = State::Writing(self.session.call(call));
                self.step(now, Input::Ready)
            }
            Ok(None) => Step::Done(Ok(profile)),
            Err(error) => Step::Done(Err(error)),
        }
    }
}

type Members = BTreeMap<String, Box<RawValue>>;

/// The members of an object, with their exact text.
fn members(object: &impl Serialize) -> Result<Members, BuildError> {
    let text = serde_json::to_string(object).map_err(BuildError::Json)?;
    serde_json::from_str(&text).map_err(BuildError::Json)
}

fn text<'a>(members: &'a Members, name: &str) -> Option<&'a str> {
    members.get(name).map(|raw| raw.get())
}
