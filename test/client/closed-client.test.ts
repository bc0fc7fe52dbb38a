import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectTokens } from '../../src/client/connect-tokens.js';
import { openTestNamespace, type TestNamespace } from '../support/test-namespace.js';

let namespace: TestNamespace;
beforeAll(async () => {
  namespace = await openTestNamespace();
});
afterAll(() => namespace.close());

it('a client that was closed says so, and blames neither the server nor a worker', async () => {
  const tokens = await connectTokens({
    env: {
      EVERTOKEN_ALLOW_PLAINTEXT: 'true',
      TEMPORAL_ADDRESS: namespace.address,
      TEMPORAL_NAMESPACE: namespace.namespace,
    },
  });
  const underWay = tokens.status('acme/mail').catch((error: unknown) => error);
  await tokens.close();

  const asked = [tokens.get('acme/mail'), tokens.status('acme/mail'), tokens.list()];
  await Promise.all(asked.map((call) => expect(call).rejects.toThrow('this client was closed')));
  expect(String(await underWay)).toMatch(/this client was closed|no such credential/);
});
