-- When a day of an instance was last condensed. Together with the marks of changes that are not condensed yet it tells whether
-- an answer about the history is still right, without a look at the history.
ALTER TABLE instance_daily_totals ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
