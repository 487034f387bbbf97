-- What an instance keeps besides its databases: logs, tablespaces, volumes. One row per thing and day.
CREATE TABLE storage_stats (
  instance_id integer NOT NULL REFERENCES instances ON DELETE CASCADE,
  scope text NOT NULL CHECK (scope IN ('log', 'tablespace', 'volume')),
  name text NOT NULL,
  collected_date date NOT NULL,
  collected_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  allocated_bytes byte_count,
  used_bytes byte_count,
  limit_bytes byte_count,
  free_bytes byte_count,
  CONSTRAINT uq_daily_storage PRIMARY KEY (instance_id, scope, name, collected_date)
) PARTITION BY RANGE (collected_date);

CREATE INDEX ix_storage_stats_collected_date ON storage_stats USING brin (collected_date);

-- A secret is either a reference (env:NAME, file:PATH) or encrypted (AES-256-GCM) with the key of that id.
ALTER TABLE credentials
  ADD COLUMN secret_ciphertext bytea,
  ADD COLUMN key_id text,
  ADD CONSTRAINT ck_credentials_one_secret CHECK (secret_reference IS NULL OR secret_ciphertext IS NULL),
  ADD CONSTRAINT ck_credentials_key CHECK ((secret_ciphertext IS NULL) = (key_id IS NULL));
