import { expect } from 'vitest';
import type { CredentialSpec } from '../../src/contract/credential.js';
import {
  ensureFreshUpdate,
  forceRefreshSignal,
  statusQuery,
} from '../../src/contract/message-definitions.js';
import type { StatusAnswer } from '../../src/contract/messages.js';
import {
  type KeptCredential,
  type KeptCredentials,
  youngToken,
} from '../support/kept-credential.js';
import { replyWith } from '../support/provider-scripts.js';
import { forceRequest, freshRequest } from '../support/requests.js';

/** A credential in the middle of its life, on workers that are about to be replaced. */
export interface LivingCredential {
  readonly kept: KeptCredential;
  /** What happens to it while the workers change. */
  readonly duringSwitch?: () => void;
  /** Takes it on from where it is; resolves when it has made its next token. */
  readonly goOn: () => Promise<unknown>;
}

const HOUR_MS = 3_600_000;
/** No refresh comes of itself. */
const ASLEEP = { token: youngToken() };

type Bring = (credentials: KeptCredentials) => Promise<LivingCredential>;

/** Brings a new credential into each state that a keeper can be in when its workers are replaced, however long ago. */
export const LASTING_STATES: Readonly<Record<string, Bring>> = {
  'that sleeps': async (credentials) => {
    const kept = await credentials.start(ASLEEP);
    return { kept, goOn: () => freshAfter(kept, 0) };
  },

  'in backoff': async (credentials) => {
    const busy = replyWith({ status: 503, headers: { 'retry-after': '3600' } });
    const kept = await credentials.start({ scripts: [busy] });
    await kept.pendingFailure();
    const goOn = async (): Promise<void> => {
      await kept.keeper.signal(forceRefreshSignal, forceRequest({ cuts: 'retry-after' }));
      await reached(kept, ({ generation }) => generation === 1);
    };
    return { kept, goOn };
  },

  'with a forced refresh to come': async (credentials) => {
    const kept = await credentials.start(ASLEEP);
    const tooYoung: CredentialSpec = { ...kept.spec, timing: { minimumAgeMs: 2 * HOUR_MS } };
    await kept.apply(tooYoung);
    await kept.keeper.signal(forceRefreshSignal, forceRequest());
    await reached(kept, ({ forcePending }) => forcePending);
    const goOn = async (): Promise<void> => {
      await kept.apply(kept.spec);
      await reached(kept, ({ generation }) => generation === 1);
    };
    return { kept, goOn };
  },

  'whose client is rejected': async (credentials) => {
    const rejection = replyWith({ status: 401, body: '{"error":"invalid_client"}' });
    const kept = await credentials.start({ scripts: [rejection] });
    await reached(kept, ({ status }) => status === 'client-rejected');
    const goOn = async (): Promise<void> => {
      await kept.keeper.signal(forceRefreshSignal, forceRequest());
      await reached(kept, ({ generation }) => generation === 1);
    };
    return { kept, goOn };
  },
};

/** States that last as long as a request may: a provider that takes longer is taken for one that never answers. */
export const REQUESTING_STATES: Readonly<Record<string, Bring>> = {
  'with a request on the way': async (credentials) => {
    const { kept, answer } = await requesting(credentials);
    const goOn = async (): Promise<void> => {
      await reached(kept, ({ generation }) => generation === 1);
      expect(kept.standIn.requests).toHaveLength(1);
    };
    return { kept, duringSwitch: answer, goOn };
  },

  'with a caller that waits': async (credentials) => {
    const { kept, answer } = await requesting(credentials);
    await kept.keeper.startUpdate(ensureFreshUpdate, {
      waitForStage: 'ACCEPTED',
      args: [freshRequest()],
    });
    return { kept, duringSwitch: answer, goOn: () => freshAfter(kept, 0) };
  },
};

/** Waits for a token after this generation, as clients do: an update that was not served in time is repeated. */
export async function freshAfter(kept: KeptCredential, generation: number): Promise<unknown> {
  for (;;) {
    const answer = await kept.fresh(generation).catch(() => undefined);
    if (answer !== undefined) return answer;
  }
}

/** A credential whose provider has its request and answers when told to. */
async function requesting(
  credentials: KeptCredentials,
): Promise<{ kept: KeptCredential; answer: () => void }> {
  let answer = (): void => undefined;
  const told = new Promise<void>((resolve) => (answer = resolve));
  const kept = await credentials.start({
    scripts: [async (faithful) => told.then(faithful)],
  });
  while (kept.standIn.requests.length === 0) await kept.keeper.query(statusQuery);
  return { kept, answer };
}

/** Resolves when the status answer is as wanted. A query may meet workers that come or go. */
async function reached(
  kept: KeptCredential,
  isWanted: (answer: StatusAnswer) => boolean,
): Promise<void> {
  for (;;) {
    const answer = await kept.keeper.query(statusQuery).catch(() => undefined);
    if (answer !== undefined && isWanted(answer)) return;
  }
}
