-- Programs that nothing runs go from the store in two phases: noticed, then swept.

ALTER TABLE modules ADD COLUMN unused_since timestamptz;  -- not null: noticed that nothing needs it
