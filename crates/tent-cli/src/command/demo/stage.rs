//! The server that the tour is given on.

use std::path::PathBuf;
use std::{fs, io, process};

use tempfile::TempDir;
use tent_proto::Entity;
use tent_server::{Database, Passphrase, TentServer};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::failure::{Failure, Outcome};
use crate::signal;

/// A server on a port that was free, with its database in a folder that goes with it.
pub(super) struct Stage {
    runtime: Runtime,
    entity: Entity,
    /// Who approves.
    pub(super) person: Person,
    stop: oneshot::Sender<()>,
    served: JoinHandle<io::Result<()>>,
    folder: TempDir,
}

/// Who approves the app.
pub(super) enum Person {
    /// The demo itself, with the passphrase.
    Form(String),
    /// Whoever sits before the browser.
    Browser(String),
}

impl Stage {
    pub(super) fn set(in_browser: bool) -> Outcome<Self> {
        let failed = |error: io::Error| Failure::local("the demo could not be set up", &error);
        let folder = tempfile::Builder::new().prefix("tent-demo-").tempdir();
        let folder = folder.map_err(failed)?;
        let runtime = Runtime::new().map_err(failed)?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
        let listener = listener.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let entity = Entity::typed(&format!("http://{address}"))?;
        let passphrase = Passphrase::generate().map_err(failed)?;
        let person = match passphrase.expose().to_owned() {
            text if in_browser => Person::Browser(text),
            text => Person::Form(text),
        };

        let database = Database::sqlite(folder.path().join("tent.db"))
            .map_err(|error| Failure::local("the demo's database could not be made", &error))?;
        let server = TentServer::builder()
            .entity(entity.clone())
            .database(database)
            .passphrase(passphrase);
        let server = runtime.block_on(server.build());
        let server = server
            .map_err(|error| Failure::local("the demo's server could not be started", &error))?;
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            let _ = stopped.await; // told to, or forgotten
        };
        let served = runtime.spawn(server.serve(listener, shutdown));
        let told = runtime.block_on(async { signal::stop() }).map_err(failed)?;
        runtime.spawn(leave_nothing_when_told_to_stop(
            told,
            folder.path().to_owned(),
        ));
        Ok(Self {
            runtime,
            entity,
            person,
            stop,
            served,
            folder,
        })
    }

    pub(super) const fn entity(&self) -> &Entity {
        &self.entity
    }

    pub(super) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Stops the server and removes the folder.
    pub(super) fn strike(self) -> Outcome {
        let _ = self.stop.send(()); // a server that has failed hears nothing
        let served = self.runtime.block_on(self.served);
        let failed = |error: io::Error| Failure::local("the demo's server failed", &error);
        served
            .map_err(|error| failed(error.into()))?
            .map_err(failed)?;
        drop(self.runtime); // with all that still holds the database
        Ok(self
            .folder
            .close()
            .map_err(|error| Failure::local("the demo's folder could not be removed", &error))?)
    }
}

/// Whoever breaks the tour off finds nothing left of it either.
async fn leave_nothing_when_told_to_stop(told: impl Future<Output = ()>, folder: PathBuf) {
    told.await;
    let _ = fs::remove_dir_all(folder);
    process::exit(130); // as a shell says of a program that was interrupted
}
