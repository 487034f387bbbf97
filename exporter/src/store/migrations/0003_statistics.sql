-- What the history is condensed into. The daily rows go when the retention says so; everything here stays.

-- A row whose month has no partition is never refused: it lands here, and is moved by the next look at the partitions.
CREATE TABLE database_size_stats_default PARTITION OF database_size_stats DEFAULT;

-- Statistics of one database over one ISO week, calendar month or quarter.
CREATE TABLE database_size_aggregations (
  instance_id integer NOT NULL REFERENCES instances ON DELETE CASCADE,
  -- Days that were measured.
  data_count integer NOT NULL CHECK (data_count > 0),
  -- Sums and counts make averages exact, and a quarter computable from its months when their days are gone.
  size_sum_bytes bigint NOT NULL,
  data_sum_bytes bigint,
  log_sum_bytes bigint,
  max_size_bytes byte_count NOT NULL,
  min_size_bytes byte_count NOT NULL,
  max_data_bytes byte_count,
  min_data_bytes byte_count,
  max_log_bytes byte_count,
  min_log_bytes byte_count,
  first_size_bytes byte_count NOT NULL,
  last_size_bytes byte_count NOT NULL,
  data_bytes_count integer NOT NULL,
  log_bytes_count integer NOT NULL,
  period_start date NOT NULL,
  period_end date NOT NULL,
  first_date date NOT NULL,
  last_date date NOT NULL,
  -- The database was first seen in this period, on an instance that was watched before.
  appeared_date date,
  -- The server no longer listed the database from this day on, and its last measurement is in this period.
  vanished_date date,
  -- Percent of the average against the period before; null where there is none, or it was empty.
  growth_rate double precision,
  calculated_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Rounded half up to whole bytes, in integers: 2^53 x 92 days x 2 is far from overflowing.
  avg_size_bytes bigint NOT NULL GENERATED ALWAYS AS ((2 * size_sum_bytes + data_count) / (2 * data_count)) STORED,
  avg_data_bytes bigint GENERATED ALWAYS AS (
    (2 * data_sum_bytes + data_bytes_count) / nullif(2 * data_bytes_count, 0)
  ) STORED,
  avg_log_bytes bigint GENERATED ALWAYS AS (
    (2 * log_sum_bytes + log_bytes_count) / nullif(2 * log_bytes_count, 0)
  ) STORED,
  change_bytes bigint NOT NULL GENERATED ALWAYS AS (last_size_bytes - first_size_bytes) STORED,
  -- Days measured / days in the period.
  coverage double precision NOT NULL GENERATED ALWAYS AS (
    data_count::double precision / (period_end - period_start + 1)
  ) STORED,
  -- The period is over.
  is_complete boolean NOT NULL,
  period_type text NOT NULL CHECK (period_type IN ('weekly', 'monthly', 'quarterly')),
  database_name text NOT NULL,
  -- In this order one index serves uniqueness and the reads of an instance. A second one on (period_type, period_start), as the
  -- original has it, makes storing a month of 50 000 databases a quarter slower, and no query needs it.
  CONSTRAINT uq_database_size_aggregation PRIMARY KEY (instance_id, period_type, period_start, database_name)
) WITH (fillfactor = 90);

CREATE INDEX ix_database_size_aggregations_incomplete ON database_size_aggregations (period_end) WHERE NOT is_complete;

-- One row per instance and day: what a fleet series reads instead of the history.
CREATE TABLE instance_daily_totals (
  instance_id integer NOT NULL REFERENCES instances ON DELETE CASCADE,
  collected_date date NOT NULL,
  size_bytes bigint NOT NULL,
  -- Of the databases whose server can say; null where none can.
  data_bytes bigint,
  log_bytes bigint,
  database_count integer NOT NULL,
  PRIMARY KEY (instance_id, collected_date)
);

CREATE INDEX ix_instance_daily_totals_collected_date ON instance_daily_totals (collected_date);

-- Days of instances whose rows changed since they were last condensed. Only ever appended to by those who write history,
-- so that a writer never waits for the aggregation, and none is missed: it takes the rows it sees and leaves the others.
CREATE TABLE measurement_changes (
  instance_id integer NOT NULL,
  collected_date date NOT NULL
);

CREATE INDEX ix_measurement_changes ON measurement_changes (instance_id, collected_date);

-- Periods of instances that are still to be computed; a failure stays here with its reason until a later run succeeds.
CREATE TABLE aggregation_backlog (
  period_type text NOT NULL CHECK (period_type IN ('weekly', 'monthly', 'quarterly')),
  period_start date NOT NULL,
  instance_id integer NOT NULL REFERENCES instances ON DELETE CASCADE,
  failed_at timestamptz,
  error_message text,
  PRIMARY KEY (period_type, period_start, instance_id)
);

CREATE INDEX ix_aggregation_backlog_instance ON aggregation_backlog (instance_id);

-- What the retention removed. Periods that begin before the newest of these ends are final: their days are gone.
CREATE TABLE dropped_partitions (
  partition_name text NOT NULL,
  table_name text NOT NULL,
  from_date date NOT NULL,
  to_date date NOT NULL,
  row_count bigint NOT NULL,
  freed_bytes bigint NOT NULL,
  dropped_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX ix_dropped_partitions_table ON dropped_partitions (table_name, to_date);

-- A repository that was filled before: all of it is to be condensed.
INSERT INTO measurement_changes (instance_id, collected_date)
SELECT DISTINCT instance_id, collected_date
FROM database_size_stats;
