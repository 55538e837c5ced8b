-- Groups, and whom the entity follows and is followed by.

CREATE TABLE groups (
    key        INTEGER PRIMARY KEY,
    entity_id  INTEGER NOT NULL REFERENCES entities ON DELETE CASCADE,
    id         TEXT NOT NULL,
    name       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (entity_id, id)
) STRICT;
CREATE INDEX groups_in_order ON groups (entity_id, key);

CREATE TABLE followers (
    key           INTEGER PRIMARY KEY,
    entity_id     INTEGER NOT NULL REFERENCES entities ON DELETE CASCADE,
    id            TEXT NOT NULL,
    entity        TEXT NOT NULL,
    public        INTEGER NOT NULL,
    confirmed     INTEGER NOT NULL,
    mac_key_id    TEXT,
    mac_key       TEXT,
    mac_algorithm TEXT,
    servers       TEXT NOT NULL,         -- a JSON array of API roots
    record        TEXT NOT NULL,         -- the rest, a JSON object
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    UNIQUE (entity_id, id),
    UNIQUE (entity_id, entity)
) STRICT;
CREATE INDEX followers_in_order ON followers (entity_id, key);
CREATE INDEX followers_by_mac_key_id ON followers (mac_key_id);

CREATE TABLE followings (
    key           INTEGER PRIMARY KEY,
    entity_id     INTEGER NOT NULL REFERENCES entities ON DELETE CASCADE,
    id            TEXT NOT NULL,
    entity        TEXT NOT NULL,
    public        INTEGER NOT NULL,
    confirmed     INTEGER NOT NULL,
    mac_key_id    TEXT,
    mac_key       TEXT,
    mac_algorithm TEXT,
    servers       TEXT NOT NULL,
    record        TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    UNIQUE (entity_id, id),
    UNIQUE (entity_id, entity)
) STRICT;
CREATE INDEX followings_in_order ON followings (entity_id, key);
CREATE INDEX followings_by_mac_key_id ON followings (mac_key_id);

ALTER TABLE posts ADD COLUMN groups TEXT NOT NULL DEFAULT '[]'; -- permissions.groups, a JSON array

-- Who may see a post that is not for everybody: an entity, or the members of a group.
CREATE TABLE readers (
    post   INTEGER NOT NULL REFERENCES posts ON DELETE CASCADE,
    reader TEXT NOT NULL,                -- an entity, or `group:` and an id
    PRIMARY KEY (reader, post)
) STRICT, WITHOUT ROWID;
CREATE INDEX readers_by_post ON readers (post);
INSERT INTO readers (post, reader) SELECT posts.key, entity.key FROM posts, json_each(posts.entities) AS entity;
