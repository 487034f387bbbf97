-- Who may use the API. Only digests are kept: a token cannot be read out of the repository.
CREATE TABLE api_tokens (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  -- SHA-256 of the token.
  digest bytea NOT NULL CONSTRAINT uq_api_tokens_digest UNIQUE CHECK (octet_length(digest) = 32),
  role text NOT NULL CHECK (role IN ('admin', 'viewer', 'owner')),
  -- Whose instances the token may see; for the role "owner" only.
  owner text,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by text NOT NULL,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  CONSTRAINT ck_api_tokens_owner CHECK ((role = 'owner') = (owner IS NOT NULL))
);

-- A name says which token is meant; that of a revoked one can be used again.
CREATE UNIQUE INDEX uq_api_tokens_name ON api_tokens (name) WHERE revoked_at IS NULL;

-- Settings that were changed at run time; what is not here has its default.
CREATE TABLE settings (
  name text PRIMARY KEY,
  value jsonb NOT NULL,
  changed_by text NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);

-- Who changed what, and when; written in the transaction of the change. Never holds a secret.
CREATE TABLE audit_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL,
  role text NOT NULL,
  action text NOT NULL,
  object_type text NOT NULL,
  -- Kept when the object is gone, so no reference.
  object_id bigint,
  object_name text NOT NULL,
  -- {"field": [before, after]}
  changes jsonb NOT NULL DEFAULT '{}'
);

CREATE INDEX ix_audit_log_at ON audit_log (at);
