#!/bin/sh
# Run once by the image of PostgreSQL, in its first start: three databases, what grows them, and the login that measures.
set -eu
password="$(cat "${TARGETS_PASSWORD_FILE:-/run/secrets/targets_password}")"

psql --quiet --set=ON_ERROR_STOP=1 --set=password="$password" --username="${POSTGRES_USER:-postgres}" --dbname=postgres <<'SQL'
CREATE ROLE tidemark LOGIN PASSWORD :'password';
GRANT pg_monitor TO tidemark;
CREATE DATABASE shop;
CREATE DATABASE archive;
CREATE DATABASE reports;
SQL

psql --quiet --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=shop <<'SQL'
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, placed_at timestamptz DEFAULT now(), content text);

-- About 2 MB; on one call in fifty the oldest half goes.
CREATE PROCEDURE grow() LANGUAGE sql AS $$
  INSERT INTO orders (content) SELECT repeat(md5(random()::text), 30) FROM generate_series(1, 2000);
  DELETE FROM orders WHERE random() < 0.02 AND id < (SELECT avg(id) FROM orders);
$$;

CALL grow();
SQL

psql --quiet --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=archive <<'SQL'
CREATE TABLE orders AS SELECT id, repeat(md5(id::text), 30) AS content FROM generate_series(1, 50000) AS id;
SQL
