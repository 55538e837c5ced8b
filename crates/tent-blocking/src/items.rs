//! A list in pages, as an iterator.

use std::{fmt, vec};

use tent_flow::Series;

use crate::Client;

/// The elements of a [`Series`], made by [`Client::items`].
///
/// When a page does not come, the error is an element; the series decides whether the list goes on.
#[must_use = "nothing is fetched until it is iterated over"]
pub struct Items<S: Series> {
    client: Client,
    series: S,
    page: vec::IntoIter<S::Item>,
}

impl<S: Series> Items<S> {
    pub(crate) fn new(client: Client, series: S) -> Self {
        Self {
            client,
            series,
            page: Vec::new().into_iter(),
        }
    }
}

impl<S: Series> Iterator for Items<S> {
    type Item = Result<S::Item, S::Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.page.next() {
                return Some(Ok(item));
            }
            let page = self.client.run(self.series.next()?);
            match self.series.take(page) {
                Ok(items) => self.page = items.into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl<S: Series> fmt::Debug for Items<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").finish_non_exhaustive()
    }
}
