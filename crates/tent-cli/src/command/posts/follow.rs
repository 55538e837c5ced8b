//! `tent posts --follow`

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use tempfile::NamedTempFile;
use tent_async::Client;
use tent_flow::Series as _;
use tent_proto::call::ListPosts;
use tent_proto::{CallError, Feed, Place, Session};
use tokio::runtime::Builder;

use super::{Posts, show};
use crate::failure::{Failure, Outcome};
use crate::program::Program;
use crate::signal;

/// The pauses, at least and at most.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

impl Posts {
    /// Shows posts as they come, until it is told to stop.
    pub(super) fn follow(&self, program: &Program, session: &Session) -> Outcome {
        let mut feed = self.feed(session)?;
        if program.is_dry_run()
            && let Some(first) = feed.next()
        {
            drop(program.run(first)?); // shows it, and stops
        }
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.map_err(|error| Failure::local("waiting could not be set up", &error))?;
        runtime.block_on(async {
            let stop = signal::stop()
                .map_err(|error| Failure::local("signals cannot be waited for", &error))?;
            tokio::select! {
                shown = self.show_arrivals(program, session, feed) => shown,
                () = stop => Ok(()),
            }
        })
    }

    /// The posts from the stored place on, or else from now on.
    fn feed(&self, session: &Session) -> Outcome<Feed<ListPosts>> {
        let stored = self.place.as_deref().map(read).transpose()?.flatten();
        let feed = match stored {
            Some(place) => session.feed_from(place),
            None => {
                let feed = session.feed(self.select(ListPosts::new()));
                feed.latest(self.pages.limit.unwrap_or(0))
            }
        };
        Ok(feed.every(PAUSES.0, PAUSES.1))
    }

    async fn show_arrivals(
        &self,
        program: &Program,
        session: &Session,
        feed: Feed<ListPosts>,
    ) -> Outcome {
        let mut arrivals = Client::new()?.items(program.watch().over(feed));
        while let Some(arrival) = arrivals.next().await {
            match arrival {
                Ok(arrival) => {
                    show(program, &arrival.item)?;
                    if let Some(file) = &self.place {
                        write(file, &arrival.place)?;
                    }
                }
                Err(error) if error.may_pass() => tell(program, &error),
                Err(error) => return Err(Failure::of_call(error, session.entity()).into()),
            }
        }
        Ok(())
    }
}

fn tell(program: &Program, error: &CallError) {
    program.say(&format!("tent: {error}; it is asked again"));
}

/// The place in a file, if there is one.
fn read(file: &Path) -> Outcome<Option<Place<ListPosts>>> {
    let what = || format!("the place in {} could not be read", file.display());
    match fs::read_to_string(file) {
        Ok(text) => match serde_json::from_str(&text) {
            Ok(place) => Ok(Some(place)),
            Err(error) => Err(Failure::local(what(), &error).into()),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::local(what(), &error).into()),
    }
}

/// Replaces the place in a file, in one step.
fn write(file: &Path, place: &Place<ListPosts>) -> Outcome {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let written = NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).and_then(|mut new| {
        new.write_all(serde_json::to_string(place)?.as_bytes())?;
        new.persist(file)?;
        Ok(())
    });
    written.map_err(|error| {
        let what = format!("the place in {} could not be written", file.display());
        Failure::local(what, &error).into()
    })
}
