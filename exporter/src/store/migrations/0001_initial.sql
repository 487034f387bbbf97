-- Everything is in bytes. 9007199254740991 is 2^53 - 1, the largest size that every reader of JSON keeps exact.

CREATE DOMAIN byte_count AS bigint CHECK (VALUE BETWEEN 0 AND 9007199254740991);

-- Logins of instances that are kept here. Only references to secrets are stored, never a secret.
CREATE TABLE credentials (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  username text NOT NULL,
  secret_reference text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE instances (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  engine text NOT NULL,
  host text NOT NULL,
  port integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
  database_name text NOT NULL,
  -- Null where the login comes with the source: the configuration file, the embedded server.
  credential_id integer REFERENCES credentials,
  source text NOT NULL CHECK (source IN ('file', 'embedded', 'user')),
  tls jsonb NOT NULL DEFAULT '{"mode": "prefer"}',
  owner text,
  labels jsonb NOT NULL DEFAULT '{}',
  include_patterns text[] NOT NULL DEFAULT '{*}',
  exclude_patterns text[] NOT NULL DEFAULT '{}',
  estimate_on_timeout boolean NOT NULL DEFAULT false,
  is_active boolean NOT NULL DEFAULT true,
  server_version text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- One row per instance, database and day. The key serves the reads of one instance or database, the BRIN index those of a day.
CREATE TABLE database_size_stats (
  instance_id integer NOT NULL REFERENCES instances ON DELETE CASCADE,
  database_name text NOT NULL,
  collected_date date NOT NULL,
  collected_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  size_bytes byte_count NOT NULL,
  data_bytes byte_count,
  log_bytes byte_count,
  index_bytes byte_count,
  temp_bytes byte_count,
  used_bytes byte_count,
  limit_bytes byte_count,
  method text NOT NULL CHECK (method IN ('exact', 'estimate')),
  CONSTRAINT uq_daily_database_size PRIMARY KEY (instance_id, database_name, collected_date)
) PARTITION BY RANGE (collected_date);

CREATE INDEX ix_database_size_stats_collected_date ON database_size_stats USING brin (collected_date);

-- The last measurement of every database ever seen; kept by the statement that writes the history.
CREATE TABLE database_latest (
  instance_id integer NOT NULL REFERENCES instances ON DELETE CASCADE,
  database_name text NOT NULL,
  first_seen_date date NOT NULL,
  collected_date date NOT NULL,
  collected_at timestamptz NOT NULL,
  -- The first day on which the server no longer listed the database; null while it is there.
  gone_since date,
  size_bytes byte_count NOT NULL,
  data_bytes byte_count,
  log_bytes byte_count,
  index_bytes byte_count,
  temp_bytes byte_count,
  used_bytes byte_count,
  limit_bytes byte_count,
  method text NOT NULL,
  PRIMARY KEY (instance_id, database_name)
) WITH (fillfactor = 70);

-- One run over the fleet.
CREATE TABLE collection_sessions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  trigger text NOT NULL CHECK (trigger IN ('schedule', 'startup', 'command', 'api')),
  status text NOT NULL CHECK (status IN ('running', 'succeeded', 'partial', 'failed', 'interrupted', 'cancelled')),
  started_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  -- A running session whose lease has run out belongs to nobody any more.
  lease_expires_at timestamptz NOT NULL
);

-- One run at a time, however many exporters there are.
CREATE UNIQUE INDEX uq_collection_sessions_running ON collection_sessions ((true)) WHERE status = 'running';

-- One instance within a session.
CREATE TABLE collection_records (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  session_id bigint NOT NULL REFERENCES collection_sessions ON DELETE CASCADE,
  instance_id integer NOT NULL REFERENCES instances ON DELETE CASCADE,
  status text NOT NULL DEFAULT 'queued' CHECK (
    status IN ('queued', 'running', 'succeeded', 'partial', 'failed', 'skipped', 'interrupted', 'cancelled')
  ),
  started_at timestamptz,
  finished_at timestamptz,
  databases_measured integer,
  databases_failed integer,
  error_code text,
  error_message text,
  -- [{"databaseName", "code", "message"}]
  failures jsonb NOT NULL DEFAULT '[]',
  warnings jsonb NOT NULL DEFAULT '[]',
  CONSTRAINT uq_collection_records_instance UNIQUE (session_id, instance_id)
);

CREATE INDEX ix_collection_records_instance ON collection_records (instance_id, session_id DESC);
