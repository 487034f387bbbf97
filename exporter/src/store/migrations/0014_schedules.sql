-- By which schedule it was due: after a change, what would have been due by the new one was not missed.
ALTER TABLE job_runs ADD COLUMN schedule text;
