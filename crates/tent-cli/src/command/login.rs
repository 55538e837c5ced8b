//! `tent login`

mod app;

use clap::Args;
use serde_json::json;
use tent_proto::login::{Account, ApprovalRequest, Proof};
use tent_proto::{CallError, Dialect, DiscoverEntity, Discovery, Scope, TypeUri};

use crate::account;
use crate::approval::Approval;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::loopback::Loopback;
use crate::output;
use crate::plain::plain;
use crate::post_type::parse_type_or_all;
use crate::program::Program;

/// Log in to an entity
#[derive(Debug, Args)]
#[command(after_help = "\
Your browser opens the page of your server on which you approve this program, and comes back to it. \
With --paste it may be on another computer: its last page will not load, and has the address in it. \
The program has no home page, and names your entity as such. What was stored before stays as it is \
until all of this has worked.")]
pub(crate) struct Login {
    /// Your URL; https:// may be left out
    entity: String,
    /// Open no browser; the URL to open is printed in any case
    #[arg(long)]
    no_browser: bool,
    /// Read the address that the browser ends at, or the code, from standard input
    #[arg(long)]
    paste: bool,
    /// Ask for this scope instead of the usual ones; may be repeated
    #[arg(long = "scope", value_name = "S")]
    scopes: Vec<Scope>,
    /// Ask for this scope beside the usual ones; may be repeated
    #[arg(long = "add-scope", value_name = "S", conflicts_with = "scopes")]
    more_scopes: Vec<Scope>,
    /// Ask for posts of this type, as `status` for short, instead of all; may be repeated
    #[arg(long = "type", value_name = "URI", value_parser = parse_type_or_all)]
    post_types: Vec<TypeUri>,
    /// Have new posts sent to this URL
    #[arg(long, value_name = "URL")]
    notify: Option<String>,
    /// What the server shall call this program
    #[arg(long, value_name = "N", default_value = "tent")]
    name: String,
}

/// What is asked for unless --scope is said: reading and writing, but neither keys nor other apps.
const SCOPES: [Scope; 11] = [
    Scope::ReadPosts,
    Scope::WritePosts,
    Scope::ReadProfile,
    Scope::WriteProfile,
    Scope::ReadFollowers,
    Scope::WriteFollowers,
    Scope::ReadFollowings,
    Scope::WriteFollowings,
    Scope::ReadGroups,
    Scope::WriteGroups,
    Scope::ReadPermissions,
];

impl Login {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        let flow = DiscoverEntity::typed(&self.entity)?.with_scheme_rule(program.scheme());
        let discovery = program.run(flow)??;
        if discovery.dialect != Dialect::V0 {
            return Err(speaks_another(&discovery).into());
        }
        // Before registering, since the port is part of what is registered.
        let loopback = Loopback::bind(program.client().seed())?;
        let redirect_uri = loopback.redirect_uri();
        let app = app::App {
            name: &self.name,
            scopes: &self.scopes(),
            redirect_uri: &redirect_uri,
        };
        let registration = app.register_or_update(program, &discovery)?;

        let asked = self.approval_request(&redirect_uri);
        let (url, pending) = registration.authorize(asked, program.client().seed())?;
        let approval = Approval {
            pending,
            open: !self.no_browser,
            paste: self.paste,
        };
        let code = approval.wait(loopback, &url)?;

        let exchange = registration.exchange(code, program.client().seed())?;
        let exchange = exchange
            .with_scheme_rule(program.scheme())
            .with_policy(program.policy());
        let account = program.run(exchange)?.map_err(not_taken)?;
        let proof = program
            .set_up(account.session(program.client().seed()))
            .prove();
        if program.run(proof)?? == Proof::NotRefused {
            program
                .say("the server took the credential, but gave nothing that shows that it works");
        }
        account::save(program.store(), &account)?;
        tell(program, &account)
    }

    fn scopes(&self) -> Vec<Scope> {
        if !self.scopes.is_empty() {
            return self.scopes.clone();
        }
        let more = self
            .more_scopes
            .iter()
            .filter(|scope| !SCOPES.contains(scope));
        SCOPES.iter().chain(more).cloned().collect()
    }

    fn approval_request(&self, redirect_uri: &str) -> ApprovalRequest {
        let mut asked = ApprovalRequest::new(redirect_uri).profile_info_type(TypeUri::all());
        for scope in self.scopes() {
            asked = asked.scope(scope);
        }
        if self.post_types.is_empty() {
            asked = asked.post_type(TypeUri::all());
        }
        for uri in &self.post_types {
            asked = asked.post_type(uri.clone());
        }
        match &self.notify {
            Some(url) => asked.notification_url(url),
            None => asked,
        }
    }
}

/// Of the exchange of a code. A refusal is that of the code.
fn not_taken(error: CallError) -> Failure {
    let is_refused = matches!(error, CallError::Refused(_));
    let failure = Failure::from(error);
    match is_refused {
        true => {
            failure.hint("a code is good for one login, and not for long; `tent login` begins anew")
        }
        false => failure,
    }
}

/// The library speaks the draft too, the program does not.
fn speaks_another(discovery: &Discovery) -> Failure {
    let entity = &discovery.entity;
    Failure::new(Exit::Refused, format!("cannot log in to {entity}"))
        .cause("its servers speak the draft before v0.1, and this program speaks v0.1 and v0.2")
}

fn tell(program: &Program, account: &Account) -> Outcome {
    let registration = &account.registration;
    if program.json() {
        output::json(&json!({
            "entity": registration.entity,
            "servers": registration.servers,
            "app": registration.app,
            "expires_at": account.expires_at,
        }))
    } else {
        output::line(&format!(
            "logged in {}",
            plain(registration.entity.as_str())
        ))
    }
}
