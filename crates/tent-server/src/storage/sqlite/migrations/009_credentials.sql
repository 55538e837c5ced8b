-- Apps bring credentials of either algorithm with them.
ALTER TABLE apps           ADD COLUMN mac_algorithm TEXT NOT NULL DEFAULT 'hmac-sha-256';
ALTER TABLE authorizations ADD COLUMN mac_algorithm TEXT NOT NULL DEFAULT 'hmac-sha-256';

-- Where an app takes somebody who is to be followed.
ALTER TABLE authorizations ADD COLUMN follow_url TEXT;

-- The SHA-256 of the code that an authorization came of: one that comes again is in the wrong hands.
ALTER TABLE authorizations ADD COLUMN code BLOB;
CREATE INDEX authorizations_by_code ON authorizations (code) WHERE code IS NOT NULL;
