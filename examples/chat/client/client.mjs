#!/usr/bin/env node
// A chat in the terminal, on the official SDK. `node client.mjs --help` says more.

import './polyfills.mjs';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { setGlobalLogLevel } from 'spacetimedb';
import { ChatConnection } from './bindings.mjs';

const HELP = `usage: node client.mjs [options]

  --url URL          the server (default ws://127.0.0.1:3000)
  --db NAME          name or identity of the database (default chat)
  --name NAME        set this name after connecting
  --token-file FILE  keep the identity between runs: the token is read from FILE, or written to it
  --json             print events as JSON, one per line
  --help             this text

Lines typed are sent. /name NEW sets the name, /who lists who is there, /quit leaves, and so does
the end of the input.`;

const options = readOptions();
const connection = { isOpen: false, leaving: false };
const pending = new Set();
setGlobalLogLevel('error');
// The SDK logs to stdout, which belongs to the chat.
console.log = console.info = console.debug = console.warn = console.error;

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        url: { type: 'string', default: 'ws://127.0.0.1:3000' },
        db: { type: 'string', default: 'chat' },
        name: { type: 'string' },
        'token-file': { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(HELP + '\n');
      process.exit(0);
    }
    return values;
  } catch (error) {
    console.error(`${error.message}\n\n${HELP}`);
    process.exit(2);
  }
}

// --- output -------------------------------------------------------------------------------------

/** An event for programs, or its text for people; without a text it is for programs only. */
function show(event, text) {
  if (options.json) {
    process.stdout.write(JSON.stringify(event) + '\n');
  } else if (text !== undefined) {
    process.stdout.write(text + '\n');
  }
}

/** Others choose these texts: a terminal must not obey what is in them. */
function harmless(text) {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
}

function shortIdentity(identity) {
  return identity.toHexString().slice(-8);
}

function nameOf(identity) {
  const user = db().user.identity.find(identity);
  return user?.name ? harmless(user.name) : shortIdentity(identity);
}

function showMessage(row, history) {
  const sent = row.sent.toDate();
  const clock = sent.toTimeString().slice(0, 8);
  show(
    {
      event: 'message',
      sender: row.sender.toHexString(),
      name: db().user.identity.find(row.sender)?.name ?? null,
      sent: row.sent.microsSinceUnixEpoch.toString(),
      text: row.text,
      history,
    },
    `[${clock}] ${nameOf(row.sender)}: ${harmless(row.text)}`
  );
}

function showUser(row, text) {
  show(
    {
      event: 'user',
      identity: row.identity.toHexString(),
      name: row.name ?? null,
      online: row.online,
    },
    text
  );
}

function showError(what, error) {
  const message = error?.message || String(error ?? 'unknown');
  show({ event: 'error', what, message }, `! ${what}: ${harmless(message)}`);
}

// --- connection ---------------------------------------------------------------------------------

function db() {
  return connection.handle.db;
}

function savedToken() {
  const file = options['token-file'];
  return file && existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

function saveToken(token) {
  const file = options['token-file'];
  if (file && !existsSync(file)) {
    writeFileSync(file, token + '\n', { mode: 0o600 });
    chmodSync(file, 0o600);
  }
}

function connect() {
  connection.handle = ChatConnection.builder()
    .withUri(options.url)
    .withDatabaseName(options.db)
    .withToken(savedToken())
    .onConnect((handle, identity, token) => {
      connection.isOpen = true;
      connection.identity = identity;
      saveToken(token);
      show(
        { event: 'connected', identity: identity.toHexString() },
        `connected to ${options.db} as ${shortIdentity(identity)}`
      );
      subscribe(handle);
    })
    .onConnectError((_, error) => {
      showError('cannot connect', error);
      process.exit(1);
    })
    .onDisconnect((_, error) => {
      connection.isOpen = false;
      show({ event: 'disconnected', error: error?.message ?? null }, '* disconnected');
      process.exit(connection.leaving ? 0 : 1);
    })
    .build();
  follow();
}

function subscribe(handle) {
  handle
    .subscriptionBuilder()
    .onApplied(() => {
      const messages = [...db().message.iter()].sort((a, b) =>
        Number(a.sent.microsSinceUnixEpoch - b.sent.microsSinceUnixEpoch)
      );
      const users = [...db().user.iter()];
      messages.forEach(row => showMessage(row, true));
      if (options.json) {
        users.forEach(row => showUser(row));
      } else {
        showWho();
      }
      show({ event: 'subscribed', users: users.length, messages: messages.length });
      start();
    })
    .onError(context => {
      showError('cannot subscribe', context.event);
      process.exit(1);
    })
    .subscribe(['SELECT * FROM user', 'SELECT * FROM message']);
}

/** Live changes; what is there at the start is shown when the subscription is applied. */
function follow() {
  const isLive = context => context.event.tag !== 'SubscribeApplied';
  db().message.onInsert((context, row) => {
    if (isLive(context)) showMessage(row, false);
  });
  db().user.onInsert((context, row) => {
    if (isLive(context)) showUser(row, `* ${nameOf(row.identity)} is here for the first time`);
  });
  db().user.onUpdate((context, before, row) => {
    if (before.name !== row.name) {
      const old = before.name ? harmless(before.name) : shortIdentity(row.identity);
      showUser(row, `* ${old} is now ${nameOf(row.identity)}`);
    } else {
      showUser(row, `* ${nameOf(row.identity)} ${row.online ? 'is online' : 'has left'}`);
    }
  });
  db().user.onDelete((_, row) => showUser(row, `* ${shortIdentity(row.identity)} was removed`));
}

function showWho() {
  const online = [...db().user.iter()].filter(row => row.online).map(row => nameOf(row.identity));
  show({ event: 'who', online }, `* online: ${online.sort().join(', ')}`);
}

// --- input --------------------------------------------------------------------------------------

/** Calls a reducer and reports how it ended. */
function call(what, promise) {
  const done = promise
    .then(() => show({ event: 'done', what }))
    .catch(error => showError(what, error))
    .finally(() => pending.delete(done));
  pending.add(done);
}

function start() {
  if (options.name !== undefined) {
    call('set_name', connection.handle.reducers.setName({ name: options.name }));
  }
  const input = createInterface({ input: process.stdin, terminal: false });
  input.on('line', line => {
    const text = line.trim();
    if (text === '/quit') {
      input.close();
    } else if (text === '/who') {
      showWho();
    } else if (text === '/name' || text.startsWith('/name ')) {
      call('set_name', connection.handle.reducers.setName({ name: text.slice(6).trim() }));
    } else if (text !== '') {
      call('send_message', connection.handle.reducers.sendMessage({ text }));
    }
  });
  input.on('close', leave);
  process.on('SIGINT', leave);
  process.on('SIGTERM', leave);
}

// The SDK is silent about some failures, such as a refused connection: then nothing is left to wait for.
process.on('beforeExit', () => {
  if (!connection.leaving) {
    showError('cannot connect', new Error(`no connection to ${options.db} at ${options.url}`));
    process.exit(1);
  }
});

/** Leaves once every call has been answered. */
async function leave() {
  if (connection.leaving) return;
  connection.leaving = true;
  await Promise.all(pending);
  if (connection.isOpen) {
    connection.handle.disconnect();
  } else {
    process.exit(0);
  }
}

connect();
