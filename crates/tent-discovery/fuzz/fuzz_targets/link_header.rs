//! Any `Link` field is read; what is read can be written, and reads the same again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tent_discovery::link_header;

fuzz_target!(|value: &[u8]| {
    for item in link_header::parse(value) {
        match item {
            Ok(link) => {
                let text = link.to_string();
                let mut again = link_header::parse(&text);
                let same = again.next().expect("one link").expect("a good one");
                assert_eq!(same.to_string(), text);
                assert_eq!(same.has_relation("next"), link.has_relation("next"));
                assert_eq!(same.has_anchor(), link.has_anchor());
                assert!(again.next().is_none());
            }
            Err(error) => assert!(error.offset < value.len()),
        }
    }
});
