//! A list that arrives in pages.

use crate::Flow;

/// A list in pages: it makes the flow that fetches the next page, and takes the items out of what
/// that flow came to.
///
/// `client.items(series)` of a driver makes an iterator, or a stream, of it:
///
/// ```
/// # use tent_flow::{Flow, Series};
/// fn items<S: Series>(
///     mut series: S,
///     run: impl Fn(S::Flow) -> <S::Flow as Flow>::Output,
/// ) -> Result<Vec<S::Item>, S::Error> {
///     let mut items = Vec::new();
///     while let Some(flow) = series.next() {
///         items.extend(series.take(run(flow))?);
///     }
///     Ok(items)
/// }
/// ```
pub trait Series: Send + 'static {
    /// An element of the list.
    type Item: Send + 'static;
    /// Why a page did not come.
    type Error: Send + 'static;
    /// The flow that fetches one page. What it comes to may hold more than the items, such as where
    /// the list goes on.
    type Flow: Flow;

    /// The flow for the next page; `None` when the list is over.
    fn next(&mut self) -> Option<Self::Flow>;

    /// Takes the items of the page that the last flow fetched, and notes where the list goes on.
    ///
    /// # Errors
    ///
    /// Why the page did not come. [`next`](Self::next) then says whether to go on at all.
    fn take(&mut self, page: <Self::Flow as Flow>::Output) -> Result<Vec<Self::Item>, Self::Error>;
}
