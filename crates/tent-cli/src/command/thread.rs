//! `tent thread`

use clap::Args;
use tent_proto::Post;

use crate::failure::{Failure, Outcome};
use crate::output;
use crate::post_id::PostName;
use crate::program::Program;

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
        let thread = program.run(session.thread(self.id.get(&session)))?;
        let thread = thread.map_err(|error| Failure::of_call(error, session.entity()))?;
        let depth = thread.answered.len();
        for (depth, post) in thread.answered.iter().enumerate() {
            show(program, ' ', depth, post)?;
        }
        show(program, '*', depth, &thread.post)?;
        for answer in &thread.answers {
            show(program, ' ', depth + answer.depth, &answer.post)?;
        }
        for lost in &thread.missing {
            let (entity, id, error) = (&lost.entity, &lost.id, &lost.error);
            program.say(&format!("{entity}#{id} is not to be had: {error}"));
        }
        if thread.is_cut {
            program.say("there may be more posts than are shown");
        }
        Ok(())
    }
}

fn show(program: &Program, mark: char, depth: usize, post: &Post) -> Outcome {
    if program.json() {
        return output::json(post);
    }
    let indent = "  ".repeat(depth.min(10));
    output::line(&format!("{mark} {indent}{}", output::post_line(post)))
}
