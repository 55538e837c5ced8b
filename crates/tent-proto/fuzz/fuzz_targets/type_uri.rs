//! Any text has parts.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tent_proto::{Entity, TypeUri};

fuzz_target!(|text: &str| {
    let uri = TypeUri::from(text);
    assert!(text.starts_with(uri.base()));
    if let Some(version) = uri.version() {
        assert!(text.starts_with(&format!("{}/v{version}", uri.base())));
    }
    if let Ok(entity) = Entity::typed(text) {
        let again = Entity::typed(entity.as_str()).expect("an entity");
        assert_eq!(again, entity);
    }
});
