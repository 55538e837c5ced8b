//! `tent demo`

mod asynchronous;
mod blocking;
mod form;
mod stage;
mod tour;

use clap::Args;
use tent_proto::Scope;
use tent_proto::login::ApprovalRequest;

use self::stage::Stage;
use self::tour::Tour;
use crate::arguments::Everywhere;
use crate::failure::Outcome;
use crate::loopback::Loopback;

/// See it all work, on a server of its own
#[derive(Debug, Args)]
#[command(after_help = "\
Once with each client: an entity is discovered, an app registered and approved, a status posted and \
read back, over real HTTP. Nothing of yours is touched, and nothing is left.")]
pub(crate) struct Demo {
    /// Approve in your browser, instead of having the form filled
    #[arg(long)]
    browser: bool,
}

impl Demo {
    pub(crate) fn run(self, everywhere: &Everywhere) -> Outcome {
        let stage = Stage::set(self.browser)?;
        let mut tour = Tour::begin(&stage, everywhere.json)?;

        tour.client("tent-blocking")?;
        blocking::visit(&stage, &mut tour)?;

        tour.client("tent-async")?;
        stage.block_on(asynchronous::visit(&stage, &mut tour))?;

        stage.strike()?;
        tour.end()
    }
}

const SCOPES: [(Scope, &str); 3] = [
    (Scope::ReadPosts, "To read back what it posts"),
    (Scope::WritePosts, "To post a status"),
    (Scope::ReadGroups, "To prove that its key works"),
];

/// The app that takes the tour.
fn app(stage: &Stage, loopback: &Loopback) -> tent_proto::App {
    let app = tent_proto::App::new("tent demo", stage.entity().as_str())
        .description("Posts a status, and reads it back")
        .redirect_uri(loopback.redirect_uri());
    let scopes = SCOPES.into_iter();
    scopes.fold(app, |app, (scope, reason)| app.scope(scope, reason))
}

/// What it asks for.
fn asked(loopback: &Loopback) -> ApprovalRequest {
    let asked = ApprovalRequest::new(loopback.redirect_uri()).post_type(tent_proto::TypeUri::all());
    let scopes = SCOPES.into_iter();
    scopes.fold(asked, |asked, (scope, _)| asked.scope(scope))
}
