-- Everything belongs to an entity, so that one database can serve several.

CREATE TABLE entities (
    id         INTEGER PRIMARY KEY,
    entity     TEXT NOT NULL UNIQUE,
    passphrase TEXT NOT NULL,            -- argon2id, in PHC form
    created_at INTEGER NOT NULL
) STRICT;

-- The newest version of a section is the current one.
CREATE TABLE profile_sections (
    entity_id  INTEGER NOT NULL REFERENCES entities ON DELETE CASCADE,
    type_base  TEXT NOT NULL,
    version    INTEGER NOT NULL,
    type       TEXT NOT NULL,
    public     INTEGER NOT NULL,
    content    TEXT NOT NULL,            -- a JSON object
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (entity_id, type_base, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE apps (
    key           INTEGER PRIMARY KEY,
    entity_id     INTEGER NOT NULL REFERENCES entities ON DELETE CASCADE,
    id            TEXT NOT NULL,
    name          TEXT NOT NULL,
    description   TEXT,
    url           TEXT NOT NULL,
    icon          TEXT,
    redirect_uris TEXT NOT NULL,         -- a JSON array
    scopes        TEXT NOT NULL,         -- a JSON object: scope to reason
    mac_key_id    TEXT NOT NULL UNIQUE,
    mac_key       TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    UNIQUE (entity_id, id)
) STRICT;

CREATE TABLE authorizations (
    key                INTEGER PRIMARY KEY,
    app                INTEGER NOT NULL REFERENCES apps ON DELETE CASCADE,
    id                 TEXT NOT NULL,
    scopes             TEXT NOT NULL,    -- JSON arrays
    post_types         TEXT NOT NULL,
    profile_info_types TEXT NOT NULL,
    notification_url   TEXT,
    mac_key_id         TEXT NOT NULL UNIQUE,
    mac_key            TEXT NOT NULL,
    refresh_token      BLOB NOT NULL UNIQUE, -- its SHA-256
    created_at         INTEGER NOT NULL,
    expires_at         INTEGER,
    UNIQUE (app, id)
) STRICT;

-- Approvals that wait for their exchange.
CREATE TABLE codes (
    code               BLOB PRIMARY KEY, -- its SHA-256
    app                INTEGER NOT NULL REFERENCES apps ON DELETE CASCADE,
    redirect_uri       TEXT NOT NULL,
    scopes             TEXT NOT NULL,
    post_types         TEXT NOT NULL,
    profile_info_types TEXT NOT NULL,
    notification_url   TEXT,
    expires_at         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX codes_by_app ON codes (app);
CREATE INDEX codes_by_expiry ON codes (expires_at);

-- Browsers in which the owner signed in. A row outlives its session: it then still marks a browser
-- that is known.
CREATE TABLE sessions (
    id         BLOB PRIMARY KEY,         -- its SHA-256
    entity_id  INTEGER NOT NULL REFERENCES entities ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Nonces of signed writes, as long as their timestamps can still be accepted.
CREATE TABLE nonces (
    timestamp INTEGER NOT NULL,
    mac_id    TEXT NOT NULL,
    nonce     TEXT NOT NULL,
    PRIMARY KEY (timestamp, mac_id, nonce)
) STRICT, WITHOUT ROWID;

CREATE TABLE posts (
    key          INTEGER PRIMARY KEY,    -- grows in the order of arrival, and breaks ties of time
    entity_id    INTEGER NOT NULL REFERENCES entities ON DELETE CASCADE,
    publisher    TEXT NOT NULL,
    id           TEXT NOT NULL,
    own          INTEGER NOT NULL,       -- published by the entity itself
    public       INTEGER NOT NULL,
    type_base    TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    received_at  INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    members      TEXT NOT NULL,          -- what everybody who sees the post sees: JSON members, joined by commas
    entities     TEXT NOT NULL,          -- permissions.entities, a JSON object
    views        TEXT,
    UNIQUE (entity_id, publisher, id)
) STRICT;
-- A key is the last column of each index, so each gives the rows of a page in their order.
CREATE INDEX posts_received  ON posts (entity_id, received_at);
CREATE INDEX posts_published ON posts (entity_id, published_at);
CREATE INDEX posts_updated   ON posts (entity_id, updated_at);
CREATE INDEX posts_typed     ON posts (entity_id, type_base, received_at);
CREATE INDEX posts_by_publisher ON posts (entity_id, publisher, received_at);
-- What strangers see, so that nothing they ask for walks over what they do not.
CREATE INDEX open_received   ON posts (entity_id, received_at) WHERE own AND public;
CREATE INDEX open_published  ON posts (entity_id, published_at) WHERE own AND public;
CREATE INDEX open_updated    ON posts (entity_id, updated_at) WHERE own AND public;
CREATE INDEX open_typed      ON posts (entity_id, type_base, received_at) WHERE own AND public;

CREATE TABLE mentions (
    post      INTEGER NOT NULL REFERENCES posts ON DELETE CASCADE,
    entity    TEXT NOT NULL,
    mentioned TEXT NOT NULL,             -- the id of a post of that entity; empty for the entity alone
    PRIMARY KEY (post, entity, mentioned)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_by_entity ON mentions (entity, mentioned);
CREATE INDEX mentions_by_post   ON mentions (mentioned) WHERE mentioned <> '';
