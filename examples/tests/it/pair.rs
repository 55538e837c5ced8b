//! Blocking and async code differs by `.await` alone.

#[test]
fn posting_in_both_clients_differs_by_await_alone() {
    let blocking = include_str!("../../post_status.rs");
    let asynchronous = include_str!("../../post_status_async.rs");
    assert_eq!(asynchronous.matches(".await").count(), 2);
    let without_await = asynchronous
        .replace(".await", "")
        .replace("\n#[tokio::main]\nasync fn", "\nfn")
        .replace("tent_async", "tent_blocking")
        .replace("post_status_async", "post_status")
        .replace("asynchronous", "blocking");
    assert_eq!(words(&without_await), words(blocking));
}

/// The code without its line breaks, which `.await` moves.
fn words(code: &str) -> String {
    code.split_whitespace().collect()
}
