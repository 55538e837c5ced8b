-- Posts that change.

ALTER TABLE posts ADD COLUMN type TEXT NOT NULL DEFAULT '';
UPDATE posts SET type = json_extract('{' || members || '}', '$.type');

-- Earlier versions. The newest stands among the posts.
CREATE TABLE post_versions (
    post       INTEGER NOT NULL REFERENCES posts ON DELETE CASCADE,
    version    INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    members    TEXT NOT NULL,
    views      TEXT,
    PRIMARY KEY (post, version)
) STRICT, WITHOUT ROWID;
