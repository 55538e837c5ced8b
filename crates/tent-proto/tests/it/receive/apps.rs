//! Calls on apps and authorizations.

use proptest::option::of;
use proptest::prelude::*;
use tent_proto::Timestamp;
use tent_proto::call::{
    CreateAuthorization, DeleteApp, ExchangeCode, GetApp, ListApps, ReceiveError, RegisterApp,
    RevokeAuthorization, UpdateApp, UpdateAuthorization,
};

use super::{id, read, round_trip};
use crate::apps::{app, authorization};

proptest! {
    #[test]
    fn register_app(app in app()) {
        round_trip(&RegisterApp::new(app))?;
    }

    #[test]
    fn get_app(id in id(), secrets: bool) {
        let call = GetApp::new(id.as_str());
        round_trip(&if secrets { call.with_secrets() } else { call })?;
    }

    #[test]
    fn update_app(id in id(), app in app()) {
        round_trip(&UpdateApp::new(id.as_str().into(), app))?;
    }

    #[test]
    fn delete_app(id in id()) {
        round_trip(&DeleteApp::new(id.as_str()))?;
    }

    #[test]
    fn create_authorization(app in id(), authorization in authorization()) {
        round_trip(&CreateAuthorization::new(app.into(), authorization))?;
    }

    #[test]
    fn exchange_code(app in id(), code in ".{0,12}", end in of(any::<i64>()), uri in of(".{0,12}")) {
        let mut call = ExchangeCode::new(app.into(), code.into());
        call.expires_at = end.map(Timestamp::from_epoch_seconds);
        call.redirect_uri = uri;
        round_trip(&call)?;
    }

    #[test]
    fn update_authorization(app in id(), id in id(), authorization in authorization()) {
        round_trip(&UpdateAuthorization::new(app.into(), id.into(), authorization))?;
    }

    #[test]
    fn revoke_authorization(app in id(), id in id()) {
        round_trip(&RevokeAuthorization::new(app.into(), id.into()))?;
    }
}

#[test]
fn list_apps() {
    for call in [ListApps::new(), ListApps::new().with_secrets()] {
        round_trip(&call).unwrap();
    }
}

fn exchange(body: &'static str) -> Result<ExchangeCode, ReceiveError> {
    read("POST", "/apps/app1/authorizations", body)
}

#[test]
fn what_other_clients_send_for_a_code_is_taken() {
    let call = exchange(r#"{"code":"c","token_type":null,"tent_expires_at":"9","x":1}"#).unwrap();
    let end = Timestamp::from_epoch_seconds(9);
    assert_eq!(
        call,
        ExchangeCode::new("app1".into(), "c".into()).expiring_at(end)
    );
}

#[test]
fn what_is_wrong_with_a_code_is_said_without_showing_it() {
    for body in [r#"{"code":["hush"]}"#, r#"{"token":"hush"}"#, "hush"] {
        let error = exchange(body).unwrap_err();
        assert!(matches!(error, ReceiveError::Body(_)), "{error:?}");
        assert!(!format!("{error:?}").contains("hush"), "{error:?}");
    }
}
