//! A post, what it answers, and what answers it.

use tent_flow::{Flow, Input, Moment, Step, ready};

use crate::call::{GetPost, ListPosts};
use crate::model::Mention;
use crate::{CallError, Entity, Exchange, Post, PostId, Session};

/// How many posts up a thread is followed.
const MAX_ANSWERED: usize = 100;

/// A post among those that it belongs to.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Thread {
    /// What it answers, what that answers, and so on: the beginning first. It begins later than the
    /// conversation did where the server does not know a post or does not show it.
    pub answered: Vec<Post>,
    /// The post.
    pub post: Post,
    /// The posts that answer it, as far as the server knows them: the newest page, oldest first.
    pub answers: Vec<Post>,
}

impl Session {
    /// Reads a post with what it answers and what answers it.
    ///
    /// A post answers another one by mentioning it; of several the first counts. All of it comes from
    /// the session's own server, which knows posts of others when they were delivered to it.
    ///
    /// Source: `docs/protocol.md` §6.6.2 and §7.2.
    pub fn thread(&self, post: GetPost) -> ReadThread {
        ReadThread {
            session: self.clone(),
            asked: Asked::Post(self.call(post)),
            answered: Vec::new(),
            post: None,
        }
    }
}

/// The flow of [`Session::thread`].
#[derive(Debug)]
#[must_use = "a flow does nothing until a driver runs it"]
pub struct ReadThread {
    session: Session,
    asked: Asked,
    /// Nearest first.
    answered: Vec<Post>,
    post: Option<Post>,
}

#[derive(Debug)]
enum Asked {
    Post(Exchange<GetPost>),
    Answered(Exchange<GetPost>),
    Answers(Exchange<ListPosts>),
}

impl Flow for ReadThread {
    type Output = Result<Thread, CallError>;

    fn step(&mut self, now: Moment, input: Input) -> Step<Self::Output> {
        match &mut self.asked {
            Asked::Post(exchange) => match ready!(exchange.step(now, input)) {
                Ok(post) => {
                    self.post = Some(post.clone());
                    self.go_up(now, &post)
                }
                Err(error) => Step::Done(Err(error)),
            },
            Asked::Answered(exchange) => match ready!(exchange.step(now, input)) {
                Ok(post) => {
                    self.answered.push(post.clone());
                    self.go_up(now, &post)
                }
                // What is not known or not shown is where the thread begins.
                Err(CallError::Refused(refusal)) if refusal.status().is_client_error() => {
                    self.go_down(now)
                }
                Err(error) => Step::Done(Err(error)),
            },
            Asked::Answers(exchange) => match ready!(exchange.step(now, input)) {
                Ok(page) => {
                    let name = self.post.as_ref().and_then(name);
                    let mut answers = page.items;
                    // Not every server knows what was asked for.
                    answers.retain(|answer| answer.mentions.iter().any(|m| answered(m) == name));
                    answers.reverse();
                    self.done(answers)
                }
                Err(error) => Step::Done(Err(error)),
            },
        }
    }
}

impl ReadThread {
    /// Asks for what a post answers, unless that is known already: posts can answer each other.
    fn go_up(&mut self, now: Moment, post: &Post) -> Step<Result<Thread, CallError>> {
        let up = post.mentions.iter().find_map(answered);
        let mut known = self.answered.iter().chain(&self.post).filter_map(name);
        match up.filter(|up| !known.any(|known| known == *up)) {
            Some((entity, id)) if self.answered.len() < MAX_ANSWERED => {
                let call = if entity == *self.session.entity() {
                    GetPost::new(id)
                } else {
                    GetPost::new(id).of(entity)
                };
                self.asked = Asked::Answered(self.session.call(call));
                self.step(now, Input::Ready)
            }
            _ => self.go_down(now),
        }
    }

    fn go_down(&mut self, now: Moment) -> Step<Result<Thread, CallError>> {
        match self.post.as_ref().and_then(name) {
            Some((entity, id)) => {
                let list = ListPosts::new().mentioning_post(&entity, &id);
                self.asked = Asked::Answers(self.session.call(list));
                self.step(now, Input::Ready)
            }
            None => self.done(Vec::new()),
        }
    }

    fn done(&mut self, answers: Vec<Post>) -> Step<Result<Thread, CallError>> {
        let mut answered = std::mem::take(&mut self.answered);
        answered.reverse();
        Step::Done(Ok(Thread {
            answered,
            post: self.post.take().unwrap_or_default(), // it was read first
            answers,
        }))
    }
}

/// What identifies a post, if it has it.
fn name(post: &Post) -> Option<(Entity, PostId)> {
    Some((post.entity.clone()?, post.id.clone()?))
}

/// The post that a mention names, if it names one.
fn answered(mention: &Mention) -> Option<(Entity, PostId)> {
    Some((mention.entity.clone()?, mention.post.clone()?))
}
