import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/contract/credential.js';
import { classifyRefusal } from '../../../src/policy/classify.js';
import { oauth2 } from '../../../src/providers/oauth2/provider.js';
import type { Judgement, WireAnswer } from '../../../src/providers/port.js';
import { createSend } from '../../../src/providers/wire/send.js';
import {
  AUTHENTICATION_METHODS,
  AuthorizationServer,
  CLIENT_PRIVATE_KEY,
  CLIENT_SECRET,
} from '../../support/authorization-server.js';
import { wallNow } from '../answer.js';

const send = createSend({ deadlineMs: 10_000 });

let server: AuthorizationServer;
beforeAll(async () => {
  server = await AuthorizationServer.start();
});
afterAll(() => server.close());

interface Refreshed {
  readonly answer: WireAnswer;
  readonly judgement: Judgement;
}

async function refresh(
  config: JsonObject,
  material: Record<string, string>,
  now = wallNow,
): Promise<Refreshed> {
  const answer = await send(await oauth2.configure(config).prepare(material, send, now));
  return { answer, judgement: oauth2.configure(config).judge(answer) };
}

function configOf(method: string): JsonObject {
  return {
    issuer: server.issuer,
    clientId: method,
    clientAuthentication: method,
    ...(method === 'private_key_jwt' && { signingAlgorithm: 'ES256' }),
  };
}

function meaningOf({ answer, judgement }: Refreshed, config: JsonObject): string {
  if (judgement.kind === 'token') return 'token';
  const facts = {
    codes: oauth2.configure(config).codes,
    spendsAccessToken: false,
    tokenHasExpired: false,
  };
  return classifyRefusal({ status: answer.status, ...judgement }, facts).meaning;
}

describe('a real authorization server', () => {
  it.each(AUTHENTICATION_METHODS)(
    'grants tokens again and again to a client of method %s',
    async (method) => {
      const config = configOf(method);
      const secrets = { clientSecret: CLIENT_SECRET, clientPrivateKey: CLIENT_PRIVATE_KEY };
      const first = await refresh(config, {
        refreshToken: await server.refreshToken(method),
        ...secrets,
      });
      if (first.judgement.kind !== 'token') throw new Error(`refused [${first.answer.text}]`);
      expect(first.judgement).toMatchObject({ tokenType: 'Bearer', lifetime: 3600 });
      const rotated = first.judgement.replacedMaterial['refreshToken'] ?? '';
      const second = await refresh(config, { refreshToken: rotated, ...secrets });
      expect(second.judgement.kind).toBe('token');
    },
  );

  it.each([-5_000, 1_000, 5_000])(
    'accepts a signed assertion though its clock and Temporal’s are %i ms apart',
    async (apartMs) => {
      const config = configOf('private_key_jwt');
      const material = {
        refreshToken: await server.refreshToken('private_key_jwt'),
        clientPrivateKey: CLIENT_PRIVATE_KEY,
      };
      const { judgement } = await refresh(config, material, async () => Date.now() + apartMs);
      expect(judgement.kind).toBe('token');
    },
  );

  it('ends the refresh when a spent refresh token is used again', async () => {
    const config = configOf('client_secret_basic');
    const material = {
      refreshToken: await server.refreshToken('client_secret_basic'),
      clientSecret: CLIENT_SECRET,
    };
    await refresh(config, material);
    expect(meaningOf(await refresh(config, material), config)).toBe('permanent');
  });

  it('rejects the client, and not the refresh token, for a wrong secret', async () => {
    const config = configOf('client_secret_post');
    const wrong = {
      refreshToken: await server.refreshToken('client_secret_post'),
      clientSecret: 'old',
    };
    expect(meaningOf(await refresh(config, wrong), config)).toBe('client-rejected');
    const right = await refresh(config, { ...wrong, clientSecret: CLIENT_SECRET });
    expect(right.judgement.kind).toBe('token');
  });
});
