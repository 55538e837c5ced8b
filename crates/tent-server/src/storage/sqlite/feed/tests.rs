//! Pages, and where they come from.

use tent_proto::Scope;

use super::super::{Sqlite, configure, migration};
use super::*;
use crate::storage::{Accounts, Audience, Grant, NewAccount, NewPost, Posts, SortBy, Visible};

fn all() -> Feed {
    Feed {
        visible: Visible::All,
        own_only: false,
        sort_by: SortBy::Received,
        ascending: false,
        limit: 50,
        since: None,
        before: None,
        until: None,
        since_time: None,
        before_time: None,
        publishers: Vec::new(),
        type_bases: Vec::new(),
        mentioned_entity: None,
        mentioned_post: None,
    }
}

#[test]
fn pages_come_from_an_index_in_their_order() {
    let mut db = configure(Connection::open_in_memory().unwrap()).unwrap();
    migration::migrate(&mut db).unwrap();
    let all = all();
    let typed = Feed {
        type_bases: vec!["a".into()],
        ..all.clone()
    };
    let public = Feed {
        visible: Visible::Public,
        ..all.clone()
    };
    let granted = Feed {
        visible: Visible::Types(vec!["a".into(), "b".into()]),
        ..all.clone()
    };
    let published = Feed {
        sort_by: SortBy::Published,
        ascending: true,
        ..all.clone()
    };
    let updated = Feed {
        sort_by: SortBy::Updated,
        ..all.clone()
    };
    let by_one = Feed {
        publishers: vec!["https://bob.example".parse().unwrap()],
        ..all.clone()
    };
    let open = |sort_by| Feed {
        sort_by,
        ..public.clone()
    };
    let (open_published, open_updated) = (open(SortBy::Published), open(SortBy::Updated));
    let open_typed = Feed {
        visible: Visible::Public,
        ..typed.clone()
    };
    for (feed, index) in [
        (all, "posts_received (entity_id=? AND received_at<?)"),
        (
            typed,
            "posts_typed (entity_id=? AND type_base=? AND received_at<?)",
        ),
        (updated, "posts_updated (entity_id=? AND updated_at<?)"),
        (
            by_one,
            "posts_by_publisher (entity_id=? AND publisher=? AND received_at<?)",
        ),
        (public, "open_received (entity_id=? AND received_at<?)"),
        (
            open_published,
            "open_published (entity_id=? AND published_at<?)",
        ),
        (open_updated, "open_updated (entity_id=? AND updated_at<?)"),
        (
            open_typed,
            "open_typed (entity_id=? AND type_base=? AND received_at<?)",
        ),
        (granted, "posts_received (entity_id=? AND received_at<?)"),
        (
            published,
            "posts_published (entity_id=? AND published_at<?)",
        ),
    ] {
        let mut condition = Condition::new(AccountKey(1));
        condition.filters(&feed);
        let column = column(feed.sort_by);
        condition.and(
            &format!("({column}, key) < (?, ?)"),
            [5_i64.into(), 5_i64.into()],
        );
        let sql = format!(
            "EXPLAIN QUERY PLAN {}",
            condition.page_sql(StoredPost::COLUMNS, &feed)
        );
        let mut query = db.prepare(&sql).unwrap();
        let plan = query
            .query_map(condition.params(), |row| row.get(3))
            .unwrap();
        let plan: Vec<String> = plan.map(Result::unwrap).collect();
        assert_eq!(plan, [format!("SEARCH posts USING INDEX {index}")]);
    }
}

async fn storage_of(posts: usize) -> (Sqlite, AccountKey) {
    let storage = Sqlite::in_memory().unwrap();
    let account = NewAccount {
        entity: "https://alice.example".parse().unwrap(),
        passphrase: String::new(),
        sections: Vec::new(),
        now: 1,
    };
    let account = storage.create_account(account).await.unwrap().key;
    for number in 0..posts {
        let id = format!("p{number}");
        let time = 1_356_998_400 + number as i64 / 2;
        let post = NewPost {
            publisher: "https://alice.example".parse().unwrap(),
            members: format!(
                r#""id":"{id}","type":"https://x.example/note/v0.1.0","content":{{}}"#
            ),
            id: id.into(),
            version: 1,
            post_type: "https://x.example/note/v0.1.0".into(),
            audience: Audience {
                public: number % 2 == 0,
                entities: [("https://bob.example".parse().unwrap(), true)].into(),
                groups: vec!["friends".into(), "family".into()],
            },
            published_at: time,
            received_at: time,
            updated_at: time + 1,
            mentions: Vec::new(),
            attachments: Vec::new(),
            views: Some(r#"{"small":{}}"#.to_owned()),
        };
        storage.create_post(account, post, None).await.unwrap();
    }
    (storage, account)
}

#[tokio::test]
async fn a_page_is_the_text_of_its_posts() {
    let (storage, account) = storage_of(7).await;
    let cursor = Some(Cursor {
        publisher: "https://alice.example".parse().unwrap(),
        id: "p3".into(),
    });
    let grant = |scopes: &[Scope]| Grant {
        scopes: scopes.to_vec(),
        ..Grant::default()
    };
    let seen = [
        Seen::by_server(),
        Seen::by_app(&grant(&[])),
        Seen::by_app(&grant(&[Scope::ReadPermissions])),
        Seen::whole().through(Some("small".to_owned())),
    ];
    for seen in &seen {
        for ascending in [false, true] {
            for limit in [0, 1, 3, 4, 7, 50] {
                for (since, before) in
                    [(None, None), (cursor.clone(), None), (None, cursor.clone())]
                {
                    let feed = Feed {
                        ascending,
                        limit,
                        since,
                        before,
                        ..all()
                    };
                    let posts = storage.posts(account, feed.clone()).await.unwrap();
                    let page = storage.page(account, feed, seen.clone()).await.unwrap();
                    assert_eq!(page, Page::of(&posts, limit, seen).unwrap());
                    let read: Vec<serde_json::Value> = serde_json::from_str(&page.text).unwrap();
                    assert_eq!(read.len(), posts.len());
                }
            }
        }
    }
}
