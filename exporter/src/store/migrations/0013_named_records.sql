ALTER TABLE collection_records
  -- Somebody asked for this instance by its name: it is measured also in its quiet hours.
  ADD COLUMN is_named boolean NOT NULL DEFAULT false,
  -- For passing faults, while it is held: its entry of the queue knows them otherwise.
  ADD COLUMN retries_left integer NOT NULL DEFAULT 0;
