import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TokenClient } from '../../src/client/token-client.js';
import type { TokenAnswer } from '../../src/contract/messages.js';
import { TemporalKeepers } from '../../src/keepers/temporal-keepers.js';
import { KeptCredentials, youngToken } from '../support/kept-credential.js';

const PROCESSES = 10;
const CALLERS_EACH = 10;

let credentials: KeptCredentials;
beforeAll(async () => {
  credentials = await KeptCredentials.open();
});
afterAll(() => credentials.close());

/** Counts the queries that leave the process. */
class CountingKeepers extends TemporalKeepers {
  queries = 0;

  override token(id: string): Promise<TokenAnswer> {
    this.queries += 1;
    return super.token(id);
  }
}

describe('many callers at once', () => {
  it('who need a fresh token make one request at the provider, from however many processes', async () => {
    const { spec, standIn } = await credentials.start({ token: youngToken() });
    const answers = Array.from({ length: PROCESSES }, () => {
      const tokens = new TokenClient(new TemporalKeepers(credentials.stack.client));
      return Array.from({ length: CALLERS_EACH }, () =>
        tokens.refresh(spec.id, { afterGeneration: 0 }),
      );
    });
    const granted = await Promise.all(answers.flat());
    expect(granted).toHaveLength(PROCESSES * CALLERS_EACH);
    expect(new Set(granted.map(({ generation }) => generation))).toEqual(new Set([1]));
    expect(new Set(granted.map(({ token }) => token)).size).toBe(1);
    expect(standIn.requests).toHaveLength(1);
  });

  it('of one process ask the keeper once', async () => {
    const { spec, standIn } = await credentials.start({ token: youngToken() });
    const keepers = new CountingKeepers(credentials.stack.client);
    const tokens = new TokenClient(keepers);
    const answers = await Promise.all(Array.from({ length: 200 }, () => tokens.get(spec.id)));
    expect(new Set(answers.map(({ token }) => token))).toEqual(new Set(['seed']));
    expect(keepers.queries).toBe(1);
    expect(standIn.requests).toEqual([]);
  });
});
