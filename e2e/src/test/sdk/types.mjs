// Every column type through the official SDK: as an argument, as a row, as a condition.
//
//   node types.mjs FOLDER URL DATABASE
//
// FOLDER has `spacetimedb` and `undici` installed; DATABASE runs fixtures/abi. Prints what it did, and ends
// with status 0 if all of it was right. The bindings are written by hand, as `spacetime generate` would.

import { createRequire } from 'node:module';
import { deepStrictEqual, strictEqual } from 'node:assert';
import { inspect } from 'node:util';

const [folder, url, database] = process.argv.slice(2);
const require = createRequire(folder + '/package.json');
const sdk = require('spacetimedb');
const { ConnectionId, Identity, ScheduleAt, TimeDuration, Timestamp, Uuid, t } = sdk;

if (!Promise.withResolvers) {
  Promise.withResolvers = function withResolvers() {
    let resolve, reject;
    const promise = new this((yes, no) => {
      resolve = yes;
      reject = no;
    });
    return { promise, resolve, reject };
  };
}

const Color = t.enum('Color', { Red: t.unit(), DarkGreen: t.unit(), Blue: t.unit() });
const Point = t.object('Point', { x: t.i32(), y: t.i32() });
const Shape = t.enum('Shape', {
  Nothing: t.unit(),
  Circle: t.f64(),
  Named: t.string(),
  At: Point,
  Many: t.array(Point),
  Tinted: Color,
  Maybe: t.option(Point),
});
const Place = t.object('Place', {
  label: t.string(),
  point: Point,
  color: t.option(Color),
  shapes: t.array(Shape),
});

const columns = {
  prims: {
    id: t.u32(),
    bool: t.bool(),
    i8: t.i8(),
    i16: t.i16(),
    i32: t.i32(),
    i64: t.i64(),
    i128: t.i128(),
    i256: t.i256(),
    u8: t.u8(),
    u16: t.u16(),
    u32: t.u32(),
    u64: t.u64(),
    u128: t.u128(),
    u256: t.u256(),
    f32: t.f32(),
    f64: t.f64(),
    string: t.string(),
  },
  specials: {
    id: t.u32(),
    identity: t.identity(),
    connection: t.connectionId(),
    timestamp: t.timestamp(),
    duration: t.timeDuration(),
    uuid: t.uuid(),
    schedule: t.scheduleAt(),
  },
  compounds: {
    id: t.u32(),
    bytes: t.byteArray(),
    numbers: t.array(t.i64()),
    flags: t.array(t.bool()),
    texts: t.array(t.string()),
    nested: t.array(t.array(t.u16())),
    identities: t.array(t.identity()),
    maybe: t.option(t.string()),
    maybeTwice: t.option(t.option(t.u32())),
    maybeList: t.option(t.array(t.option(t.i32()))),
    result: t.result(t.u32(), t.string()),
    color: Color,
    shape: Shape,
    place: Place,
    places: t.array(Place),
    empty: t.object('Empty', {}),
    unit: t.unit(),
  },
};

function key(table) {
  return {
    name: table,
    indexes: [
      { accessor: 'id', name: `${table}_id_idx_btree`, algorithm: 'btree', columns: ['id'] },
    ],
    constraints: [{ name: `${table}_id_key`, constraint: 'unique', columns: ['id'] }],
  };
}

function withKey(name) {
  return { ...columns[name], id: t.u32().primaryKey() };
}

const tables = sdk.schema(
  Object.fromEntries(
    Object.keys(columns).map(name => [name, sdk.table(key(name), t.row(withKey(name)))])
  )
);

const module = {
  versionInfo: { cliVersion: '2.10.1' },
  tables: tables.schemaType.tables,
  reducers: sdk.reducers(
    ...Object.keys(columns).flatMap(name => [
      sdk.reducerSchema(`insert_${name}`, { row: t.object(name, columns[name]) }),
      sdk.reducerSchema(`insert_${name}_args`, columns[name]),
    ]),
    sdk.reducerSchema('update_prims', { row: t.object('prims', columns.prims) }),
    sdk.reducerSchema('delete_prims', { id: t.u32() })
  ).reducersType.reducers,
  ...sdk.procedures(),
};

class Connection extends sdk.DbConnectionImpl {
  static builder() {
    return new sdk.DbConnectionBuilder(module, config => new Connection(config));
  }
}

const identity = new Identity('c200' + '5a'.repeat(30));
const max = bits => (1n << BigInt(bits)) - 1n;
const rows = {
  prims: [
    {
      id: 1, bool: true, i8: -128, i16: -32768, i32: -2147483648, i64: -(1n << 63n), i128: -(1n << 127n),
      i256: -(1n << 255n), u8: 255, u16: 65535, u32: 4294967295, u64: max(64), u128: max(128), u256: max(256),
      f32: 1.5, f64: -5e-324, string: 'é 漢 🐭 "\\\n\u0000',
    },
    {
      id: 2, bool: false, i8: 127, i16: 32767, i32: 2147483647, i64: max(63), i128: max(127), i256: max(255),
      u8: 0, u16: 0, u32: 0, u64: 0n, u128: 0n, u256: 0n, f32: NaN, f64: -Infinity, string: '',
    },
  ],
  specials: [
    {
      id: 1, identity, connection: new ConnectionId(max(128)), timestamp: new Timestamp(-1n),
      duration: new TimeDuration(-5n), uuid: Uuid.parse('00112233-4455-6677-8899-aabbccddeeff'),
      schedule: ScheduleAt.interval(1_000_000n),
    },
    {
      id: 2, identity, connection: new ConnectionId(1n), timestamp: new Timestamp(1_700_000_000_123_456n),
      duration: new TimeDuration(max(63)), uuid: Uuid.MAX,
      schedule: ScheduleAt.time(1_700_000_000_123_456n),
    },
  ],
  compounds: [
    {
      id: 1, bytes: new Uint8Array([0, 255, 16]), numbers: [-1n, 1n << 62n], flags: [true, false],
      texts: ['a', ''], nested: [[1, 65535], []], identities: [identity, identity], maybe: 'here',
      maybeTwice: 7, maybeList: [-7, undefined, 8], result: { ok: 5 }, color: { tag: 'DarkGreen' },
      shape: { tag: 'Many', value: [{ x: 1, y: -2 }, { x: 3, y: 4 }] },
      place: {
        label: 'home', point: { x: -1, y: 1 }, color: { tag: 'Blue' },
        shapes: [
          { tag: 'Nothing' }, { tag: 'Circle', value: 2.5 }, { tag: 'Named', value: 'n' },
          { tag: 'At', value: { x: 5, y: 6 } }, { tag: 'Tinted', value: { tag: 'DarkGreen' } },
          { tag: 'Maybe', value: { x: 7, y: 8 } }, { tag: 'Maybe', value: undefined },
        ],
      },
      places: [], empty: {}, unit: {},
    },
    {
      id: 2, bytes: new Uint8Array(), numbers: [], flags: [], texts: [], nested: [], identities: [],
      maybe: undefined, maybeTwice: undefined, maybeList: undefined,
      result: { ok: 0 }, // Not err: 2.10.1 writes an error with the type of ok.
      color: { tag: 'Red' }, shape: { tag: 'Nothing' },
      place: { label: '', point: { x: 0, y: 0 }, color: undefined, shapes: [] },
      places: [{ label: 'p', point: { x: 9, y: 9 }, color: undefined, shapes: [] }],
      empty: {}, unit: {},
    },
  ],
};

/** A value as plain data: what two equal values have in common, whatever classes they are of. */
function plain(value) {
  if (value === null || typeof value !== 'object') {
    return value;
  }
  for (const name of ['__identity__', '__connection_id__', '__timestamp_micros_since_unix_epoch__',
    '__time_duration_micros__', '__uuid__']) {
    if (name in value) {
      return { [name]: value[name] };
    }
  }
  if (value instanceof Uint8Array) {
    return ['bytes', ...value];
  }
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .map(([name, each]) => [name, plain(each)])
      .filter(([name, each]) => !(name === 'value' && each && Object.keys(each).length === 0))
  );
}

function connect() {
  const opened = Promise.withResolvers();
  Connection.builder()
    .withUri(url)
    .withDatabaseName(database)
    .onConnect(connection => opened.resolve(connection))
    .onConnectError((_, error) => opened.reject(error))
    .build();
  return opened.promise;
}

function subscribe(connection, ...queries) {
  const applied = Promise.withResolvers();
  const handle = connection
    .subscriptionBuilder()
    .onApplied(() => applied.resolve(handle))
    .onError((_, error) => applied.reject(error ?? new Error('refused')))
    .subscribe(queries);
  return applied.promise;
}

function camel(name) {
  return name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
}

async function main() {
  const [writer, reader] = await Promise.all([connect(), connect()]);
  for (const connection of [writer, reader]) {
    await subscribe(connection, ...Object.keys(columns).map(name => `SELECT * FROM ${name}`));
  }
  for (const [name, values] of Object.entries(rows)) {
    for (const [index, row] of values.entries()) {
      const inserted = Promise.withResolvers();
      const listen = (_, found) => found.id === row.id && inserted.resolve(found);
      reader.db[name].onInsert(listen);
      // Odd ones as one argument, even ones as many.
      if (index % 2 === 0) {
        await writer.reducers[camel(`insert_${name}`)]({ row });
      } else {
        await writer.reducers[camel(`insert_${name}_args`)](row);
      }
      deepStrictEqual(plain(await inserted.promise), plain(row), `${name} ${row.id} as an event`);
      for (const connection of [writer, reader]) {
        const cached = connection.db[name].id.find(row.id);
        deepStrictEqual(plain(cached), plain(row), `${name} ${row.id} in the cache`);
      }
      reader.db[name].removeOnInsert(listen);
      console.log(`${name} ${row.id}: ${inspect(row, { breakLength: Infinity }).slice(0, 100)}`);
    }
  }

  const updated = Promise.withResolvers();
  reader.db.prims.onUpdate((_, before, after) => updated.resolve([before, after]));
  const changed = { ...rows.prims[0], string: 'changed', u256: 1n << 200n };
  await writer.reducers.updatePrims({ row: changed });
  deepStrictEqual((await updated.promise).map(plain), [rows.prims[0], changed].map(plain), 'an update');
  const deleted = Promise.withResolvers();
  reader.db.prims.onDelete((_, row) => deleted.resolve(row));
  await writer.reducers.deletePrims({ id: 1 });
  deepStrictEqual(plain(await deleted.promise), plain(changed), 'a deletion');
  let refusal;
  try {
    await writer.reducers.deletePrims({ id: 1 });
  } catch (error) {
    refusal = error;
  }
  strictEqual(refusal?.message, 'no prims 1', 'the error of a reducer');

  const late = await connect();
  const conditions = [
    [`SELECT * FROM specials WHERE identity = 0x${identity.toHexString()}`, 2],
    [`SELECT * FROM specials WHERE timestamp > '2023-11-14T22:13:20.123455Z'`, 1],
    [`SELECT * FROM specials WHERE uuid = 0x00112233445566778899aabbccddeeff`, 1],
    [`SELECT * FROM specials WHERE connection = 0x${'f'.repeat(32)}`, 1],
  ];
  for (const [query, count] of conditions) {
    const handle = await subscribe(late, query);
    strictEqual([...late.db.specials.iter()].length, count, query);
    const ended = Promise.withResolvers();
    handle.unsubscribeThen(() => ended.resolve());
    await ended.promise;
    strictEqual([...late.db.specials.iter()].length, 0, `after the end of ${query}`);
  }
  for (const connection of [writer, reader, late]) {
    connection.disconnect();
  }
  console.log('all types are right');
}

const watchdog = setTimeout(() => {
  console.error('timed out');
  process.exit(1);
}, 60_000);
main().then(
  () => clearTimeout(watchdog),
  error => {
    console.error(error);
    process.exit(1);
  }
);
