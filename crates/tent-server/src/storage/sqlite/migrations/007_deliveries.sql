-- Posts on their way to other servers and to apps, and those that arrive.

-- Which types a follower wants.
CREATE TABLE subscriptions (
    follower  INTEGER NOT NULL REFERENCES followers ON DELETE CASCADE,
    type_base TEXT NOT NULL,             -- or `all`
    PRIMARY KEY (type_base, follower)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscriptions_by_follower ON subscriptions (follower);

WITH RECURSIVE
    wanted (follower, uri) AS (
        SELECT followers.key, substr(value, 1, instr(value || '#', '#') - 1)
        FROM followers, json_each(followers.record, '$.types')
    ),
    bare (follower, uri, rest) AS (SELECT follower, uri, rtrim(uri, '0123456789.x') FROM wanted)
INSERT OR IGNORE INTO subscriptions (follower, type_base)
SELECT follower, CASE WHEN rest LIKE '%/v' AND rest <> uri THEN substr(rest, 1, length(rest) - 2) ELSE uri END FROM bare
UNION ALL
SELECT key, 'all' FROM followers WHERE coalesce(json_array_length(record, '$.types'), 0) = 0;

CREATE TABLE deliveries (
    key       INTEGER PRIMARY KEY,
    entity_id INTEGER NOT NULL REFERENCES entities ON DELETE CASCADE,
    post      INTEGER NOT NULL REFERENCES posts ON DELETE CASCADE,
    version   INTEGER NOT NULL,
    recipient TEXT NOT NULL,             -- an entity, or `app:` and the MAC id of an authorization
    mentioned INTEGER NOT NULL,          -- by the post: so one need not follow
    origin    TEXT NOT NULL,             -- of the server that is asked, as far as it is known
    queued_at INTEGER NOT NULL,
    due_at    INTEGER,                   -- none once it was given up
    leased    INTEGER NOT NULL DEFAULT 0,
    attempts  INTEGER NOT NULL DEFAULT 0,
    error     TEXT,                      -- of the last attempt
    UNIQUE (post, version, recipient)
) STRICT;
CREATE INDEX deliveries_due ON deliveries (due_at, key) WHERE due_at IS NOT NULL AND NOT leased;
CREATE INDEX deliveries_by_origin ON deliveries (origin) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_given_up ON deliveries (queued_at) WHERE due_at IS NULL;

-- Posts that other entities have deleted, which may still be under way.
CREATE TABLE deletions (
    entity_id INTEGER NOT NULL REFERENCES entities ON DELETE CASCADE,
    publisher TEXT NOT NULL,
    id        TEXT NOT NULL,
    PRIMARY KEY (entity_id, publisher, id)
) STRICT, WITHOUT ROWID;
