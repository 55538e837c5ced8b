//! The person's browser.

use std::env;

use url::Url;

/// Whether a browser that the program opens would be before the person's eyes: not over SSH, nor
/// without a display.
pub(crate) fn is_here() -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    let over_ssh = is_set("SSH_CONNECTION") || is_set("SSH_TTY");
    let needs_display = cfg!(all(unix, not(target_os = "macos")));
    let display = is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
    !over_ssh && (display || !needs_display)
}

/// Opens a page in it. Says whether that went well; the person has the URL in any case.
pub(crate) fn open(url: &Url) -> bool {
    webbrowser::open(url.as_str()).is_ok()
}
