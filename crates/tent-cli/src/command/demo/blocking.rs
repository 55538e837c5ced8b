//! The tour with `tent-blocking`. The one with `tent-async` differs by `.await`.

use tent_blocking::Client;
use tent_proto::login::register;
use tent_proto::{Post, discover};

use super::form::Approve;
use super::stage::{Person, Stage};
use super::tour::Tour;
use super::{app, asked};
use crate::approval::Approval;
use crate::failure::Outcome;
use crate::loopback::Loopback;
use crate::post_id::id_of;

pub(super) fn visit(stage: &Stage, tour: &mut Tour) -> Outcome {
    let client = Client::new()?;
    let found = client.run(discover(stage.entity()))?;
    tour.discovered(&found)?;

    let loopback = Loopback::bind(client.seed())?;
    let registration = client.run(register(&found, app(stage, &loopback)))?;
    tour.registered(&registration)?;

    let (url, pending) = registration.authorize(asked(&loopback), client.seed())?;
    let code = match &stage.person {
        Person::Form(passphrase) => {
            let redirect = client.run(Approve::new(url, passphrase))?;
            pending.accept(&redirect)?
        }
        Person::Browser(_) => Approval::in_browser(pending).wait(loopback, &url)?,
    };
    tour.approved(stage)?;

    let account = client.run(registration.exchange(code, client.seed())?)?;
    tour.exchanged(&account)?;
    let session = account.session(client.seed());
    let proof = client.run(session.prove())?;
    tour.proved(proof)?;

    let hello = Post::status("Hello from tent-blocking!").public();
    let posted = client.run(session.create_post(&hello))?;
    tour.posted(&posted)?;
    let read = client.run(session.get_post(id_of(&posted)?.clone()))?;
    tour.read_back(&read)
}
