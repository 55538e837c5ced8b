-- What posts have attached, in each of their versions. The files are in a folder.
CREATE TABLE attachments (
    post     INTEGER NOT NULL REFERENCES posts ON DELETE CASCADE,
    version  INTEGER NOT NULL,
    position INTEGER NOT NULL,           -- among those of the version
    name     TEXT NOT NULL,
    type     TEXT NOT NULL,              -- in lower case, without parameters
    digest   BLOB NOT NULL,              -- the SHA-256 of the file, which is its name
    PRIMARY KEY (post, version, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX attachments_by_digest ON attachments (digest);

-- Files that lost a post which had them, however that came: they are removed when no other has them.
CREATE TABLE released_files (
    digest BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TRIGGER attachment_deleted AFTER DELETE ON attachments BEGIN
    INSERT OR IGNORE INTO released_files (digest) VALUES (old.digest);
END;
