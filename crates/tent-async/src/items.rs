//! A list in pages, as a stream.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::{fmt, vec};

use futures_core::Stream;
use tent_flow::{Flow, Series};

use crate::Client;

/// The elements of a [`Series`], made by [`Client::items`].
///
/// When a page does not come, the error is an element; the series decides whether the list goes on.
#[must_use = "nothing is fetched until it is polled"]
pub struct Items<S: Series> {
    client: Client,
    series: S,
    page: vec::IntoIter<S::Item>,
    fetching: Option<Fetching<S>>,
}

type Page<S> = <<S as Series>::Flow as Flow>::Output;
type Fetching<S> = Pin<Box<dyn Future<Output = Page<S>> + Send>>;

impl<S: Series> Items<S> {
    pub(crate) fn new(client: Client, series: S) -> Self {
        Self {
            client,
            series,
            page: Vec::new().into_iter(),
            fetching: None,
        }
    }

    /// The next element, so that no other crate is needed to go through the stream.
    pub async fn next(&mut self) -> Option<Result<S::Item, S::Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

/// Nothing in it is pinned in place: the flow that fetches a page is in a box.
impl<S: Series> Unpin for Items<S> {}

impl<S: Series> Stream for Items<S> {
    type Item = Result<S::Item, S::Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(item) = this.page.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            let fetching = match &mut this.fetching {
                Some(fetching) => fetching,
                None => {
                    let Some(flow) = this.series.next() else {
                        return Poll::Ready(None);
                    };
                    let client = this.client.clone();
                    let fetching = Box::pin(async move { client.run(flow).await });
                    this.fetching.insert(fetching)
                }
            };
            let page = ready!(fetching.as_mut().poll(context));
            this.fetching = None;
            match this.series.take(page) {
                Ok(items) => this.page = items.into_iter(),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}

impl<S: Series> fmt::Debug for Items<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").finish_non_exhaustive()
    }
}
