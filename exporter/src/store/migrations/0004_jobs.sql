-- Every due time of a scheduled job: the key makes one run of it, however many exporters see the tick.
CREATE TABLE job_runs (
  job text NOT NULL,
  due_at timestamptz NOT NULL,
  -- Of the entry in the queue, while the run is not over.
  queue_job_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  -- Whose lease has run out is dead: another exporter takes the run over.
  lease_expires_at timestamptz,
  finished_at timestamptz,
  succeeded boolean,
  message text,
  PRIMARY KEY (job, due_at),
  CONSTRAINT ck_job_runs_finished CHECK ((finished_at IS NULL) = (succeeded IS NULL))
);

CREATE INDEX ix_job_runs_open ON job_runs (job) WHERE finished_at IS NULL;

-- What was under way before there was a queue is on nobody's list.
UPDATE collection_records
SET status = 'interrupted', finished_at = now(), error_code = 'interrupted',
  error_message = 'the exporter was upgraded before this instance was measured: the next run measures it'
WHERE status IN ('queued', 'running');

UPDATE collection_sessions SET status = 'interrupted', finished_at = now() WHERE status = 'running';

ALTER TABLE collection_sessions
  DROP COLUMN lease_expires_at,
  -- Of the scheduled run that it is; null when somebody asked for it.
  ADD COLUMN due_at timestamptz CONSTRAINT uq_collection_sessions_due UNIQUE,
  ADD COLUMN requested_by text,
  -- {} for all, or one of {"instance": name}, {"label": "key=value"}, {"owner": name}.
  ADD COLUMN scope jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN cancel_requested_at timestamptz;

ALTER TABLE collection_records
  -- Of the entry in the queue, while the record is open.
  ADD COLUMN queue_job_id uuid,
  -- How often it was begun; also the token that tells the holder of the lease from one who lost it.
  ADD COLUMN attempt integer NOT NULL DEFAULT 0,
  ADD COLUMN exporter text,
  ADD COLUMN lease_expires_at timestamptz,
  -- What the measuring cost the server, without our own writing.
  ADD COLUMN measure_milliseconds integer;

CREATE INDEX ix_collection_records_open ON collection_records (session_id) WHERE status IN ('queued', 'running');
CREATE INDEX ix_collection_records_queue_job ON collection_records (queue_job_id) WHERE queue_job_id IS NOT NULL;

-- Times of day at which an instance is left alone, in the configured time zone: "08:00-18:00".
ALTER TABLE instances ADD COLUMN quiet_hours text[] NOT NULL DEFAULT '{}';

-- The exporters that share this repository.
CREATE TABLE exporters (
  name text PRIMARY KEY,
  role text NOT NULL,
  version text NOT NULL,
  seen_at timestamptz NOT NULL
);
