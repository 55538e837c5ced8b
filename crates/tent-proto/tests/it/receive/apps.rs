//! Calls on apps and authorizations.

use proptest::prelude::*;
use tent_proto::App;
use tent_proto::call::RegisterApp;

use super::round_trip;

proptest! {
    #[test]
    fn register_app(name in ".{0,20}") {
        let mut app = App::default();
        app.name = Some(name).filter(|name| !name.is_empty());
        round_trip(&RegisterApp::new(app))?;
    }
}
