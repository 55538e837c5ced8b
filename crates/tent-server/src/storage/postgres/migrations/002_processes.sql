-- How often entities came or went, and which they were, lately. Whoever changes them locks the count, so
-- that changes come to be seen in their order.
CREATE TABLE entity_count (
    one     BOOLEAN PRIMARY KEY CHECK (one),
    changes BIGINT NOT NULL
);
INSERT INTO entity_count VALUES (TRUE, 0);
CREATE TABLE entity_changes (
    change BIGINT PRIMARY KEY,
    entity TEXT COLLATE "C" NOT NULL
);

-- What follows may be lost when the database crashes, and costs no log.

-- Buckets of tokens. See limit/shared.rs for the line of which each process takes pieces.
CREATE UNLOGGED TABLE limit_buckets (
    bucket  BYTEA PRIMARY KEY,           -- a SHA-256 of the limit and of whom it is for
    taken   BIGINT NOT NULL,             -- where the piece began that was taken last
    full_at BIGINT NOT NULL,             -- where it ended
    gone_at BIGINT NOT NULL              -- a time at which it is full, in seconds
);

-- Attempts to guess a passphrase.
CREATE UNLOGGED TABLE attempts (
    guesser BYTEA PRIMARY KEY,           -- a SHA-256 of whoever that is
    count   BIGINT NOT NULL,
    last    BIGINT NOT NULL
);
CREATE INDEX attempts_by_time ON attempts (last);

-- Processes that are alive.
CREATE UNLOGGED TABLE processes (
    lessee  BIGINT PRIMARY KEY,          -- as it leases deliveries
    seen_at TIMESTAMPTZ NOT NULL         -- by the clock of the database
);
