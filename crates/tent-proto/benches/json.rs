//! What reading and writing posts costs, beside plain structs that keep nothing they do not know.

use serde::{Deserialize, Serialize};
use tent_proto::Post;
use tent_proto::json::decode;
use tent_proto::model::{Envelope, Status};
use tent_testkit::bench::{Table, Work};

fn main() {
    let page = page();
    let mut table =
        Table::start("A page of 200 posts, beside derived structs of the known members");
    table.compare(
        Work::named("posts, content raw, unknown members kept").at_most(1.25),
        || decode::<Vec<Post>>(&page).expect("a page"),
        || plain_page(&page),
    );
    table.compare(
        Work::named("the same with every content typed").at_most(1.40),
        || {
            let posts: Vec<Post> = decode(&page).expect("a page");
            let contents: Vec<Status> = posts
                .iter()
                .map(|post| post.content().expect("a status"))
                .collect();
            (posts, contents)
        },
        || plain_page(&page),
    );
    table.compare(
        Work::named("the same page as borrowed envelopes").at_most(0.75),
        || Envelope::parse_page(&page).expect("a page"),
        || plain_page(&page),
    );

    let posts: Vec<Post> = decode(&page).expect("a page");
    let plain = plain_page(&page);
    let (mut ours, mut anchor) = (Vec::with_capacity(4096), Vec::with_capacity(4096));
    let mut table = Table::start("One post written into a reused buffer, beside derived structs");
    table.compare(
        Work::named("a post").at_most(1.15),
        || {
            ours.clear();
            serde_json::to_writer(&mut ours, &posts[0]).expect("a post");
            ours.len()
        },
        || {
            anchor.clear();
            serde_json::to_writer(&mut anchor, &plain[0]).expect("a post");
            anchor.len()
        },
    );
}

/// Two hundred statuses as the reference server writes them.
fn page() -> Vec<u8> {
    let posts: Vec<String> = (0..200)
        .map(|n| {
            format!(
                r#"{{"entity":"https://alice{n}.example","licenses":["http://creativecommons.org/licenses/by/3.0/"],"content":{{"text":"^bob High tide at nine, and the {n}th boat is in. Bring a lamp and the other rope."}},"published_at":{},"permissions":{{"public":true}},"id":"p0Lk3Jh8Gf5Ds2Aq1W{n}","updated_at":1356998401,"received_at":1356998401,"attachments":[],"type":"https://tent.io/types/post/status/v0.1.0","version":1,"app":{{"name":"Harbour","url":"https://app.example"}},"mentions":[{{"entity":"https://bob.example","post":"Zz81kQ"}}]}}"#,
                1_356_998_400 - n
            )
        })
        .collect();
    format!("[{}]", posts.join(",")).into_bytes()
}

fn plain_page(page: &[u8]) -> Vec<PlainPost> {
    let text = std::str::from_utf8(page).expect("text");
    serde_json::from_str(text).expect("a page")
}

#[derive(Serialize, Deserialize)]
struct PlainPost {
    id: String,
    entity: String,
    #[serde(rename = "type")]
    post_type: String,
    content: PlainContent,
    published_at: i64,
    received_at: i64,
    updated_at: i64,
    licenses: Vec<String>,
    mentions: Vec<PlainMention>,
    permissions: PlainPermissions,
    attachments: Vec<PlainAttachment>,
    app: PlainApp,
    version: u64,
}

#[derive(Serialize, Deserialize)]
struct PlainContent {
    text: String,
}

#[derive(Serialize, Deserialize)]
struct PlainMention {
    entity: String,
    post: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct PlainPermissions {
    public: bool,
}

#[derive(Serialize, Deserialize)]
struct PlainAttachment {
    name: String,
}

#[derive(Serialize, Deserialize)]
struct PlainApp {
    name: String,
    url: String,
}
