//! `tent thread`

use std::collections::BTreeSet;

use clap::Args;
use tent_proto::call::ListPosts;
use tent_proto::model::Mention;
use tent_proto::{Post, Session};

use crate::failure::{Failure, Outcome};
use crate::listing;
use crate::output;
use crate::post_id::PostName;
use crate::program::Program;

/// Posts at most: a thread can be endless.
const MOST: usize = 200;

/// Show a post, what it answers, and what answers it
#[derive(Debug, Args)]
#[command(after_help = "* marks the post. A post answers another by mentioning it.")]
pub(crate) struct Thread {
    /// Its id
    #[arg(value_name = "[ENTITY#]ID", allow_hyphen_values = true)]
    id: PostName,
}

impl Thread {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        let session = program.session()?;
        let post = program.call(&session, self.id.get(&session))?;
        let mut walk = Walk {
            program,
            session: &session,
            seen: BTreeSet::new(),
        };
        walk.see(&post);
        let above = walk.above(&post)?;
        let depth = above.len();
        for (depth, post) in above.iter().rev().enumerate() {
            show(program, ' ', depth, post)?;
        }
        walk.show_below(depth, post)
    }
}

/// A way through a thread that takes every post once.
struct Walk<'a> {
    program: &'a Program,
    session: &'a Session,
    seen: BTreeSet<PostName>,
}

impl Walk<'_> {
    /// Notes a post, and says whether it was met for the first time.
    fn see(&mut self, post: &Post) -> bool {
        match name(self.session, post) {
            Some(name) => self.seen.insert(name),
            None => true,
        }
    }

    /// What a post answers, what that answers, and so on.
    fn above(&mut self, post: &Post) -> Outcome<Vec<Post>> {
        let mut above: Vec<Post> = Vec::new();
        while above.len() < MOST
            && let Some(next) = self.answered(above.last().unwrap_or(post))?
        {
            above.push(next);
        }
        Ok(above)
    }

    /// The first post that a post mentions and that can be had.
    fn answered(&mut self, post: &Post) -> Outcome<Option<Post>> {
        for wanted in post.mentions.iter().filter_map(mentioned) {
            if !self.seen.insert(wanted.clone()) {
                continue;
            }
            let told = wanted.to_string();
            match self
                .program
                .try_call(self.session, wanted.get(self.session))?
            {
                Ok(post) => return Ok(Some(post)),
                Err(error) if error.status().is_some() && !error.is_dead_credential() => {
                    self.program
                        .say(&format!("{told} is not to be had: {error}"));
                }
                Err(error) => return Err(Failure::of_call(error, self.session.entity()).into()),
            }
        }
        Ok(None)
    }

    /// Shows a post and what answers it, each answer followed by what answers that.
    fn show_below(&mut self, depth: usize, post: Post) -> Outcome {
        let mut waiting = vec![(depth, post)];
        let mut shown = 0;
        while let Some((depth, post)) = waiting.pop() {
            if shown > MOST {
                self.program.say("there are more answers than are shown");
                break;
            }
            let mark = if shown == 0 { '*' } else { ' ' };
            show(self.program, mark, depth, &post)?;
            shown += 1;
            let answers = self.answers(&post)?.into_iter();
            waiting.extend(answers.map(|answer| (depth + 1, answer)));
        }
        Ok(())
    }

    /// The posts that mention a post, newest first.
    fn answers(&mut self, post: &Post) -> Outcome<Vec<Post>> {
        let Some(PostName {
            entity: Some(entity),
            id,
        }) = name(self.session, post)
        else {
            return Ok(Vec::new());
        };
        let list = ListPosts::new().mentioning_post(&entity, &id).limit(200);
        let mut answers = Vec::new();
        for answer in listing::items(self.program, self.session, list)?.take(MOST) {
            let answer = answer?;
            // Not every server knows what was asked for.
            let mut mentions = answer.mentions.iter().filter_map(mentioned);
            let is_answer = mentions.any(|name| name.id == id && name.is_of(&entity));
            if is_answer && self.see(&answer) {
                answers.push(answer);
            }
        }
        Ok(answers)
    }
}

fn name(session: &Session, post: &Post) -> Option<PostName> {
    let entity = post.entity.as_ref().unwrap_or_else(|| session.entity());
    Some(PostName {
        entity: Some(entity.clone()),
        id: post.id.clone()?,
    })
}

fn mentioned(mention: &Mention) -> Option<PostName> {
    Some(PostName {
        entity: Some(mention.entity.clone()?),
        id: mention.post.clone()?,
    })
}

fn show(program: &Program, mark: char, depth: usize, post: &Post) -> Outcome {
    if program.json() {
        return output::json(post);
    }
    let indent = "  ".repeat(depth.min(10));
    output::line(&format!("{mark} {indent}{}", output::post_line(post)))
}
