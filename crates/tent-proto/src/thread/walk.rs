//! The way through a thread.

use std::collections::{BTreeSet, VecDeque};

use tent_flow::{Flow, Input, Moment, Series as _, Step, ready};

use super::{Answer, Missing, Thread};
use crate::call::{GetPost, ListPosts};
use crate::model::Mention;
use crate::{CallError, Entity, Exchange, Listing, Post, PostId, Session};

/// The flow of [`Session::thread`].
///
/// Every post is taken once, so that posts that answer each other end it. It goes up to 200 posts, and
/// gives 200 answers, no further than 32 steps down, unless something else is said: a thread can be
/// endless. Each answer costs a request, for what answers it.
#[derive(Debug)]
#[must_use = "a flow does nothing until a driver runs it"]
pub struct ReadThread {
    session: Session,
    most: usize,
    deepest: usize,
    asked: Asked,
    /// Posts that are in the thread.
    seen: BTreeSet<Name>,
    /// Posts that were asked for.
    tried: BTreeSet<Name>,
    /// What the post that was read last answers, as far as it was not tried.
    above: VecDeque<Name>,
    /// Nearest first.
    answered: Vec<Post>,
    /// Posts whose answers were not asked for, and how far down they are. The last is next.
    waiting: Vec<(usize, Post)>,
    below: Option<Below>,
    post: Option<Post>,
    answers: Vec<Answer>,
    missing: Vec<Missing>,
    is_cut: bool,
}

/// What tells a post from all others.
type Name = (Entity, PostId);

#[derive(Debug)]
enum Asked {
    Post(Exchange<GetPost>),
    Answered(Name, Exchange<GetPost>),
    Answers(Exchange<ListPosts>),
}

type Answered = <Exchange<ListPosts> as Flow>::Output;

/// The answers to one post, as far as they came.
#[derive(Debug)]
struct Below {
    to: Name,
    depth: usize,
    list: Listing<ListPosts>,
    /// Newest first.
    found: Vec<Post>,
    /// How many posts were looked at; an empty page counts as one.
    looked_at: usize,
}

impl Flow for ReadThread {
    type Output = Result<Thread, CallError>;

    fn step(&mut self, now: Moment, mut input: Input) -> Step<Self::Output> {
        loop {
            let taken = match &mut self.asked {
                Asked::Post(exchange) => {
                    let post = ready!(exchange.step(now, input));
                    post.map(|post| self.take_post(post))
                }
                Asked::Answered(name, exchange) => {
                    let post = ready!(exchange.step(now, input));
                    let name = name.clone();
                    self.take_answered(name, post)
                }
                Asked::Answers(exchange) => {
                    let page = ready!(exchange.step(now, input));
                    self.take_answers(page)
                }
            };
            match taken {
                Ok(Some(asked)) => self.asked = asked,
                Ok(None) => return Step::Done(Ok(self.thread())),
                Err(error) => return Step::Done(Err(error)),
            }
            input = Input::Ready;
        }
    }
}

impl ReadThread {
    pub(super) fn new(session: Session, post: GetPost) -> Self {
        Self {
            asked: Asked::Post(session.call(post)),
            session,
            most: 200,
            deepest: 32,
            seen: BTreeSet::new(),
            tried: BTreeSet::new(),
            above: VecDeque::new(),
            answered: Vec::new(),
            waiting: Vec::new(),
            below: None,
            post: None,
            answers: Vec::new(),
            missing: Vec::new(),
            is_cut: false,
        }
    }

    /// Goes up so many posts at most, and gives so many answers at most.
    #[must_use = "a flow does nothing until a driver runs it"]
    pub const fn at_most(mut self, posts: usize) -> Self {
        self.most = posts;
        self
    }

    /// Goes down so many steps at most: with 1 it gives answers, and no answers to those.
    #[must_use = "a flow does nothing until a driver runs it"]
    pub const fn at_deepest(mut self, steps: usize) -> Self {
        self.deepest = steps;
        self
    }

    fn take_post(&mut self, post: Post) -> Option<Asked> {
        self.seen.extend(self.name(&post));
        self.above = post.mentions.iter().filter_map(mentioned).collect();
        self.waiting.push((0, post));
        self.go_up()
    }

    fn take_answered(
        &mut self,
        name: Name,
        post: Result<Post, CallError>,
    ) -> Result<Option<Asked>, CallError> {
        match post {
            Ok(post) => {
                // Servers may know it by another spelling of the entity than the mention has.
                let own = self.name(&post).unwrap_or(name);
                if self.seen.insert(own) {
                    self.above = post.mentions.iter().filter_map(mentioned).collect();
                    self.answered.push(post);
                }
            }
            Err(error) if is_about_the_post(&error) => {
                let (entity, id) = name;
                self.missing.push(Missing { entity, id, error });
            }
            Err(error) => return Err(error),
        }
        Ok(self.go_up())
    }

    /// Asks for the first post that the last one answers, unless it is known: posts can answer each
    /// other.
    fn go_up(&mut self) -> Option<Asked> {
        while let Some(name) = self.above.pop_front() {
            if self.seen.contains(&name) || self.tried.contains(&name) {
                continue;
            }
            // What is not to be had costs a request, too.
            if self.tried.len() >= self.most {
                self.is_cut = true;
                break;
            }
            self.tried.insert(name.clone());
            let (entity, id) = &name;
            let mut call = GetPost::new(id.clone());
            // Servers document the path without an entity alone, so one's own go by it.
            let is_own = entity.is_same_page(self.session.entity());
            call.entity = Some(entity.clone()).filter(|_| !is_own);
            let exchange = self.session.call(call);
            return Some(Asked::Answered(name, exchange));
        }
        self.go_down()
    }

    /// Takes the next post, and asks for what answers it.
    fn go_down(&mut self) -> Option<Asked> {
        while let Some((depth, post)) = self.waiting.pop() {
            let name = self.name(&post);
            if depth == 0 {
                self.post = Some(post);
            } else if self.answers.len() < self.most {
                self.answers.push(Answer { depth, post });
            } else {
                self.is_cut = true;
                return None;
            }
            if depth >= self.deepest {
                self.is_cut = true;
            } else if let Some(asked) = name.and_then(|name| self.ask_for_answers(name, depth)) {
                return Some(asked);
            }
        }
        None
    }

    fn ask_for_answers(&mut self, to: Name, depth: usize) -> Option<Asked> {
        let (entity, id) = &to;
        let list = ListPosts::new().mentioning_post(entity, id).limit(200);
        let mut list = self.session.list(list);
        let first = list.next()?;
        self.below = Some(Below {
            to,
            depth: depth + 1,
            list,
            found: Vec::new(),
            looked_at: 0,
        });
        Some(Asked::Answers(first))
    }

    fn take_answers(&mut self, page: Answered) -> Result<Option<Asked>, CallError> {
        let Some(mut below) = self.below.take() else {
            return Ok(self.go_down()); // never: it was noted along with the question
        };
        let page = below.list.take(page)?;
        below.looked_at += page.len().max(1);
        for post in page {
            // Not every server knows what was asked for.
            let is_answer = post
                .mentions
                .iter()
                .any(|mention| mentions(mention, &below.to));
            let is_new = || {
                self.name(&post)
                    .is_none_or(|name| !self.seen.contains(&name))
            };
            if is_answer && is_new() {
                self.seen.extend(self.name(&post));
                below.found.push(post);
            }
        }
        match below.list.next() {
            Some(next) if below.looked_at < self.most => {
                self.below = Some(below);
                Ok(Some(Asked::Answers(next)))
            }
            next => {
                self.is_cut |= next.is_some();
                let found = below.found.into_iter();
                self.waiting.extend(found.map(|post| (below.depth, post)));
                Ok(self.go_down())
            }
        }
    }

    /// What tells a post from all others. Own posts may come without their entity.
    fn name(&self, post: &Post) -> Option<Name> {
        let entity = post
            .entity
            .as_ref()
            .unwrap_or_else(|| self.session.entity());
        Some((entity.clone(), post.id.clone()?))
    }

    fn thread(&mut self) -> Thread {
        let mut answered = std::mem::take(&mut self.answered);
        answered.reverse();
        Thread {
            answered,
            post: self.post.take().unwrap_or_default(), // it was read first
            answers: std::mem::take(&mut self.answers),
            missing: std::mem::take(&mut self.missing),
            is_cut: self.is_cut,
        }
    }
}

/// The post that a mention names, if it names one.
fn mentioned(mention: &Mention) -> Option<Name> {
    Some((mention.entity.clone()?, mention.post.clone()?))
}

fn mentions(mention: &Mention, (entity, id): &Name) -> bool {
    let is_of = |other: &Entity| other.is_same_page(entity);
    mention.post.as_ref() == Some(id) && mention.entity.as_ref().is_some_and(is_of)
}

/// Whether an error says that one post is not to be had, and not that nothing is.
fn is_about_the_post(error: &CallError) -> bool {
    let is_answer = error.status().is_some() && !error.is_dead_credential();
    // An id that cannot be asked for.
    is_answer || matches!(error, CallError::Build(_) | CallError::Decode { .. })
}
