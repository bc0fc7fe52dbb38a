import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TokenClient } from '../../src/client/token-client.js';
import { TokenError } from '../../src/client/token-error.js';
import { freePort } from '../../src/dev-server/free-port.js';
import { TemporalKeepers } from '../../src/keepers/temporal-keepers.js';

let tokens: TokenClient;
beforeAll(async () => {
  // Nobody listens there.
  const connection = Connection.lazy({ address: `127.0.0.1:${await freePort()}` });
  tokens = new TokenClient(new TemporalKeepers(new Client({ connection })));
});
afterAll(() => tokens.close());

it.each([
  ['with half of a surrogate pair, which the server cannot take', 'acme/\ud800'],
  ['that no call could carry', 'a'.repeat(300_000)],
  ['with a line end, which would forge a line of a log', 'acme/a\nerror: forged'],
  ['in upper case', 'Acme/a'],
])(
  'an id %s is found not to exist without asking the server, in one short line',
  async (_what, id) => {
    for (const asked of [tokens.get(id), tokens.status(id), tokens.refresh(id)]) {
      const error: unknown = await asked.catch((reason: unknown) => reason);
      if (!(error instanceof TokenError)) throw error;
      expect(error).toMatchObject({ code: 'NOT_FOUND', credentialId: id });
      expect(error.message).toMatch(/^no credential can have this id \[credential=.{1,205}\]$/);
    }
  },
);
