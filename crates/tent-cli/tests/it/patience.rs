//! `--rate-limit` and `--retries`.

use crate::peer::Reply;
use crate::reference::Reference;

fn requests(server: &Reference, line: &str) -> usize {
    let lines = server.peer.lines();
    lines.iter().filter(|asked| asked.starts_with(line)).count()
}

#[test]
fn a_limit_is_waited_for_unless_told_otherwise() {
    let (server, tent) = Reference::logged_in();
    let too_many = || Reply::error(429, "Slow down").header("Retry-After", "1");
    server.instead("POST /tent/posts", too_many());
    let err = tent
        .run(&["post", "Hi", "--rate-limit", "throw"])
        .fails_with(1);
    assert!(err.contains("429") && err.contains("Slow down"), "{err}");
    assert_eq!(requests(&server, "POST /tent/posts"), 1);
    for arguments in [&["post", "Hi"][..], &["post", "Hi", "--rate-limit", "pace"]] {
        let before = requests(&server, "POST /tent/posts");
        server.instead("POST /tent/posts", too_many());
        tent.run(arguments).ok();
        assert_eq!(requests(&server, "POST /tent/posts"), before + 2);
    }
}

#[test]
fn a_server_that_moved_is_found_by_its_entity() {
    let (server, tent) = Reference::logged_in();
    let stored = String::from_utf8(tent.stored()).unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let moved = stored.replace(&format!("{}/tent", server.url()), &nobody);
    std::fs::write(tent.credentials(), moved).unwrap();
    assert_eq!(tent.run(&["post", "Hi"]).ok(), "post1\n");
}

#[test]
fn a_wait_that_is_too_long_is_told() {
    let (server, tent) = Reference::logged_in();
    let too_many = Reply::error(429, "Slow down").header("Retry-After", "7200");
    server.instead("GET /tent/posts", too_many);
    let failure = tent.run(&["posts", "--json"]).failure(1);
    assert_eq!(failure["status"], 429);
    assert_eq!(failure["hint"], "try again in 7200 seconds");
}

#[test]
fn what_failed_is_tried_again_as_often_as_was_said() {
    let (server, tent) = Reference::logged_in();
    let busy = || Reply::error(503, "Busy");
    for (retries, code, asked) in [("0", 1, 1), ("1", 0, 2)] {
        let before = requests(&server, "GET /tent/posts");
        server.instead("GET /tent/posts", busy());
        let ran = tent.run(&["posts", "--retries", retries]);
        assert_eq!(ran.code, code, "{}", ran.err);
        assert_eq!(requests(&server, "GET /tent/posts"), before + asked);
    }
    // A post that may have been published is not published again.
    server.instead("POST /tent/posts", busy());
    tent.run(&["post", "Hi", "--retries", "5"]).fails_with(1);
    assert_eq!(requests(&server, "POST /tent/posts"), 1);
}
