use http::{Response, StatusCode};
use proptest::prelude::*;

use super::*;
use crate::{TransportError, TransportErrorKind};

fn head(status: u16, announced: Option<u64>) -> Parts {
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    if let Some(length) = announced {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    response.into_parts().0
}

fn give(sink: &mut impl Sink, head: &Parts, chunks: &[Vec<u8>]) -> io::Result<Bytes> {
    sink.begin(head);
    for chunk in chunks {
        assert_eq!(sink.chunk(chunk)?, ControlFlow::Continue(()));
    }
    sink.finish()
}

fn kind_of(error: io::Error) -> TransportErrorKind {
    TransportError::from_sink(error).kind()
}

proptest! {
    #[test]
    fn memory_keeps_all_up_to_its_limit(
        chunks in proptest::collection::vec(
            proptest::collection::vec(any::<u8>(), 0..20), 0..6),
        announced in proptest::option::of(0_u64..60),
        limit in 0_u64..60,
    ) {
        let whole = chunks.concat();
        let mut memory = Memory::with_limit(limit);
        let most = (whole.len() as u64).max(announced.unwrap_or(0));
        match give(&mut memory, &head(200, announced), &chunks) {
            Ok(kept) => {
                prop_assert!(most <= limit || chunks.is_empty());
                prop_assert_eq!(kept, whole);
            }
            Err(error) => {
                prop_assert!(most > limit);
                prop_assert_eq!(kind_of(error), TransportErrorKind::TooLarge);
            }
        }
    }
}

#[test]
fn an_announced_length_beyond_the_limit_is_refused_with_the_first_bytes() {
    let mut memory = Memory::with_limit(10);
    memory.begin(&head(200, Some(11)));
    assert_eq!(
        kind_of(memory.chunk(b"a").unwrap_err()),
        TransportErrorKind::TooLarge
    );
}

#[test]
fn an_announced_length_is_not_believed_for_the_room_it_asks() {
    let mut memory = Memory::with_limit(u64::MAX);
    memory.begin(&head(200, Some(u64::MAX)));
    let _ = memory.chunk(b"a").unwrap();
    let Kept::Growing(kept) = &memory.kept else {
        panic!("more is to come")
    };
    assert!(kept.capacity() <= 512 * 1024);
}

#[test]
fn a_second_answer_starts_anew() {
    let mut memory = Memory::with_limit(10);
    memory.begin(&head(503, Some(8)));
    let _ = memory.chunk(b"sorry").unwrap();
    let kept = give(&mut memory, &head(200, None), &[b"hello".to_vec()]).unwrap();
    assert_eq!(kept, "hello");
    assert_eq!(give(&mut memory, &head(204, None), &[]).unwrap(), "");
}

#[test]
fn a_writer_takes_success_only() {
    let mut file = Vec::new();
    let chunks = [b"first ".to_vec(), b"second".to_vec()];
    for status in [199, 304, 404, 500] {
        let mut writer = Writer::new(&mut file);
        let kept = give(&mut writer, &head(status, None), &chunks).unwrap();
        assert_eq!(kept, "first second", "{status}");
    }
    assert!(file.is_empty());
    for status in [200, 206] {
        let mut writer = Writer::new(&mut file);
        assert_eq!(give(&mut writer, &head(status, None), &chunks).unwrap(), "");
        assert_eq!(file, b"first second", "{status}");
        file.clear();
    }
}

#[test]
fn a_refusal_before_success_stays_out_of_the_file() {
    let mut file = Vec::new();
    let mut writer = Writer::new(&mut file);
    writer.begin(&head(503, None));
    let _ = writer.chunk(b"sorry").unwrap();
    assert_eq!(
        give(&mut writer, &head(200, None), &[b"data".to_vec()]).unwrap(),
        ""
    );
    assert_eq!(file, b"data");
}

#[test]
fn a_long_refusal_is_cut_off_with_an_error() {
    let mut writer = Writer::new(Vec::new());
    let long = vec![b'x'; 64 * 1024 + 1];
    let error = give(&mut writer, &head(400, None), &[long]).unwrap_err();
    assert_eq!(kind_of(error), TransportErrorKind::TooLarge);
}

#[test]
fn what_cannot_be_written_or_flushed_is_an_error_of_the_sink() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }
    }
    for chunks in [&[b"data".to_vec()][..], &[]] {
        let error = give(&mut Writer::new(Full), &head(200, None), chunks).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(kind_of(error), TransportErrorKind::Sink);
    }
}

#[test]
fn progress_is_told_of_success_only_and_anew_with_each_answer() {
    let (tell, told) = std::sync::mpsc::channel();
    let progress = crate::OnProgress::new(move |progress| {
        tell.send((progress.bytes, progress.total)).unwrap()
    });
    let mut sink = Watched::new(Writer::new(Vec::new()), progress);
    assert!(sink.blocks());
    let chunks = [b"first ".to_vec(), b"second".to_vec()];
    assert_eq!(
        give(&mut sink, &head(503, Some(12)), &chunks).unwrap(),
        "first second"
    );
    assert_eq!(told.try_iter().count(), 0);
    for total in [Some(12), None] {
        give(&mut sink, &head(200, total), &chunks).unwrap();
        let told: Vec<_> = told.try_iter().collect();
        assert_eq!(told, [(0, total), (6, total), (12, total)]);
    }
}

#[test]
fn what_the_sink_did_not_take_is_no_progress() {
    let (tell, told) = std::sync::mpsc::channel();
    let progress = crate::OnProgress::new(move |progress| tell.send(progress.bytes).unwrap());
    let mut sink = Watched::new(Memory::with_limit(3), progress);
    sink.begin(&head(200, None));
    sink.chunk(b"four").unwrap_err();
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [0]);
}
