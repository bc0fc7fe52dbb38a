import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listenCodecServer } from '../../src/cli/listen-codec-server.js';
import { LOOPBACK } from '../../src/contract/loopback.js';
import { generateKey } from '../../src/encryption/key-ring.js';
import { ConfigError } from '../../src/settings/config-error.js';
import { loadConfig } from '../../src/settings/config.js';
import { createLogger } from '../../src/telemetry/logger.js';

const logger = createLogger({ logLevel: 'error' });
/** An address for documentation (RFC 5737), so of no host. */
const NOT_OURS = { host: '192.0.2.1', port: 8081 };
let other: Server;
let taken: { readonly host: string; readonly port: number };

beforeAll(async () => {
  other = createServer();
  other.listen(0, LOOPBACK);
  await once(other, 'listening');
  const bound = other.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  taken = { host: LOOPBACK, port: bound.port };
});
afterAll(() => other.close());

describe('a codec server', () => {
  it.each([
    ['another listens', () => taken, 'is the address taken? [', 'EADDRINUSE'],
    ['the address is not of this host', () => NOT_OURS, 'cannot listen there [', 'EADDRNOTAVAIL'],
  ])('that cannot listen because %s says so', async (_why, address, words, cause) => {
    const config = loadConfig({ EVERTOKEN_ENCRYPTION_KEYS: generateKey() });
    const codecAddress = address();
    const listening = listenCodecServer({ ...config, codecAddress }, logger);
    const error = await listening.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ConfigError);
    const { host, port } = codecAddress;
    expect(String(error)).toContain(`${words}address=${host}:${port}, cause=${cause}]`);
  });
});
