//! A list that arrives in pages.

use crate::Flow;

/// A list in pages: it makes the flow that fetches the next page, and looks at what came.
///
/// `client.items(series)` of a driver makes an iterator, or a stream, of it.
pub trait Series: Send + 'static {
    /// An element of the list.
    type Item: Send + 'static;
    /// Why a page did not come.
    type Error: Send + 'static;
    /// The flow that fetches one page.
    type Flow: Flow<Output = Result<Vec<Self::Item>, Self::Error>>;

    /// The flow for the next page; `None` when the list is over.
    fn next(&mut self) -> Option<Self::Flow>;

    /// Looks at the page that the last flow fetched, to know where the list goes on. After an error,
    /// [`next`](Self::next) says whether to go on at all.
    fn seen(&mut self, page: &Result<Vec<Self::Item>, Self::Error>);
}
