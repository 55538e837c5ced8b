//! Lists on the screen: a page, or all of them.

use clap::Args;
use tent_flow::Series as _;
use tent_proto::{List, Listing, Session};

use crate::failure::{Failure, Outcome};
use crate::program::Program;

/// How much of a list is shown.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Pages {
    /// So many and no more; with --all, how many a page holds
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: Option<u32>,
    /// Go through every page
    #[arg(long)]
    pub(crate) all: bool,
}

impl Pages {
    /// Shows a page of a list, so many of its items, or all.
    pub(crate) fn show<L: List>(
        self,
        program: &Program,
        session: &Session,
        list: L,
        show: impl Fn(L::Item) -> Outcome,
    ) -> Outcome {
        let first = self.limit.filter(|_| !self.all);
        if let (None, false) = (first, self.all) {
            let page = program.call(session, list)?;
            return page.items.into_iter().try_for_each(show);
        }
        let is_forward = list.goes_forward();
        let mut listing = session.list(list);
        if let Some(first) = first {
            listing = listing.first(first.into());
        }
        let mut items = run(program, session, listing)?;
        // A list of what is newer than something comes oldest first, and is turned round.
        if is_forward {
            let items: Vec<_> = items.collect::<Result<_, _>>()?;
            return items.into_iter().rev().try_for_each(show);
        }
        items.try_for_each(|item| show(item?))
    }
}

/// The items of a list, page after page.
pub(crate) fn items<L: List>(
    program: &Program,
    session: &Session,
    list: L,
) -> Outcome<impl Iterator<Item = Result<L::Item, Failure>>> {
    run(program, session, session.list(list))
}

fn run<L: List>(
    program: &Program,
    session: &Session,
    mut series: Listing<L>,
) -> Outcome<impl Iterator<Item = Result<L::Item, Failure>>> {
    if program.is_dry_run()
        && let Some(first) = series.next()
    {
        drop(program.run(first)?); // shows it, and stops
    }
    let items = program.client().items(program.watch().over(series));
    let entity = session.entity().clone();
    Ok(items.map(move |item| item.map_err(|error| Failure::of_call(error, &entity))))
}
