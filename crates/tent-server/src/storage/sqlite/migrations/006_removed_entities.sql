-- Keys of entities that are gone. None is given again, so that nothing that was begun for one of them
-- can end up with another.

CREATE TABLE removed_entities (
    id INTEGER PRIMARY KEY
) STRICT;
