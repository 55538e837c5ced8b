use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::*;

/// Announces one length, holds some bytes, and gives them in small pieces.
struct Claim {
    announced: u64,
    holds: Vec<u8>,
    piece: usize,
    opened: Arc<AtomicUsize>,
}

impl Claim {
    fn new(announced: usize, holds: &[u8]) -> Self {
        Self {
            announced: announced as u64,
            holds: holds.to_vec(),
            piece: 7,
            opened: Arc::default(),
        }
    }
}

impl Source for Claim {
    fn len(&self) -> u64 {
        self.announced
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(Pieces(self.holds.clone().into(), self.piece)))
    }
}

/// Gives its bytes in pieces, and is interrupted before each.
struct Pieces(std::collections::VecDeque<u8>, usize);

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 ^= 1 << 20;
        if self.1 >= 1 << 20 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let most = buffer.len().min(self.1);
        self.0.read(&mut buffer[..most])
    }
}

fn body_of(pieces: &[(bool, Vec<u8>)]) -> Body {
    let segments = pieces.iter().map(|(source, bytes)| {
        if *source {
            Segment::Source(Arc::new(Claim::new(bytes.len(), bytes)))
        } else {
            Segment::Bytes(bytes.clone().into())
        }
    });
    Body::from_segments(segments.collect())
}

fn read_to_end(body: &Body) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    body.reader().read_to_end(&mut all).map(|_| all)
}

fn chunks(body: &Body, most: usize) -> io::Result<Vec<Bytes>> {
    let mut reader = body.reader();
    std::iter::from_fn(|| reader.next_chunk(most).transpose()).collect()
}

proptest! {
    #[test]
    fn any_way_of_reading_gives_the_segments_in_order(
        pieces in proptest::collection::vec(
            (any::<bool>(), proptest::collection::vec(any::<u8>(), 0..40)), 0..5),
        turns in proptest::collection::vec((any::<bool>(), 0_usize..50), 1..8),
    ) {
        let body = body_of(&pieces);
        let whole: Vec<u8> = pieces.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
        prop_assert_eq!(body.len(), whole.len() as u64);

        let mut read = Vec::new();
        let mut reader = body.reader();
        for (by_chunk, most) in turns.iter().cycle() {
            let before = read.len();
            if *by_chunk {
                match reader.next_chunk(*most).unwrap() {
                    None => break,
                    Some(chunk) => {
                        prop_assert!((1..=*most.max(&1)).contains(&chunk.len()));
                        read.extend_from_slice(&chunk);
                    }
                }
            } else {
                let mut buffer = vec![0; most + 1];
                let count = reader.read(&mut buffer).unwrap();
                read.extend_from_slice(&buffer[..count]);
                if read.len() == before {
                    break;
                }
            }
        }
        prop_assert_eq!(read, whole);
        prop_assert!(reader.next_chunk(1).unwrap().is_none());
        prop_assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    }

    #[test]
    fn a_source_that_is_not_as_long_as_it_says_is_an_error(
        holds in 0_usize..40,
        announced in 0_usize..40,
        most in 1_usize..50,
    ) {
        let body = Body::from_source(Claim::new(announced, &vec![1; holds]));
        let expected = match holds.cmp(&announced) {
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Less => Some(io::ErrorKind::UnexpectedEof),
            std::cmp::Ordering::Greater => Some(io::ErrorKind::InvalidData),
        };
        prop_assert_eq!(read_to_end(&body).err().map(|error| error.kind()), expected);
        prop_assert_eq!(chunks(&body, most).err().map(|error| error.kind()), expected);
    }
}

#[test]
fn a_wrong_source_never_completes_its_request() {
    let body = Body::from_source(Claim::new(5, b"123456"));
    let mut reader = body.reader();
    assert_eq!(reader.read(&mut [0; 4]).unwrap(), 4);
    assert!(reader.read(&mut [0; 4]).is_err());
}

#[test]
fn a_source_is_opened_by_each_reader_when_its_turn_comes() {
    let source = Claim::new(3, b"abc");
    let opened = source.opened.clone();
    let body = Body::from_segments(vec![
        Segment::Bytes("before ".into()),
        Segment::Source(Arc::new(source)),
    ]);
    let mut reader = body.reader();
    assert_eq!(reader.next_chunk(99).unwrap().unwrap(), "before ");
    assert_eq!(opened.load(Ordering::Relaxed), 0);
    assert_eq!(reader.next_chunk(99).unwrap().unwrap(), "abc");
    assert_eq!(read_to_end(&body).unwrap(), b"before abc");
    assert_eq!(read_to_end(&body.clone()).unwrap(), b"before abc");
    assert_eq!(opened.load(Ordering::Relaxed), 3);
}

#[test]
fn a_source_that_does_not_open_is_an_error() {
    struct Missing;
    impl Source for Missing {
        fn len(&self) -> u64 {
            1
        }
        fn open(&self) -> io::Result<Box<dyn Read + Send>> {
            Err(io::ErrorKind::NotFound.into())
        }
    }
    let error = read_to_end(&Body::from_source(Missing)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

#[test]
fn bytes_at_hand_are_not_copied() {
    let bytes = Bytes::from_static(b"at hand");
    let body = Body::from(bytes.clone());
    assert_eq!(body.as_bytes().unwrap().as_ptr(), bytes.as_ptr());
    let chunk = body.reader().next_chunk(100).unwrap().unwrap();
    assert_eq!(chunk.as_ptr(), bytes.as_ptr());
    assert_eq!(body.into_bytes().unwrap().as_ptr(), bytes.as_ptr());
    let pieces = Body::from_segments(vec![Segment::Bytes(bytes)]);
    assert_eq!(pieces.into_bytes().unwrap_err().len(), 7);
}

#[test]
fn lengths_add_up_and_saturate() {
    assert!(Body::empty().is_empty());
    assert!(Body::from("").is_empty());
    assert_eq!(Body::from(String::from("four")).len(), 4);
    let huge = || {
        Segment::Source(Arc::new(Claim {
            announced: u64::MAX,
            ..Claim::new(0, b"")
        }))
    };
    assert_eq!(Body::from_segments(vec![huge(), huge()]).len(), u64::MAX);
    assert_eq!(
        format!("{:?}", Body::from("secret")),
        "Body([Bytes(6 bytes)])"
    );
}

/// What was told, in order.
fn told() -> (OnProgress, std::sync::mpsc::Receiver<Progress>) {
    let (tell, told) = std::sync::mpsc::channel();
    let progress = OnProgress::new(move |progress| tell.send(progress).unwrap());
    (progress, told)
}

proptest! {
    #[test]
    fn progress_goes_from_zero_to_the_length_with_each_reader(
        pieces in proptest::collection::vec(
            (any::<bool>(), proptest::collection::vec(any::<u8>(), 0..40)), 0..5),
        by_chunk in any::<bool>(),
        most in 1_usize..50,
    ) {
        let (progress, told) = told();
        let body = body_of(&pieces).with_progress(progress);
        for _ in 0..2 {
            let mut sizes = vec![0];
            if by_chunk {
                sizes.extend(chunks(&body, most).unwrap().iter().map(Bytes::len));
            } else {
                let mut reader = body.reader();
                let mut buffer = vec![0; most];
                sizes.extend(std::iter::from_fn(|| {
                    Some(reader.read(&mut buffer).unwrap()).filter(|read| *read > 0)
                }));
            }
            let told: Vec<_> = told.try_iter().collect();
            prop_assert!(told.iter().all(|progress| progress.total == Some(body.len())));
            let mut sum = 0;
            let sums = sizes.into_iter().map(|size| { sum += size as u64; sum });
            let told: Vec<_> = told.iter().map(|progress| progress.bytes).collect();
            prop_assert_eq!(&told, &sums.collect::<Vec<_>>());
            prop_assert_eq!(told.last(), Some(&body.len()));
        }
    }
}

#[test]
fn a_watched_body_is_not_sent_past_its_reader() {
    let (progress, _told) = told();
    let body = Body::from("at hand").with_progress(progress);
    assert!(body.as_bytes().is_none());
    assert!(body.into_bytes().is_err());
}

#[test]
fn what_changed_is_told_through_any_number_of_causes() {
    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] io::Error);

    let short = read_to_end(&Body::from_source(Claim::new(5, b"123"))).unwrap_err();
    let found = SourceChanged::cause_of(&Outer(short));
    assert_eq!(found, Some(SourceChanged::Shorter { missing: 2 }));
    let other = Outer(io::ErrorKind::UnexpectedEof.into());
    assert_eq!(SourceChanged::cause_of(&other), None);
}
