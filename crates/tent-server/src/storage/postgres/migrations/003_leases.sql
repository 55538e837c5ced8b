-- A lease changes nothing that an index has, so that it is the row alone that is written, where there is
-- room beside it.
DROP INDEX deliveries_leased;
ALTER TABLE deliveries SET (fillfactor = 60);

-- A delivery goes with its post, and that with the entity.
ALTER TABLE deliveries DROP CONSTRAINT deliveries_entity_id_fkey;
DROP INDEX deliveries_by_entity;
