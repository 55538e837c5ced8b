//! The memory that an attachment of 2 GiB takes, up and then down, over loopback.

use std::fs::File;
use std::io;
use std::time::Instant;

use tent_async::{Client, FileSource};
use tent_proto::call::{CreatePost, GetAttachment};
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::{Post, Session, Upload};
use tent_testkit::transfer::{MIB, Memory, Peer};
use tokio::runtime::Builder;

const SIZE: u64 = 2048 * MIB;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let peer = Peer::start(SIZE);
    let client = Client::builder().no_proxy().build()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let session = Session::new(
        "https://alice.example".parse()?,
        vec![peer.url().as_str().parse()?],
        Credentials::new("u:1", "k", Algorithm::HmacSha256)?,
        client.seed(),
    );
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("tide.mp4");
    File::create(&path)?.set_len(SIZE)?;
    // What a client sets up with its first request is there when it is idle.
    let call = session.create_post(&Post::status("first"));
    runtime.block_on(client.run(call))?;

    println!("An attachment of 2 GiB over loopback, async\n");
    println!("| direction | most memory over the idle client | at most |    MiB/s |");
    println!("|-----------|----------------------------------|---------|----------|");
    measure("up", || {
        let film = Upload::source(
            "videos",
            "tide.mp4",
            runtime.block_on(FileSource::open(&path))?,
        );
        let call = CreatePost::new(&Post::status("The tide")).attaching([film], client.seed());
        let call = session.call(call);
        runtime.block_on(client.run(call))?;
        Ok(())
    })?;
    measure("down", || {
        let call = GetAttachment::new("p1", "tide.mp4", "video/mp4").into_writer(io::sink());
        let call = session.call(call);
        runtime.block_on(client.run(call))?;
        Ok(())
    })
}

fn measure(
    direction: &str,
    transfer: impl FnOnce() -> Result<(), Box<dyn std::error::Error>>,
) -> Result<(), Box<dyn std::error::Error>> {
    let (memory, began) = (Memory::watch(), Instant::now());
    transfer()?;
    let speed = SIZE as f64 / began.elapsed().as_secs_f64() / MIB as f64;
    let peak = memory.map_or_else(
        || "not told by this system".to_owned(),
        |memory| format!("{:.1} MiB", memory.peak() as f64 / MIB as f64),
    );
    println!("| {direction:9} | {peak:>32} |  32 MiB | {speed:>8.0} |");
    Ok(())
}
