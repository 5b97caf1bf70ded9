-- The catalog: what the platform knows of databases while they sleep.
-- Identities and hashes are 32 bytes, most significant first, as in their hex text.

CREATE DOMAIN identity AS bytea CHECK (octet_length(VALUE) = 32);
CREATE DOMAIN hash AS bytea CHECK (octet_length(VALUE) = 32);

-- ---------------------------------------------------------------- databases and their modules

CREATE TABLE modules (
  hash        hash PRIMARY KEY,            -- Keccak-256 of the program
  host_type   text NOT NULL CHECK (host_type IN ('wasm', 'js')),
  bytes       bigint NOT NULL CHECK (bytes >= 0),
  location    text NOT NULL,               -- where the program is kept, as the artefact store names it
  created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE databases (
  identity       identity PRIMARY KEY,
  owner          identity NOT NULL,
  lineage        identity NOT NULL,        -- the database all forks of it descend from; itself if none
  generation     uuid NOT NULL,            -- its current life
  initial_module hash NOT NULL REFERENCES modules,
  module         hash NOT NULL REFERENCES modules,
  state          text NOT NULL CHECK (state IN ('active', 'paused', 'deleted')),
  locked         boolean NOT NULL DEFAULT false,
  idle_after_ms  bigint CHECK (idle_after_ms > 0),   -- null: the node's default
  created_at     timestamptz NOT NULL DEFAULT now(),
  deleted_at     timestamptz,
  CHECK ((state = 'deleted') = (deleted_at IS NOT NULL))
);
CREATE INDEX databases_of_owner ON databases (owner, created_at) WHERE state <> 'deleted';
CREATE INDEX databases_of_module ON databases (module);

CREATE TABLE generations (
  generation  uuid PRIMARY KEY,
  database    identity NOT NULL REFERENCES databases,
  cause       text NOT NULL CHECK (cause IN ('created', 'cleared', 'restored', 'forked')),
  began_at    timestamptz NOT NULL DEFAULT now(),
  UNIQUE (database, generation)
);
ALTER TABLE databases ADD FOREIGN KEY (identity, generation)
  REFERENCES generations (database, generation) DEFERRABLE INITIALLY DEFERRED;

-- ---------------------------------------------------------------- names

CREATE TABLE namespaces (
  tld         text PRIMARY KEY CHECK (tld = lower(tld)),  -- first segment of a name
  owner       identity NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now()
);

-- Names outlive their database: publishing under one again brings its identity back.
CREATE TABLE names (
  name        text PRIMARY KEY CHECK (name = lower(name)),
  tld         text NOT NULL REFERENCES namespaces,
  database    identity NOT NULL REFERENCES databases,
  created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX names_of_database ON names (database);

-- ---------------------------------------------------------------- nodes and ownership

-- One run of one node. It holds the lease for everything it owns.
CREATE TABLE node_sessions (
  session     uuid PRIMARY KEY,
  node        text NOT NULL,
  address     text,                        -- node-to-node; null for a single node
  started_at  timestamptz NOT NULL DEFAULT now(),
  renewed_at  timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz,                 -- null: a single node holds its folder's lock instead
  ended_at    timestamptz
);
CREATE INDEX live_node_sessions ON node_sessions (node) WHERE ended_at IS NULL;

-- Who may write. The row stays when it is released: epochs only rise.
CREATE TABLE ownership (
  database    identity PRIMARY KEY REFERENCES databases,
  generation  uuid NOT NULL,
  epoch       bigint NOT NULL CHECK (epoch > 0),
  session     uuid REFERENCES node_sessions,         -- null: nobody
  taken_at    timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (database, generation) REFERENCES generations (database, generation)
);
CREATE INDEX ownership_of_session ON ownership (session) WHERE session IS NOT NULL;

CREATE TABLE epochs (
  database     identity NOT NULL,
  generation   uuid NOT NULL,
  epoch        bigint NOT NULL CHECK (epoch > 0),
  session      uuid NOT NULL REFERENCES node_sessions,
  first_offset bigint NOT NULL CHECK (first_offset >= 0),
  last_offset  bigint,                     -- null while open; first_offset - 1 if nothing was written
  closed_at    timestamptz,
  PRIMARY KEY (database, generation, epoch),
  FOREIGN KEY (database, generation) REFERENCES generations (database, generation),
  CHECK ((last_offset IS NULL) = (closed_at IS NULL)),
  CHECK (last_offset >= first_offset - 1)
);

-- ---------------------------------------------------------------- sleep

-- What going to sleep leaves behind, written in one transaction with the release of ownership.
CREATE TABLE sleeps (
  database              identity PRIMARY KEY REFERENCES databases,
  generation            uuid NOT NULL,
  epoch                 bigint NOT NULL,
  last_offset           bigint NOT NULL CHECK (last_offset >= -1),
  last_timestamp_micros bigint NOT NULL,
  size_bytes            bigint NOT NULL CHECK (size_bytes >= 0),   -- of live rows
  due_queue             bytea NOT NULL,
  tail                  bytea,             -- commits after the snapshot, if too few for a segment
  slept_at              timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (database, generation) REFERENCES generations (database, generation)
);

CREATE TABLE wake_ups (
  database  identity PRIMARY KEY REFERENCES databases,
  due_at    timestamptz NOT NULL
);
CREATE INDEX wake_ups_by_time ON wake_ups (due_at);

-- Connections a database holds while it sleeps; their sockets are kept by the session's node.
CREATE TABLE held_connections (
  database       identity NOT NULL REFERENCES databases,
  connection_id  bytea NOT NULL CHECK (octet_length(connection_id) = 16),
  identity       identity NOT NULL,
  session        uuid NOT NULL REFERENCES node_sessions,
  token_payload  text,
  PRIMARY KEY (database, connection_id)
);
CREATE INDEX held_connections_of_session ON held_connections (session);

-- ---------------------------------------------------------------- snapshots and the archive

-- A chunk is shared inside a lineage only: equal bytes of strangers stay apart.
CREATE TABLE chunks (
  lineage  identity NOT NULL,
  hash     hash NOT NULL,                  -- SHA-256 of the uncompressed chunk
  bytes    bytea NOT NULL,                 -- zstd
  size     integer NOT NULL CHECK (size >= 0),       -- uncompressed
  PRIMARY KEY (lineage, hash)
);
ALTER TABLE chunks ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- A row is a visible snapshot: it is inserted when the log is durable up to its offset, in a
-- transaction that checks the epoch.
CREATE TABLE manifests (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  database         identity NOT NULL,
  generation       uuid NOT NULL,
  lineage          identity NOT NULL,
  epoch            bigint NOT NULL,
  tx_offset        bigint NOT NULL CHECK (tx_offset >= -1),   -- last commit contained
  timestamp_micros bigint NOT NULL,        -- of that commit
  module           hash NOT NULL REFERENCES modules,
  state_bytes      bigint NOT NULL CHECK (state_bytes >= 0),
  body             bytea NOT NULL,         -- tables, schema, sequences; all of a small state
  created_at       timestamptz NOT NULL DEFAULT now(),
  UNIQUE (database, generation, tx_offset),
  UNIQUE (id, lineage),
  FOREIGN KEY (database, generation) REFERENCES generations (database, generation)
);
ALTER TABLE manifests ALTER COLUMN body SET STORAGE EXTERNAL;

-- The foreign keys are the garbage collector's safety: a chunk in use cannot be deleted.
CREATE TABLE chunk_references (
  manifest  bigint NOT NULL,
  position  integer NOT NULL CHECK (position >= 0),
  lineage   identity NOT NULL,
  hash      hash NOT NULL,
  PRIMARY KEY (manifest, position),
  FOREIGN KEY (manifest, lineage) REFERENCES manifests (id, lineage) ON DELETE CASCADE,
  FOREIGN KEY (lineage, hash) REFERENCES chunks
);
CREATE INDEX references_of_chunk ON chunk_references (lineage, hash);

CREATE TABLE archived_positions (
  database         identity NOT NULL,
  generation       uuid NOT NULL,
  tx_offset        bigint NOT NULL CHECK (tx_offset >= -1),   -- last commit in object storage
  timestamp_micros bigint NOT NULL,
  next_segment     bigint NOT NULL CHECK (next_segment >= 0), -- next free sequence number
  updated_at       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (database, generation),
  FOREIGN KEY (database, generation) REFERENCES generations (database, generation)
);
