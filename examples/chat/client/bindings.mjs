// Bindings of the chat module, written by hand on the public API of the package `spacetimedb`.
// They say what `spacetime generate` would: tables, reducers and their types (../module/src/lib.rs).

import {
  DbConnectionBuilder,
  DbConnectionImpl,
  procedures,
  reducerSchema,
  reducers,
  schema,
  t,
  table,
} from 'spacetimedb';

const tables = schema({
  user: table(
    {
      name: 'user',
      indexes: [
        { accessor: 'identity', name: 'user_identity_idx_btree', algorithm: 'btree', columns: ['identity'] },
      ],
      constraints: [{ name: 'user_identity_key', constraint: 'unique', columns: ['identity'] }],
    },
    t.row({
      identity: t.identity().primaryKey(),
      name: t.option(t.string()),
      online: t.bool(),
    })
  ),
  message: table(
    { name: 'message', indexes: [], constraints: [] },
    t.row({
      sender: t.identity(),
      sent: t.timestamp(),
      text: t.string(),
    })
  ),
});

const module = {
  versionInfo: { cliVersion: '2.10.1' },
  tables: tables.schemaType.tables,
  reducers: reducers(
    reducerSchema('set_name', { name: t.string() }),
    reducerSchema('send_message', { text: t.string() })
  ).reducersType.reducers,
  ...procedures(),
};

/** A connection to a chat database: `db.user`, `db.message`, `reducers.setName`, `reducers.sendMessage`. */
export class ChatConnection extends DbConnectionImpl {
  static builder() {
    return new DbConnectionBuilder(module, config => new ChatConnection(config));
  }
}
