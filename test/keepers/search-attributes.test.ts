import { Client, type Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ensureSearchAttributes,
  missingSearchAttributes,
} from '../../src/keepers/search-attributes.js';
import { openTestNamespace, type TestNamespace } from '../support/test-namespace.js';

const PERMISSION_DENIED = 7;
const UNAVAILABLE = 14;

let withAttributes: TestNamespace;
let without: TestNamespace;
beforeAll(async () => {
  withAttributes = await openTestNamespace();
  without = await openTestNamespace({ searchAttributes: false });
});
afterAll(() => Promise.all([withAttributes.close(), without.close()]));

/** A client of a real server whose operator service answers with this gRPC status, as Temporal Cloud's does. */
function refused({ client, namespace }: TestNamespace, code: number): Client {
  const refusal = (): Promise<never> =>
    Promise.reject(
      Object.assign(new Error('refused'), { code, details: 'Request unauthorized.', metadata: {} }),
    );
  const connection = Object.create(client.connection, {
    operatorService: {
      value: { listSearchAttributes: refusal, addSearchAttributes: refusal },
    },
  }) as Connection;
  return new Client({ connection, namespace });
}

describe('search attributes on a server that lists them to operators alone', () => {
  it('are used where the namespace has them', async () => {
    const client = refused(withAttributes, PERMISSION_DENIED);
    expect(await missingSearchAttributes(client)).toEqual([]);
    expect(await ensureSearchAttributes(client, 'auto')).toBe(true);
  });

  it('are not used where the namespace has none', async () => {
    const client = refused(without, PERMISSION_DENIED);
    expect(await missingSearchAttributes(client)).toHaveLength(2);
    expect(await ensureSearchAttributes(client, 'auto')).toBe(false);
  });

  it('are used on the word of whoever applies', async () => {
    const client = refused(without, PERMISSION_DENIED);
    expect(await ensureSearchAttributes(client, 'on')).toBe(true);
  });

  it('are not switched off by a server that is away for a moment', async () => {
    const client = refused(withAttributes, UNAVAILABLE);
    await expect(ensureSearchAttributes(client, 'auto')).rejects.toMatchObject({
      code: UNAVAILABLE,
    });
  });
});

describe('search attributes on a server that lists them', () => {
  it('are not used where they are switched off', async () => {
    expect(await ensureSearchAttributes(withAttributes.client, 'off')).toBe(false);
  });

  it('are registered where they are missing', async () => {
    const fresh = await openTestNamespace({ searchAttributes: false });
    expect(await missingSearchAttributes(fresh.client)).toHaveLength(2);
    expect(await ensureSearchAttributes(fresh.client, 'auto')).toBe(true);
    expect(await missingSearchAttributes(fresh.client)).toEqual([]);
    await fresh.close();
  });
});
