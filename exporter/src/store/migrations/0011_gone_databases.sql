-- The few databases that are gone: what counts all others need not read the whole table for them. A row that stays there is not
-- in the index, so writing it costs nothing more.
CREATE INDEX ix_database_latest_gone ON database_latest (instance_id) WHERE gone_since IS NOT NULL;
