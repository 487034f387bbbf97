-- How many instances a host has is asked with every claim of work.
CREATE INDEX ix_instances_host ON instances (host);
