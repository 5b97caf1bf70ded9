-- What has ended goes from the stores in two phases: noticed, then swept.

ALTER TABLE generations ADD COLUMN retired_at timestamptz;  -- not null: noticed that it has ended
ALTER TABLE generations ADD COLUMN swept_at timestamptz;    -- not null: nothing of it is left
CREATE INDEX ended_generations ON generations (database, generation)
  WHERE retired_at IS NOT NULL AND swept_at IS NULL;
