//! The memory of the server: at rest, and with a large attachment in flight.

use tokio::runtime::Runtime;

use crate::client::{Connection, Request};
use crate::peer::Peer;

const MIB: usize = 1024 * 1024;

const START: &str = "--b\r\n\
    content-disposition: form-data; name=\"post\"; filename=\"post.json\"\r\n\
    content-type: application/vnd.tent.v0+json\r\n\r\n\
    {\"type\":\"https://tent.io/types/post/photo/v0.1.0\",\"content\":{},\"permissions\":{\"public\":true}}\r\n\
    --b\r\n\
    content-disposition: form-data; name=\"photos[0]\"; filename=\"tide.raw\"\r\n\
    content-type: application/octet-stream\r\n\r\n";
const END: &str = "\r\n--b--\r\n";

/// Prints what a file of so many MiB takes.
pub(crate) fn memory(runtime: &Runtime, server: &Peer, file: u64) {
    println!("\nMemory of the server\n");
    println!("| when                                 |        MiB | at most |");
    println!("|--------------------------------------|------------|---------|");
    row("at rest, after all that", server.memory(), 40);
    let post = Request::post(server.address(), "multipart/form-data; boundary=b", START);
    let mut id = String::new();
    let up = server.memory_for(|| id = runtime.block_on(send(&post, file)));
    row(&format!("more while {file} MiB go up"), up, 32);
    let path = format!("/posts/{id}/attachments/tide.raw");
    let get = Request::get(server.address(), &path);
    let down = server.memory_for(|| {
        let read = runtime.block_on(async { Connection::to(&get).await.count(&get).await });
        assert_eq!(read, file * MIB as u64, "all of it");
    });
    row(&format!("more while {file} MiB come down"), down, 32);
}

/// Sends a post with a file, and says which it is.
async fn send(post: &Request, file: u64) -> String {
    let mut connection = Connection::to(post).await;
    let piece = vec![b'x'; MIB];
    let answer = connection.send_more(post, &piece, file, END.as_bytes());
    let answer: serde_json::Value = serde_json::from_slice(answer.await).expect("it is a post");
    answer["id"].as_str().expect("it has an id").to_owned()
}

fn row(name: &str, kibibytes: u64, most: u64) {
    let mark = if kibibytes <= most * 1024 {
        "✓"
    } else {
        "✗"
    };
    let mebibytes = kibibytes as f64 / 1024.0;
    println!("| {name:<36} | {mebibytes:>10.1} | {most:>5} {mark} |");
}
