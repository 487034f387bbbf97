-- Instances that nobody logs in to: their history is made up, to show what Tidemark does.
ALTER TABLE instances
  DROP CONSTRAINT instances_source_check,
  ADD CONSTRAINT instances_source_check CHECK (source IN ('file', 'embedded', 'user', 'demonstration'));
