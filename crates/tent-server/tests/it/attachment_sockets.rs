//! Files of posts over real sockets, with the clients of both makes.

use std::fs::File;
use std::io::Write as _;
use std::sync::{Arc, Mutex};

use tent_flow::Seed;
use tent_proto::call::{CreatePost, GetAttachment, UpdatePost};
use tent_proto::{Post, Upload};

use crate::store;

/// A place that bytes are written to.
#[derive(Clone, Default)]
struct Place(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Place {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// More than is read, written or sent at a time, and nothing that repeats within that.
fn content() -> Vec<u8> {
    (0..700_000_u32)
        .flat_map(|number| number.to_le_bytes())
        .collect()
}

fn uploads() -> [Upload; 3] {
    [
        Upload::bytes("videos", "tide.mp4", content()),
        Upload::bytes("photos", "quay.jpg", vec![0xff, 0xd8, 0xff]),
        Upload::bytes("photos", "möwe.jpg", Vec::new()),
    ]
}

fn create() -> CreatePost {
    CreatePost::new(&Post::status("The tide").public()).attaching(uploads(), Seed::new([7; 32]))
}

/// What was attached, as the post tells it.
fn told(post: &Post) -> Vec<(&str, &str, &str, u64)> {
    let attachments = post.attachments.iter();
    attachments
        .map(|one| {
            (
                one.category.as_deref().unwrap(),
                one.name.as_deref().unwrap(),
                one.media_type.as_deref().unwrap(),
                one.size.unwrap(),
            )
        })
        .collect()
}

const TOLD: [(&str, &str, &str, u64); 3] = [
    ("videos", "tide.mp4", "video/mp4", 2_800_000),
    ("photos", "quay.jpg", "image/jpeg", 3),
    ("photos", "möwe.jpg", "image/jpeg", 0),
];

#[tokio::test]
async fn files_go_there_and_back_with_the_async_client() {
    let server = store::test_server();
    let (client, session) = (tent_async::Client::new().unwrap(), server.session());
    let post = client.run(session.call(create())).await.unwrap();
    assert_eq!(told(&post), TOLD);
    let id = post.id.unwrap();

    let place = Place::default();
    let call = GetAttachment::new(id.clone(), "tide.mp4", "video/mp4");
    let call = call.into_writer(place.clone());
    client.run(session.call(call)).await.unwrap();
    assert!(*place.0.lock().unwrap() == content());
    let call = GetAttachment::new(id.clone(), "möwe.jpg", "image/jpeg").of(server.entity().clone());
    assert_eq!(client.run(session.call(call)).await.unwrap(), "");

    let quay = Upload::bytes("photos", "quay.jpg", vec![7]);
    let call = UpdatePost::new(id.clone(), Post::status("The quay"));
    let call = call.replacing_attachments([quay], Seed::new([8; 32]));
    let post = client.run(session.call(call)).await.unwrap();
    assert_eq!(told(&post), [("photos", "quay.jpg", "image/jpeg", 1)]);
    let call = GetAttachment::new(id, "quay.jpg", "image/jpeg");
    assert_eq!(client.run(session.call(call)).await.unwrap(), &[7][..]);
}

#[test]
fn files_go_there_and_back_with_the_blocking_client() {
    let server = store::test_server();
    let (client, session) = (tent_blocking::Client::new().unwrap(), server.session());
    let post = client.run(session.call(create())).unwrap();
    assert_eq!(told(&post), TOLD);
    let id = post.id.unwrap();
    let place = Place::default();
    let call = GetAttachment::new(id.clone(), "tide.mp4", "video/mp4");
    client
        .run(session.call(call.into_writer(place.clone())))
        .unwrap();
    assert!(*place.0.lock().unwrap() == content());
    let call = GetAttachment::new(id, "tide.mp4", "text/plain");
    let error = client.run(session.call(call)).unwrap_err();
    assert_eq!(error.status(), Some(http::StatusCode::NOT_FOUND));
}

/// The server does not need to have read all of a form to say why it is refused, and is heard.
#[test]
fn a_refusal_reaches_who_is_still_sending() {
    let server = store::test_server();
    let (client, session) = (tent_blocking::Client::new().unwrap(), server.session());
    let odd = Upload::bytes("photos", "..", vec![0xff]).with_media_type("image/jpeg");
    let more = Upload::bytes("videos", "tide.mp4", vec![7; 20_000_000]);
    let call = CreatePost::new(&Post::status("x")).attaching([odd, more], Seed::new([7; 32]));
    let error = client.run(session.call(call)).unwrap_err();
    assert_eq!(
        error.status(),
        Some(http::StatusCode::UNPROCESSABLE_ENTITY),
        "{error:?}"
    );
}

#[test]
fn a_file_that_is_there_as_a_file_is_read_as_it_goes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tide.mp4");
    File::create(&path).unwrap().write_all(&content()).unwrap();
    let server = store::test_server();
    let (client, session) = (tent_blocking::Client::new().unwrap(), server.session());
    let film = Upload::source(
        "videos",
        "tide.mp4",
        tent_blocking::FileSource::open(&path).unwrap(),
    );
    let call = CreatePost::new(&Post::status("x")).attaching([film], Seed::new([7; 32]));
    let post = client.run(session.call(call)).unwrap();
    assert_eq!(post.attachments[0].size, Some(2_800_000));
}
