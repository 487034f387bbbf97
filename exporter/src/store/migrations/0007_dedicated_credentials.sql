-- A login that was given together with an instance belongs to it: it is changed with it and goes with it.
ALTER TABLE credentials ADD COLUMN dedicated boolean NOT NULL DEFAULT false;

UPDATE credentials AS c
SET dedicated = true
WHERE EXISTS (SELECT FROM instances AS i WHERE i.credential_id = c.id AND i.name = c.name)
  AND (SELECT count(*) FROM instances AS i WHERE i.credential_id = c.id) = 1;
