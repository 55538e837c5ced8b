-- When an app last made use of what it may, to the hour.
ALTER TABLE authorizations ADD COLUMN used_at INTEGER;
