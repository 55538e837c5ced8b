//! What is new in a list, as it comes.

mod arrival;
mod poll;
mod rhythm;
mod trail;

use std::fmt;
use std::time::Duration;

use tent_flow::Series;

pub use self::arrival::Arrival;
pub use self::poll::{Poll, Polled};
use self::rhythm::Rhythm;
use self::trail::{OVERLAP, Trail};
use crate::call::{Change, Conditional, Validator};
use crate::list::{List, Listing, MAX_LIMIT, Place, with_limit};
use crate::{CallError, Session};

/// What is new in a list, as it comes: what a driver's `items` takes. It does not end by itself.
///
/// The list is asked again and again: soon after something came, and ever less often while it is quiet.
/// Each item is given once, with the [`Place`] after it. Whoever stores that place when they are done
/// with the item, and goes on from it [later](Session::feed_from), misses nothing and gets nothing twice,
/// whenever the program ended.
///
/// When the server does not answer or has no time, that is told as an error, and asked is again later,
/// ever less often. Every [other](CallError::may_pass) error ends the feed.
///
/// Posts that a server got in one moment need not appear in their order. So what is not older than ten
/// seconds is read again, and only what is new of it is given. An item without an id is left out.
///
/// Feeds of clones of one [`Session`] keep to one limit. Under [`RateLimit::Pace`] any number of them
/// shares what the server allows.
///
/// Source: `docs/protocol.md` §6.0.1 and §9.3.
///
/// ```
/// # use tent_flow::Series;
/// # use tent_flow::script::{Answer, Script};
/// # use tent_proto::Session;
/// use tent_proto::call::ListPosts;
///
/// # let entity = "https://alice.example".parse()?;
/// # let session = Session::anonymous(entity, vec!["https://alice.example/tent".parse()?]);
/// # let newest = "https://alice.example/tent/posts?limit=200";
/// # let newer = "https://alice.example/tent/posts?limit=200&since_id=p1";
/// # let mut client = Script::new()
/// #     .on("GET", newest, Answer::json(r#"[{"id":"p1"}]"#))
/// #     .on("GET", newer, Answer::json(r#"[{"id":"p2"}]"#));
/// // `for arrival in client.items(session.feed(ListPosts::new()))` in a program.
/// let mut feed = session.feed(ListPosts::new());
/// let mut stored = String::new();
/// while stored.is_empty() {
///     let answer = client.run(feed.next().unwrap());
///     for arrival in feed.take(answer)? {
///         println!("{:?}", arrival.item.id);
///         stored = serde_json::to_string(&arrival.place)?;
///     }
/// }
/// // Next year: `session.feed_from(serde_json::from_str(&stored)?)`
/// # client.finish();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`RateLimit::Pace`]: tent_flow::policy::RateLimit::Pace
#[must_use = "a feed asks nothing until a driver goes through it"]
pub struct Feed<L: List> {
    session: Session,
    round: Round<L>,
    trail: Trail<L>,
    rhythm: Rhythm,
    newest_first: bool,
    /// The first page of the last round, when it was all of it.
    known: Option<(L, Validator)>,
    /// When something new came last, on the monotonic clock.
    last: Option<Duration>,
}

/// From one pause to the next.
enum Round<L: List> {
    /// The newest page is to be read, and so many items of it are to be given.
    First(u32),
    /// The list is to be asked for what is new.
    Due,
    Walk(Box<Walk<L>>),
    Over,
}

/// A walk through what is new, of several pages maybe.
struct Walk<L: List> {
    listing: Listing<L>,
    first: L,
    /// When it began, on the monotonic clock.
    asked: Option<Duration>,
    validator: Option<Validator>,
    /// How many pages held something.
    pages: u32,
    is_fruitful: bool,
    /// What is given at the end of the walk alone.
    held: Vec<L::Item>,
}

impl<L: List> Feed<L> {
    /// What comes from now on.
    pub(crate) fn new(session: Session, list: L) -> Self {
        let mut query = list.query().clone();
        query.remove("order"); // the feed has its own
        let list = list.with_query(query);
        let round = match list.goes_forward() {
            true => Round::Due,
            false => Round::First(0),
        };
        Self::with(session, Place::new(list), round)
    }

    /// What came since, and what comes from now on.
    pub(crate) fn at(session: Session, place: Place<L>) -> Self {
        Self::with(session, place, Round::Due)
    }

    fn with(session: Session, place: Place<L>, round: Round<L>) -> Self {
        let (list, given) = place.into_parts();
        let limit = list.query().limit().unwrap_or(MAX_LIMIT);
        Self {
            session,
            round,
            trail: Trail::new(with_limit(&list, Some(limit)), given),
            rhythm: Rhythm::default(),
            newest_first: false,
            known: None,
            last: None,
        }
    }

    /// Begins with so many items that are there already, 200 at most. A feed that goes on
    /// from some place begins there.
    pub fn latest(mut self, count: u32) -> Self {
        if let Round::First(latest) = &mut self.round {
            *latest = count;
        }
        self
    }

    /// How long the pauses are, at least and at most: from two seconds to a minute unless said.
    pub fn every(mut self, least: Duration, most: Duration) -> Self {
        self.rhythm = Rhythm::new(least, most);
        self
    }

    /// Gives what came in one pause newest first; else the oldest comes first.
    pub fn newest_first(mut self) -> Self {
        self.newest_first = true;
        self
    }

    fn begin(&mut self) -> Poll<L> {
        let mut list = self.trail.base().clone();
        let wait = self.rhythm.pause();
        if matches!(self.round, Round::First(_)) {
            list = with_limit(&list, Some(MAX_LIMIT)); // it may be of one second
        }
        let call = match &self.known {
            Some((known, validator)) if *known == list => {
                Conditional::new(list.clone()).since(validator)
            }
            _ => Conditional::new(list.clone()),
        };
        if !matches!(self.round, Round::First(_)) {
            let place = Place::beyond(list.clone(), Vec::new());
            let mut listing = Listing::at(self.session.clone(), place);
            listing.next_page(); // it is this one
            self.round = Round::Walk(Box::new(Walk {
                listing,
                first: list,
                asked: None,
                validator: None,
                pages: 0,
                is_fruitful: false,
                held: Vec::new(),
            }));
        }
        Poll::new(wait, self.session.call(call))
    }

    /// Nothing new was there when it was asked.
    fn quiet(&mut self, asked: Duration) {
        self.rhythm.quiet();
        let last = *self.last.get_or_insert(asked);
        if asked.saturating_sub(last) > OVERLAP {
            self.trail.settle();
        }
    }

    fn fail(&mut self, error: &CallError) {
        self.round = Round::Over;
        if error.may_pass() {
            let asked = match error {
                CallError::RateLimited { wait, .. } => *wait,
                _ => Duration::ZERO,
            };
            self.rhythm.failed(asked);
            self.round = Round::Due;
        }
    }
}

impl<L: List> Series for Feed<L> {
    type Item = Arrival<L::Item, L>;
    type Error = CallError;
    type Flow = Poll<L>;

    fn next(&mut self) -> Option<Poll<L>> {
        match &mut self.round {
            Round::Over => None,
            Round::Walk(walk) => match walk.listing.next_page() {
                Some(list) => Some(Poll::new(None, self.session.call(Conditional::new(list)))),
                None => Some(self.begin()),
            },
            Round::First(_) | Round::Due => Some(self.begin()),
        }
    }

    fn take(&mut self, answer: Polled<L>) -> Result<Vec<Self::Item>, CallError> {
        let Polled {
            asked,
            answered,
            outcome,
        } = answer;
        let round = std::mem::replace(&mut self.round, Round::Due);
        let taken = match (round, outcome) {
            (Round::First(latest), Err(error)) => {
                self.fail(&error);
                if matches!(self.round, Round::Due) {
                    self.round = Round::First(latest);
                }
                return Err(error);
            }
            (_, Err(error)) => Err(error),
            (Round::First(latest), Ok(Change::Changed { value, .. })) => {
                self.last = Some(answered);
                self.rhythm.came();
                Ok(self.take_first(latest, value))
            }
            (Round::Walk(mut walk), Ok(Change::Changed { value, validator })) => {
                if walk.pages == 0 {
                    walk.validator = validator;
                }
                if walk.asked.is_none() {
                    walk.asked = Some(asked);
                    self.trail.begin();
                }
                self.take_page(walk, answered, value)
            }
            (_, Ok(_)) => {
                self.quiet(asked);
                Ok(Vec::new())
            }
        };
        taken.inspect_err(|error| self.fail(error))
    }
}

impl<L: List + fmt::Debug> fmt::Debug for Feed<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed")
            .field("session", &self.session)
            .field("list", self.trail.base())
            .finish_non_exhaustive()
    }
}
