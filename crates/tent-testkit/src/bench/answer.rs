//! What the benches of the drivers read.

/// The head and the body of an answer over HTTP/1.1 that holds a post of one kilobyte.
pub fn answer_of_one_kilobyte() -> Vec<u8> {
    let start = r#"{"id":"p0Lk3Jh8Gf5Ds2Aq1Wz9Xc","entity":"https://alice.example","published_at":1356998400,"received_at":1356998401,"updated_at":1356998401,"licenses":["http://creativecommons.org/licenses/by/3.0/"],"permissions":{"public":true},"attachments":[],"type":"https://tent.io/types/post/status/v0.1.0","version":1,"app":{"name":"Harbour","url":"https://app.example"},"mentions":[{"entity":"https://bob.example","post":"Zz81kQ"},{"entity":"https://carol.example"}],"content":{"text":""#;
    let text = "x".repeat(1024 - start.len() - 3);
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.tent.v0+json\r\nContent-Length: 1024\r\n\r\n";
    format!("{head}{start}{text}\"}}}}").into_bytes()
}
