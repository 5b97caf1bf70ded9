-- Deletion of snapshots has two phases: retired, then swept together with chunks that none names.

ALTER TABLE manifests ADD COLUMN retired_at timestamptz;  -- not null: not visible any more
ALTER TABLE chunks ADD COLUMN stored_at timestamptz NOT NULL DEFAULT now();  -- or wanted again

CREATE INDEX retired_manifests ON manifests (retired_at) WHERE retired_at IS NOT NULL;
CREATE INDEX chunks_by_age ON chunks (stored_at);
