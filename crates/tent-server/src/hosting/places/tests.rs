use proptest::prelude::*;

use super::*;

/// Nothing is kept of what is served there.
type Places = super::Places<()>;

fn place(root: &str) -> Place {
    Place::of(&root.parse().unwrap())
}

/// Opens a place for an entity of the same URL.
fn open(places: &Places, entity: &str) -> Result<(), Taken> {
    places
        .claim(place(entity), &entity.parse().unwrap())?
        .keep();
    Ok(())
}

fn found(places: &Places, host: &str, port: Option<u16>, path: &str) -> Option<String> {
    let found = places.find(host, port, path)?;
    Some(found.entity.as_str().to_owned())
}

#[test]
fn the_entity_with_the_longest_path_is_meant() {
    let places = Places::default();
    for entity in [
        "https://a.example",
        "https://a.example/~bob",
        "https://a.example:8443/~bob",
        "https://b.example/x/y",
    ] {
        open(&places, entity).unwrap();
    }
    for (host, port, path, entity) in [
        ("a.example", None, "/", Some("https://a.example")),
        ("a.example", Some(443), "/posts", Some("https://a.example")),
        ("a.example", None, "/~bob", Some("https://a.example/~bob")),
        (
            "a.example",
            None,
            "/~bob/posts/1",
            Some("https://a.example/~bob"),
        ),
        ("a.example", None, "/~bobby", Some("https://a.example")),
        (
            "a.example",
            Some(8443),
            "/~bob/",
            Some("https://a.example:8443/~bob"),
        ),
        ("a.example", Some(8443), "/", None),
        ("b.example", None, "/x", None),
        ("c.example", None, "/", None),
    ] {
        let entity = entity.map(str::to_owned);
        assert_eq!(
            found(&places, host, port, path),
            entity,
            "{host} {port:?} {path}"
        );
    }
    assert!(places.has("b.example", None) && !places.has("c.example", None));
}

#[test]
fn nobody_is_where_another_has_something() {
    let places = Places::default();
    open(&places, "https://a.example").unwrap();
    open(&places, "https://b.example/posts").unwrap();
    for taken in [
        "https://a.example",
        "http://a.example",
        "https://a.example/posts",
        "https://a.example/posts/x",
        "https://a.example/oauth",
        "https://b.example",
    ] {
        assert!(open(&places, taken).is_err(), "{taken}");
    }
    for free in ["https://a.example/postscript", "https://b.example/posts/x"] {
        open(&places, free).unwrap();
    }
}

proptest! {
    /// Whoever is in the way is found without a look at all others.
    #[test]
    fn a_place_is_free_if_it_is_so_beside_each_other(
        roots in prop::collection::vec("https://[ab]\\.example(/(a|posts|oauth|x|xy|~b)){0,3}", 1..12),
    ) {
        let places = Places::default();
        let mut taken: Vec<Place> = Vec::new();
        for root in roots {
            let new = place(&root);
            let hides = |outer: &Place, inner: &Place| {
                let below = inner.path.strip_prefix(outer.path.as_str());
                below.is_some_and(|below| below.is_empty() || is_taken_by_api(below))
            };
            let mut others = taken.iter().filter(|other| other.authority == new.authority);
            let is_free = !others.any(|other| hides(other, &new) || hides(&new, other));
            prop_assert_eq!(open(&places, &root).is_ok(), is_free, "{}", root);
            if is_free {
                taken.push(new);
            }
        }
    }
}

#[test]
fn what_is_claimed_is_found_once_it_is_kept_and_not_after_it_was_closed() {
    let places = Places::default();
    let entity: Entity = "https://a.example".parse().unwrap();
    let at = || place("https://a.example");
    let claim = places.claim(at(), &entity).unwrap();
    assert!(places.find("a.example", None, "/").is_none());
    assert!(places.claim(at(), &entity).is_err());
    drop(claim);
    places.claim(at(), &entity).unwrap().keep();
    let before = places.find("a.example", None, "/").unwrap();
    places.keep_server(&before, ());
    assert!(
        places
            .find("a.example", None, "/")
            .unwrap()
            .server
            .is_some()
    );

    let closed = places.close(at(), &entity).unwrap();
    assert!(places.find("a.example", None, "/").is_none());
    assert!(places.close(at(), &entity).is_none());
    closed.keep(); // it could not be removed
    assert!(
        places
            .find("a.example", None, "/")
            .unwrap()
            .server
            .is_none()
    );
    drop(places.close(at(), &entity));
    open(&places, "https://a.example").unwrap();
    places.keep_server(&before, ());
    let again = places.find("a.example", None, "/").unwrap();
    assert!(again.server.is_none(), "it was that of the entity before");
}

#[test]
fn only_so_many_servers_are_kept() {
    let places = Places::default();
    let hosts: Vec<_> = (0..=SERVERS)
        .map(|number| format!("h{number}.example"))
        .collect();
    for host in &hosts {
        open(&places, &format!("https://{host}")).unwrap();
        places.find(&hosts[0], None, "/");
        let found = places.find(host, None, "/").unwrap();
        places.keep_server(&found, ());
    }
    let kept = |host: &str| places.find(host, None, "/").unwrap().server.is_some();
    assert!(kept(&hosts[0]), "it was used all the time");
    assert!(!kept(&hosts[1]));
    assert!(hosts[2..].iter().all(|host| kept(host)));
}
