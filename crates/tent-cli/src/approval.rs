//! Waiting for the person.

use std::io::{self, BufRead as _};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use tent_proto::login::{Code, PendingApproval, RedirectError};
use url::Url;

use crate::browser;
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::loopback::{Arrival, Loopback};
use crate::output::tell;

/// How long a person may take: as long as servers keep a code, and some more.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// An approval under way, and how it may come back.
pub(crate) struct Approval {
    pub(crate) pending: PendingApproval,
    /// Whether to open the browser.
    pub(crate) open: bool,
    /// Whether the person may paste what their browser ended at.
    pub(crate) paste: bool,
}

/// Something that may be the answer.
enum Answer {
    Browser(Arrival),
    Pasted(String),
    /// Nothing more can be pasted.
    Closed,
}

impl From<Arrival> for Answer {
    fn from(arrival: Arrival) -> Self {
        Self::Browser(arrival)
    }
}

impl Approval {
    /// An approval in a browser that is opened.
    pub(crate) const fn in_browser(pending: PendingApproval) -> Self {
        Self {
            pending,
            open: true,
            paste: false,
        }
    }

    /// Sends the person to `url`, and waits for the code.
    pub(crate) fn wait(self, loopback: Loopback, url: &Url) -> Outcome<Code> {
        let (sender, answers) = mpsc::channel();
        loopback.serve(sender.clone());
        tell(&format!("open {url}"));
        if self.open && browser::is_here() && !browser::open(url) {
            tell("no browser could be opened; open the address above yourself");
        }
        if self.paste {
            tell("then paste the address that your browser ends at, or the code:");
            read_lines(sender);
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let answer = answers.recv_timeout(left).map_err(|error| match error {
                RecvTimeoutError::Timeout => too_late(),
                RecvTimeoutError::Disconnected => cut_off(),
            })?;
            if let Some(code) = self.judge(answer)? {
                return Ok(code);
            }
        }
    }

    /// The code; or nothing when this was no answer, and one may still come. What comes to a path that
    /// nobody can guess and does not belong to this attempt ends it: somebody meddles.
    fn judge(&self, answer: Answer) -> Outcome<Option<Code>> {
        match answer {
            Answer::Browser(arrival) => match self.pending.clone().accept(&arrival.target) {
                Ok(code) => {
                    arrival.welcome();
                    Ok(Some(code))
                }
                Err(_) if !arrival.target.contains('?') => {
                    arrival.ignore();
                    tell("somebody opened the address to come back to, without an answer");
                    Ok(None)
                }
                Err(error) if is_not_ours(&error) => {
                    arrival.ignore();
                    Err(error.into())
                }
                Err(error) => {
                    arrival.turn_away();
                    Err(error.into())
                }
            },
            Answer::Pasted(text) => match self.pending.clone().accept_pasted(&text) {
                Ok(code) => Ok(Some(code)),
                Err(error @ (RedirectError::NoState | RedirectError::NoCode)) => {
                    tell(&format!("{error}; paste the whole address, or the code:"));
                    Ok(None)
                }
                Err(error) => Err(error.into()),
            },
            Answer::Closed => Err(cut_off().into()),
        }
    }
}

fn is_not_ours(error: &RedirectError) -> bool {
    matches!(error, RedirectError::NoState | RedirectError::WrongState)
}

/// Reads what is pasted, line by line.
fn read_lines(answers: Sender<Answer>) {
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if !line.trim().is_empty() && answers.send(Answer::Pasted(line)).is_err() {
                return;
            }
        }
        let _ = answers.send(Answer::Closed);
    });
}

fn too_late() -> Failure {
    let minutes = PATIENCE.as_secs() / 60;
    Failure::new(Exit::NoAnswer, "the approval did not come")
        .cause(format!("nobody approved within {minutes} minutes"))
        .hint("`tent login` begins anew")
}

fn cut_off() -> Failure {
    Failure::new(Exit::Local, "the approval did not come")
        .cause("standard input ended before an address or a code was pasted")
}
