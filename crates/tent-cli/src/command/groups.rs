//! `tent groups`

use clap::{Args, Subcommand};
use tent_proto::call::{CreateGroup, DeleteGroup, ListGroups, UpdateGroup};
use tent_proto::model::Group;

use crate::failure::Outcome;
use crate::listing;
use crate::output;
use crate::plain::plain;
use crate::program::Program;

/// List your groups of people, or change them
#[derive(Debug, Args)]
#[command(disable_help_subcommand = true)]
pub(crate) struct Groups {
    #[command(subcommand)]
    change: Option<Change>,
}

#[derive(Debug, Subcommand)]
enum Change {
    /// Create a group
    Create {
        /// What it shall be called
        #[arg(value_parser = name)]
        name: String,
    },
    /// Give a group another name
    Rename {
        /// Its id
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// What it shall be called
        #[arg(value_parser = name)]
        name: String,
    },
    /// Delete a group; its members stay followers and followings
    Delete {
        /// Its id
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
}

impl Groups {
    pub(crate) fn run(self, program: &Program) -> Outcome {
        let session = program.session()?;
        match self.change {
            None => listing::items(program, &session, ListGroups::new().limit(200))?
                .try_for_each(|group| show(program, &group?)),
            Some(Change::Create { name }) => {
                show(program, &program.call(&session, CreateGroup::new(name))?)
            }
            Some(Change::Rename { id, name }) => show(
                program,
                &program.call(&session, UpdateGroup::new(id, name))?,
            ),
            Some(Change::Delete { id }) => {
                program.call(&session, DeleteGroup::new(id.as_str()))?;
                program.done("deleted", &id)
            }
        }
    }
}

/// A name that says something: there are servers that take an empty one for a group that is not there.
fn name(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("a group needs a name".to_owned()),
        text => Ok(text.to_owned()),
    }
}

fn show(program: &Program, group: &Group) -> Outcome {
    if program.json() {
        return output::json(group);
    }
    let id = group.id.as_ref().map_or("-", |id| id.as_str());
    let name = group.name.as_deref().unwrap_or("-");
    output::line(&plain(&format!("{name}  {id}")))
}
