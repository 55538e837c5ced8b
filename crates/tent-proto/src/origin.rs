//! Origins.

use url::Url;

/// Whether two http or https URLs have the same scheme, host and port. Unlike [`Url::origin`] it
/// allocates nothing, so that every request can be checked.
pub(crate) fn is_same_origin(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme()
        && a.host() == b.host()
        && a.port_or_known_default() == b.port_or_known_default()
}
