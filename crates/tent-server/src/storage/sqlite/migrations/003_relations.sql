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
