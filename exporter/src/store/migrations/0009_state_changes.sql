-- What changed lately, for exporters that keep the state in memory to show it to Prometheus. Rows are only ever appended: no writer
-- waits for another one, and a reader finds out by their transactions what became visible since it last looked. Triggers, so
-- that no writer can forget it.
CREATE TABLE state_changes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Null: nothing of an instance, but what jobs have done. Without a foreign key: that an instance was removed is a change too.
  instance_id integer,
  transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX ix_state_changes_transaction ON state_changes (transaction_id);

-- Errors of all collections so far: a counter that outlives exporters and records, and is the same from each of them.
CREATE TABLE collection_error_counts (
  instance_id integer NOT NULL REFERENCES instances ON DELETE CASCADE,
  reason text NOT NULL,
  error_count bigint NOT NULL,
  PRIMARY KEY (instance_id, reason)
);

CREATE FUNCTION note_changed_instances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO state_changes (instance_id) SELECT DISTINCT instance_id FROM changed;
  RETURN NULL;
END $$;

CREATE FUNCTION note_described_instances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO state_changes (instance_id) SELECT id FROM changed;
  RETURN NULL;
END $$;

-- Each writer of measurements marks the days that it changed, with all else that it writes in the same transaction.
CREATE TRIGGER note_change AFTER INSERT ON measurement_changes
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_changed_instances();

CREATE TRIGGER note_insert AFTER INSERT ON instances
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_described_instances();

CREATE TRIGGER note_update AFTER UPDATE ON instances
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_described_instances();

CREATE TRIGGER note_delete AFTER DELETE ON instances
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_described_instances();

-- Forecasts rest on the statistics of weeks: an entry that leaves the backlog was computed.
CREATE FUNCTION note_computed_weeks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO state_changes (instance_id) SELECT DISTINCT instance_id FROM changed WHERE period_type = 'weekly';
  RETURN NULL;
END $$;

CREATE TRIGGER note_change AFTER DELETE ON aggregation_backlog
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_computed_weeks();

-- Growth is told from the statistics where the days are gone.
CREATE FUNCTION note_all_instances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO state_changes (instance_id) SELECT id FROM instances;
  RETURN NULL;
END $$;

CREATE TRIGGER note_change AFTER INSERT ON dropped_partitions
FOR EACH STATEMENT EXECUTE FUNCTION note_all_instances();

CREATE FUNCTION note_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO state_changes (instance_id) VALUES (NULL);
  RETURN NULL;
END $$;

CREATE TRIGGER note_insert AFTER INSERT ON job_runs
FOR EACH ROW WHEN (NEW.started_at IS NOT NULL) EXECUTE FUNCTION note_job();

-- Not the signs of life in between.
CREATE TRIGGER note_update AFTER UPDATE ON job_runs
FOR EACH ROW WHEN (
  NEW.started_at IS DISTINCT FROM OLD.started_at OR NEW.finished_at IS DISTINCT FROM OLD.finished_at
) EXECUTE FUNCTION note_job();

-- One error for each database that could not be measured, or one for the instance where it failed as a whole.
CREATE VIEW collection_errors AS
SELECT r.id AS record_id, r.instance_id, e.reason
FROM collection_records AS r
CROSS JOIN LATERAL (
  SELECT failure ->> 'code' AS reason FROM jsonb_array_elements(r.failures) AS failure
  UNION ALL
  SELECT r.error_code WHERE r.failures = '[]' AND r.status IN ('failed', 'interrupted')
) AS e
WHERE r.finished_at IS NOT NULL AND e.reason IS NOT NULL;

CREATE FUNCTION note_ended_records(records bigint[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO collection_error_counts (instance_id, reason, error_count)
  SELECT instance_id, reason, count(*)
  FROM collection_errors
  WHERE record_id = ANY (records)
  GROUP BY instance_id, reason
  ORDER BY instance_id, reason
  ON CONFLICT (instance_id, reason) DO UPDATE
  SET error_count = collection_error_counts.error_count + excluded.error_count;
  INSERT INTO state_changes (instance_id)
  SELECT DISTINCT instance_id FROM collection_records WHERE id = ANY (records)
$$;

CREATE FUNCTION note_ended_records() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  ended bigint[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(id) INTO ended FROM changed WHERE finished_at IS NOT NULL;
  ELSE
    SELECT array_agg(n.id) INTO ended
    FROM changed AS n
    JOIN before AS o ON o.id = n.id
    WHERE n.finished_at IS NOT NULL AND o.finished_at IS NULL;
  END IF;
  IF ended IS NOT NULL THEN
    PERFORM note_ended_records(ended);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER note_insert AFTER INSERT ON collection_records
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_ended_records();

CREATE TRIGGER note_update AFTER UPDATE ON collection_records
REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_ended_records();

SELECT note_ended_records(array_agg(id)) FROM collection_records WHERE finished_at IS NOT NULL;
