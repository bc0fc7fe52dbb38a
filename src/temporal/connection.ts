import { createSecureContext } from 'node:tls';
import { Metadata } from '@grpc/grpc-js';
import { Client, Connection } from '@temporalio/client';
import type { ConnectionLike } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { defined } from '../contract/defined.js';
import { createDataConverter } from '../encryption/data-converter.js';
import type { Encryption } from '../encryption/encryption.js';
import type { Config } from '../settings/config.js';
import { PORT_MAX } from '../settings/values.js';
import { callRetries } from './call-retries.js';
import { isCleartextTemporal } from './cleartext.js';
import { connectInTime } from './connect-in-time.js';
import {
  TEMPORAL_CALL_DEADLINE_MS,
  TEMPORAL_MESSAGE_MAX_BYTES,
  TEMPORAL_RECONNECT_MAX_MS,
} from './numbers.js';
import { OpenCalls } from './open-calls.js';
import { TemporalSettingsError } from './settings-error.js';

const DEFAULT_ADDRESS = 'localhost:7233';
const DEFAULT_NAMESPACE = 'default';
/** What the SDK takes; of anything else its error is not for people. */
const ADDRESS = /^(?:\[[\da-f.:]+\]|[^\s/:[\]]+)(?::(?<port>\d{1,5}))?$/i;
/** Of variables that add headers to each call. An empty one takes back the header of a profile. */
const HEADER_PREFIX = 'TEMPORAL_GRPC_META_';

/** A Temporal server, and how to connect to it. `options` holds secrets: the API key and TLS keys. */
export interface TemporalTarget {
  /** `host:port`; fit to be shown. */
  readonly address: string;
  readonly namespace: string;
  readonly options: ClientConnectConfig['connectionOptions'];
}

/**
 * Reads Temporal's own environment configuration: `TEMPORAL_*` variables, and a profile of its configuration file.
 * The defaults are `localhost:7233` and the namespace `default`. Throws a `TemporalSettingsError`, also for a server
 * beyond this machine without TLS unless that is allowed, and for what no call could carry.
 */
export function loadTemporalTarget(
  env: NodeJS.ProcessEnv,
  { allowCleartext }: Pick<Config, 'allowCleartext'>,
): TemporalTarget {
  const { connectionOptions, namespace } = readTemporalSettings(env);
  refuseUnusable(connectionOptions);
  const address = connectionOptions.address ?? DEFAULT_ADDRESS;
  if (!isAddress(address)) {
    throw new TemporalSettingsError(
      'the address is host:port, without https:// before it, an IPv6 address in brackets',
    );
  }
  const target = {
    address,
    namespace: namespace ?? DEFAULT_NAMESPACE,
    options: { ...connectionOptions, address },
  };
  if (!allowCleartext && isCleartextTemporal(target)) {
    throw new TemporalSettingsError(
      'the server is beyond this machine and TLS is off; set TEMPORAL_TLS=true, ' +
        'or EVERTOKEN_ALLOW_CLEARTEXT=true where the network itself is safe',
    );
  }
  return target;
}

/** Connects a client. Rejects with a `TemporalUnreachableError` within the deadline. */
export function openConnection(
  target: TemporalTarget,
  deadlineMs = TEMPORAL_CALL_DEADLINE_MS,
): Promise<Connection> {
  const { address, tls, apiKey, metadata } = target.options;
  const calls = new OpenCalls();
  const connection = Connection.lazy({
    ...defined({ address, tls, apiKey, metadata }),
    connectTimeout: deadlineMs,
    interceptors: [calls.within(callRetries)],
    channelArgs: {
      // gRPC's own default is two minutes: a server that is back would be away for as long.
      'grpc.max_reconnect_backoff_ms': TEMPORAL_RECONNECT_MAX_MS,
      // Its own 4 MB are less than a page of a list of keepers whose tokens are large.
      'grpc.max_receive_message_length': TEMPORAL_MESSAGE_MAX_BYTES,
    },
  });
  const close = connection.close.bind(connection);
  connection.close = () => {
    calls.close();
    return close();
  };
  return connectInTime(target.address, connected(connection), deadlineMs);
}

/** A connection that is not closed goes on connecting, for ever, and nobody else has it. */
async function connected(connection: Connection): Promise<Connection> {
  try {
    await connection.ensureConnected();
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** A client of the target's namespace that seals all it sends. */
export function createClient(
  target: TemporalTarget,
  connection: ConnectionLike,
  encryption: Encryption,
): Client {
  return new Client({
    connection,
    namespace: target.namespace,
    dataConverter: createDataConverter(encryption),
  });
}

/**
 * Makes a call to Temporal with a deadline of `TEMPORAL_CALL_DEADLINE_MS`, plus the time that the call is meant to
 * wait on the server. Past it the call rejects with gRPC status DEADLINE_EXCEEDED.
 */
export function withDeadline<T>(
  connection: ConnectionLike,
  call: () => Promise<T>,
  waitMs = 0,
): Promise<T> {
  return connection.withDeadline(Date.now() + TEMPORAL_CALL_DEADLINE_MS + waitMs, call);
}

function isAddress(text: string): boolean {
  const found = ADDRESS.exec(text);
  return found !== null && Number(found.groups?.['port'] ?? 1) <= PORT_MAX;
}

function readTemporalSettings(env: NodeJS.ProcessEnv): ClientConnectConfig {
  try {
    return loadClientConnectConfig({ overrideEnvVars: setOnly(env) });
  } catch {
    // The library's error may quote the file, which can hold an API key.
    throw new TemporalSettingsError();
  }
}

/** The SDK finds these out only in each call, and it would look as if the server were away. */
function refuseUnusable({ apiKey, metadata, tls }: TemporalTarget['options']): void {
  try {
    const headers = new Metadata();
    headers.set('authorization', apiKey ?? '');
    for (const [name, value] of Object.entries(metadata ?? {})) headers.set(name, value);
    const pair = typeof tls === 'object' ? tls?.clientCertPair : undefined;
    if (pair) createSecureContext({ cert: Buffer.from(pair.crt), key: Buffer.from(pair.key) });
  } catch {
    // The libraries' errors quote the API key.
    throw new TemporalSettingsError(
      'the API key, a header or the client certificate cannot be sent; look for a line end that does not belong to it',
    );
  }
}

/** The library takes an empty variable for a value: an API key that turns TLS on, or a TLS that is off. */
function setOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value = '']) =>
      value === '' && !name.startsWith(HEADER_PREFIX) ? [] : [[name, value]],
    ),
  );
}
