//! Any form is read or refused, and the same whether it comes at once or byte by byte.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use tent_proto::multipart::{Event, FormError, Part, Reader};

fuzz_target!(|form: &[u8]| {
    assert_eq!(read(form, form.len()), read(form, 1));
});

fn read(form: &[u8], size: usize) -> Result<Vec<(Part, Vec<u8>)>, FormError> {
    let mut reader = Reader::new("multipart/form-data; boundary=b").expect("a boundary");
    let mut parts: Vec<(Part, Vec<u8>)> = Vec::new();
    for chunk in form.chunks(size.max(1)) {
        let mut chunk = Bytes::copy_from_slice(chunk);
        while let Some(event) = reader.next(&mut chunk)? {
            match event {
                Event::Part(part) => parts.push((part, Vec::new())),
                Event::Bytes(bytes) => parts.last_mut().expect("a part").1.extend(bytes),
                _ => {}
            }
        }
    }
    reader.finish().map(|()| parts)
}
