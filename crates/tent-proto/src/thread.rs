//! A post, what it answers, and what answers it.

mod walk;

use crate::call::GetPost;
use crate::{CallError, Entity, Post, PostId, Session};

pub use self::walk::ReadThread;

/// A post among those that it belongs to.
#[derive(Debug)]
#[non_exhaustive]
pub struct Thread {
    /// What it answers, what that answers, and so on: the beginning first.
    pub answered: Vec<Post>,
    /// The post.
    pub post: Post,
    /// What answers it, each answer followed by what answers that; of those to one post the oldest
    /// first.
    pub answers: Vec<Answer>,
    /// The posts that the thread goes by and that could not be had, so that it begins later than the
    /// conversation did, or leaves one of its sides out.
    pub missing: Vec<Missing>,
    /// Whether there are more posts, or may be, than were asked for.
    pub is_cut: bool,
}

/// A post that answers another one of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// How many steps below the thread's post it is: 1 answers it, 2 answers an answer.
    pub depth: usize,
    /// The answer.
    pub post: Post,
}

/// A post that could not be had.
#[derive(Debug)]
#[non_exhaustive]
pub struct Missing {
    /// Whose post it is.
    pub entity: Entity,
    /// Which one.
    pub id: PostId,
    /// Why: mostly a `404`, since the server does not know the post or does not show it.
    pub error: CallError,
}

impl Session {
    /// Reads a post with what it answers and what answers it.
    ///
    /// A post answers another one by mentioning it. Of several the first that can be had is what it
    /// answers above all, and is followed up; it is an answer to each of them. All of it comes from the
    /// session's own server, which knows posts of others when they were delivered to it.
    ///
    /// ```
    /// use tent_flow::script::{Answer, Script};
    /// use tent_proto::Session;
    /// use tent_proto::call::GetPost;
    ///
    /// let mentions = "mentioned_entity=https%3A%2F%2Falice.example&mentioned_post=p1&limit=200";
    /// let mut server = Script::new()
    ///     .on("GET", "https://alice.example/posts/p1", Answer::json(r#"{"id":"p1"}"#))
    ///     .on("GET", &format!("https://alice.example/posts?{mentions}"), Answer::json("[]"));
    /// let session = Session::anonymous("https://alice.example".parse()?, vec!["https://alice.example".parse()?]);
    ///
    /// let thread = server.run(session.thread(GetPost::new("p1")).at_most(50))?;
    /// assert!(thread.answered.is_empty() && thread.answers.is_empty() && !thread.is_cut);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Source: `docs/protocol.md` §6.6.2 and §7.2.
    pub fn thread(&self, post: GetPost) -> ReadThread {
        ReadThread::new(self.clone(), post)
    }
}
