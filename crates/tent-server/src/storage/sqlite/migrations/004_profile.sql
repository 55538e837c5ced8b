-- Who may see a section that is not for everybody.

ALTER TABLE profile_sections ADD COLUMN entities TEXT NOT NULL DEFAULT '{}'; -- permissions.entities
ALTER TABLE profile_sections ADD COLUMN groups   TEXT NOT NULL DEFAULT '[]'; -- the ids of permissions.groups
