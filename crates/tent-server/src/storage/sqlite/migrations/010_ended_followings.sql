-- Followings that have ended, whose servers are yet to be told. The notice of the end is what is delivered.
CREATE TABLE ended_followings (
    delivery      INTEGER PRIMARY KEY REFERENCES deliveries ON DELETE CASCADE,
    remote_id     TEXT NOT NULL,         -- of the follower there
    servers       TEXT NOT NULL,         -- a JSON array of API roots
    mac_key_id    TEXT NOT NULL,
    mac_key       TEXT NOT NULL,
    mac_algorithm TEXT NOT NULL
) STRICT;
