//! Feeds: everything that is new comes once, whatever happens meanwhile.

use std::time::Duration;

use proptest::prelude::*;
use tent_flow::Series as _;
use tent_flow::script::{Answer, Clock, run};
use tent_proto::call::ListPosts;
use tent_proto::feed::Arrival;
use tent_proto::{Feed, Place, Post};

use super::model::{self, Model, model};
use super::{config, session};

const START: u64 = 1_356_998_400;

/// What happens to a feed.
#[derive(Debug, Clone)]
enum Event {
    /// A post is published so many seconds later.
    Publish(u64),
    /// A post of so many seconds ago appears.
    Appear(u64),
    /// The feed is gone on with, so many pages.
    Read(u8),
    /// The program ends after it took so many of the next items, and begins again with what it stored.
    Crash(u8),
    /// The server fails for so many requests.
    Fail(u8),
}

fn events(late: u64) -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        6 => prop_oneof![2 => Just(0_u64), 1 => 1_u64..30].prop_map(Event::Publish),
        1 => (0..late).prop_map(Event::Appear),
        4 => (1_u8..5).prop_map(Event::Read),
        1 => (0_u8..6).prop_map(Event::Crash),
        1 => (1_u8..8).prop_map(Event::Fail),
    ];
    prop::collection::vec(event, 0..60)
}

/// A server, and a program that stores where it is.
struct World {
    model: Model,
    clock: Clock,
    list: ListPosts,
    newest_first: bool,
    stored: Option<String>,
    taken: Vec<String>,
    failures: u8,
}

impl World {
    fn new(mut model: Model, limit: Option<u32>) -> Self {
        for post in &mut model.posts {
            post.is_hidden = false;
            post.time += START as i64 - 200;
        }
        let list = ListPosts::new();
        Self {
            model,
            clock: Clock::at_epoch_seconds(START),
            list: limit.map_or(list.clone(), |limit| list.limit(limit)),
            newest_first: false,
            stored: None,
            taken: Vec::new(),
            failures: 0,
        }
    }

    fn publish(&mut self, id: String, ago: u64) -> String {
        let time = (self.clock.now().epoch_seconds() - ago) as i64;
        let posts = &mut self.model.posts;
        let index = posts.iter().position(|post| post.time <= time);
        let post = model::Post {
            id: id.clone(),
            time,
            is_hidden: false,
        };
        posts.insert(index.unwrap_or(posts.len()), post);
        id
    }

    fn feed(&self) -> Feed<ListPosts> {
        let feed = match &self.stored {
            Some(stored) => {
                let place: Place<ListPosts> = serde_json::from_str(stored).unwrap();
                session().feed_from(place)
            }
            None => session().feed(self.list.clone()),
        };
        match self.newest_first {
            true => feed.newest_first(),
            false => feed,
        }
    }

    /// What comes next, if anything does.
    fn next(&mut self, feed: &mut Feed<ListPosts>) -> Vec<Arrival<Post, ListPosts>> {
        let poll = feed.next().expect("a feed does not end by itself");
        let (model, failures) = (&self.model, &mut self.failures);
        let polled = run(poll, &mut self.clock, |request| {
            if request.url.path() == "/" {
                return Answer::refuses_connection(); // the entity is looked for once more
            }
            if *failures > 0 {
                *failures -= 1;
                return Answer::status(503);
            }
            model.answer(&model::received(request))
        });
        feed.take(polled).unwrap_or_else(|error| {
            assert!(error.may_pass(), "{error:?}");
            Vec::new()
        })
    }

    fn read(&mut self, feed: &mut Feed<ListPosts>) {
        for arrival in self.next(feed) {
            self.store(&arrival);
        }
    }

    fn store(&mut self, arrival: &Arrival<Post, ListPosts>) {
        let id = arrival.item.id.as_ref().unwrap();
        self.taken.push(id.to_string());
        self.stored = Some(serde_json::to_string(&arrival.place).unwrap());
    }

    /// What was published meanwhile.
    fn happen(&mut self, events: &[Event]) -> Vec<String> {
        let mut feed = self.feed();
        self.read(&mut feed); // from now on
        let mut published = Vec::new();
        for event in events {
            let id = format!("n{}", published.len());
            match *event {
                Event::Publish(seconds) => {
                    self.clock.advance(Duration::from_secs(seconds));
                    published.push(self.publish(id, 0));
                }
                // Not older than what was there at first.
                Event::Appear(ago) if self.clock.now().epoch_seconds() >= START + ago => {
                    published.push(self.publish(id, ago));
                }
                Event::Appear(_) => {}
                Event::Read(count) => (0..count).for_each(|_| self.read(&mut feed)),
                Event::Crash(taken) => {
                    let arrivals = self.next(&mut feed);
                    let least = u8::from(self.stored.is_none());
                    for arrival in arrivals.iter().take(taken.max(least).into()) {
                        self.store(arrival);
                    }
                    if self.stored.is_some() {
                        feed = self.feed();
                    }
                }
                Event::Fail(count) => self.failures = count,
            }
        }
        self.failures = 0;
        (0..80).for_each(|_| self.read(&mut feed));
        published
    }
}

/// Each case is many requests.
fn config_of_events() -> ProptestConfig {
    let cases = if cfg!(debug_assertions) { 60 } else { 2000 };
    ProptestConfig { cases, ..config() }
}

proptest! {
    #![proptest_config(config_of_events())]

    #[test]
    fn what_is_new_comes_once_in_order(model in model(), limit in prop::option::of(1_u32..12), events in events(1)) {
        let mut world = World::new(model, limit);
        let mut published = world.happen(&events);
        if !world.model.has_links {
            // Such a server does not tell all of one second in order.
            world.taken.sort();
            published.sort();
        }
        prop_assert_eq!(world.taken, published);
    }

    #[test]
    fn what_appears_late_or_is_given_newest_first_comes_once(model in model(), limit in prop::option::of(1_u32..12), events in events(9), newest_first: bool) {
        let mut world = World { newest_first, ..World::new(model, limit) };
        let mut published = world.happen(&events);
        world.taken.sort();
        published.sort();
        prop_assert_eq!(world.taken, published);
    }
}
