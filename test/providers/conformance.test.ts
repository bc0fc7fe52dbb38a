import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { classifyRefusal, type Verdict } from '../../src/policy/classify.js';
import { builtInProviders } from '../../src/providers/index.js';
import type { Judgement, Provider, WireAnswer } from '../../src/providers/port.js';
import { isSecretText } from '../../src/providers/wire/secret-text.js';
import { createSend } from '../../src/providers/wire/send.js';
import { startStandIns, type StandIns } from '../../src/stand-ins/index.js';
import type { StandIn } from '../../src/stand-ins/stand-in.js';
import type { StandInCredential } from '../../src/stand-ins/wire.js';
import { wallNow } from './answer.js';
import { DOCUMENTED_REQUESTS } from './documented-requests.js';
import { HOSTILE_BODIES, HOSTILE_STATUSES } from './hostile-answers.js';

const send = createSend({ deadlineMs: 10_000 });
/** What every HTTP client adds. */
const TRANSPORT_HEADERS = ['host', 'connection', 'content-length', 'accept-encoding', 'user-agent'];

let standIns: StandIns;
beforeAll(async () => {
  standIns = await startStandIns({ lifetimeSeconds: 60 });
});
afterAll(() => standIns.close());

async function refresh(provider: Provider, credential: StandInCredential): Promise<WireAnswer> {
  return send(
    await provider.configure(credential.config).prepare(credential.material, send, wallNow),
  );
}

function secretFields({ material }: Provider): readonly string[] {
  return Object.keys(material).filter((field) => material[field]?.isSecret);
}

/** A success of the provider's stand-in, to be damaged. */
async function success(
  provider: Provider,
): Promise<{ config: StandInCredential['config']; answer: WireAnswer }> {
  const credential = standIns.of(provider.name).credential('c');
  return { config: credential.config, answer: await refresh(provider, credential) };
}

function granted(judgement: Judgement): Extract<Judgement, { kind: 'token' }> {
  if (judgement.kind !== 'token') throw new Error('the answer holds no token');
  return judgement;
}

function verdictOf(
  provider: Provider,
  config: StandInCredential['config'],
  answer: WireAnswer,
  tokenHasExpired: boolean,
): Verdict {
  const judgement = provider.configure(config).judge(answer);
  if (judgement.kind === 'token') throw new Error('the answer holds a token');
  return classifyRefusal(
    { status: answer.status, ...judgement },
    {
      codes: provider.configure(config).codes,
      spendsAccessToken: provider.spendsToken,
      tokenHasExpired,
    },
  );
}

/** An answer in which another value stands wherever one stood, under whatever name the provider gives it. */
function withValue(
  answer: WireAnswer,
  old: unknown,
  value: unknown,
  more: object = {},
): WireAnswer {
  const body = z.record(z.string(), z.unknown()).parse(JSON.parse(answer.text));
  const damaged = Object.entries(body).map(([key, stood]) => [key, stood === old ? value : stood]);
  return { ...answer, text: JSON.stringify({ ...Object.fromEntries(damaged), ...more }) };
}

describe.each(builtInProviders.map((provider) => ({ provider, name: provider.name })))(
  '$name',
  ({ provider, name }) => {
    const standIn = (): StandIn => standIns.of(name);

    it('makes exactly the documented request', async () => {
      const credential = standIn().credential('c');
      await refresh(provider, credential);
      const received = standIn().requests.at(-1);
      const headers = Object.entries(received?.headers ?? {}).filter(
        ([header]) => !TRANSPORT_HEADERS.includes(header),
      );
      expect({ ...received, headers: Object.fromEntries(headers) }).toEqual(
        DOCUMENTED_REQUESTS[name]?.(credential),
      );
    });

    it('is granted tokens again and again, each by the material that the last one left', async () => {
      const { config, material, ...rest } = standIn().credential('c');
      const first = granted(
        provider.configure(config).judge(await refresh(provider, { config, material, ...rest })),
      );
      const next = { ...material, ...first.replacedMaterial };
      const second = granted(
        provider
          .configure(config)
          .judge(await refresh(provider, { ...rest, config, material: next })),
      );
      expect(first.tokenType).toBe('Bearer');
      expect(Number(first.lifetime)).toBe(60);
      expect(second.value).not.toBe(first.value);
    });

    it('spends the field that it names', async () => {
      const credential = standIn().credential('c');
      await refresh(provider, credential);
      expect(standIn().spent.at(-1)).toBe(credential.material[provider.spentField]);
    });

    it('replaces only material fields of its own, each of which takes a literal only', async () => {
      const { config, answer } = await success(provider);
      for (const field of Object.keys(
        granted(provider.configure(config).judge(answer)).replacedMaterial,
      )) {
        expect(provider.material[field]?.isReplaced).toBe(true);
        expect(provider.material[field]?.isSecret).toBe(true);
      }
    });

    it.each([
      ['leaves out', undefined],
      ['empties', ''],
      ['nulls', null],
      ['breaks', 'a\nb'],
    ])('keeps the refresh token when the answer %s it', async (_, value) => {
      const { config, answer } = await success(provider);
      const before = granted(provider.configure(config).judge(answer)).replacedMaterial;
      const more = { refresh_token: value, refreshToken: value };
      const without = withValue(answer, before['refreshToken'] ?? '', value, more);
      const { replacedMaterial } = granted(provider.configure(config).judge(without));
      expect(Object.keys(replacedMaterial)).not.toContain('refreshToken');
    });

    it.each([null, '', 'zzz', {}, -1, 0, '3600', undefined])(
      'hands over the token whatever its lifetime says: %j',
      async (lifetime) => {
        const { config, answer } = await success(provider);
        const before = granted(provider.configure(config).judge(answer)).lifetime;
        const said = withValue(answer, before, lifetime);
        expect(granted(provider.configure(config).judge(said)).lifetime).toEqual(lifetime);
      },
    );

    it.each(['', ' ', 'a\r\nb', 'a\u0000', 5, null, {}, ['a']])(
      'refuses an answer whose token is %j',
      async (value) => {
        const { config, answer } = await success(provider);
        const token = granted(provider.configure(config).judge(answer)).value;
        const damaged = withValue(answer, token, value);
        expect(provider.configure(config).judge(damaged).kind).toBe('refusal');
      },
    );

    it('refuses a token under a status that is no success', async () => {
      const { config, answer } = await success(provider);
      expect(provider.configure(config).judge({ ...answer, status: 201 }).kind).toBe('token');
      for (const status of [302, 400, 401, 500]) {
        expect(provider.configure(config).judge({ ...answer, status }).kind).toBe('refusal');
      }
    });

    it('refuses a truncated answer', async () => {
      const { config, answer } = await success(provider);
      const text = answer.text.slice(0, -1);
      expect(provider.configure(config).judge({ ...answer, text })).toEqual({
        kind: 'refusal',
        shape: 'foreign',
      });
    });

    it('sees that dead material is dead, and a refusal also under status 200', async () => {
      const credential = standIn().credential('c');
      standIn().revokeAll();
      const answer = await refresh(provider, credential);
      expect(provider.configure(credential.config).judge(answer)).toMatchObject({
        shape: 'documented',
      });
      expect(verdictOf(provider, credential.config, answer, true).meaning).toBe('permanent');
      const asSuccess = provider.configure(credential.config).judge({ ...answer, status: 200 });
      expect(asSuccess).toMatchObject({ kind: 'refusal', shape: 'documented' });
    });

    it.each([200, 400, 404, 502])('takes HTML under status %i for a gateway’s', async (status) => {
      const { config } = standIn().credential('c');
      const text = HOSTILE_BODIES['HTML'] ?? '';
      const answer = { status, headers: { 'content-type': 'text/html' }, text };
      expect(provider.configure(config).judge(answer)).toEqual({
        kind: 'refusal',
        shape: 'foreign',
      });
      expect(verdictOf(provider, config, answer, true).meaning).not.toBe('permanent');
    });

    it.each(Object.keys(HOSTILE_BODIES))('bears any status with a body of %s', (kind) => {
      const { config } = standIn().credential('c');
      for (const status of HOSTILE_STATUSES) {
        const answer = { status, headers: {}, text: HOSTILE_BODIES[kind] ?? '' };
        const judgement = provider.configure(config).judge(answer);
        expect(judgement.kind).toBe('refusal');
        const { code } = verdictOf(provider, config, answer, true);
        const { permanent, transient, clientRejected } = provider.configure(config).codes;
        const listed = [...permanent, ...transient, ...clientRejected];
        const ours = /^(http_\d{3}|\d{1,8}|no_token_in_answer|beyond_renewal)$/;
        expect(listed.includes(code) || ours.test(code)).toBe(true);
      }
    });

    it('puts no secret into the address', async () => {
      const { config, material } = standIn().credential('c');
      const { url } = await provider.configure(config).prepare(material, send, wallNow);
      for (const field of secretFields(provider)) {
        if (material[field] !== undefined) expect(url).not.toContain(material[field]);
      }
    });

    it('refuses unknown keys by name and says nothing of their values', () => {
      const { config, material } = standIn().credential('c');
      const refusals = [
        provider.configSchema.safeParse({ ...config, surplus: 'CANARY' }).error?.message,
        provider.materialSchema.safeParse({ ...material, surplus: 'CANARY' }).error?.message,
      ];
      for (const message of refusals) {
        expect(message).toContain('surplus');
        expect(message).not.toContain('CANARY');
      }
    });

    it('reads its configuration the same with defaults and without', () => {
      const { config } = standIn().credential('c');
      const read = provider.configSchema.parse(config);
      expect(provider.configSchema.parse(read)).toEqual(read);
      expect(provider.configure(read).rotates).toBe(provider.configure(config).rotates);
    });

    it('needs fields that it knows, and names its secrets', () => {
      const { config, material } = standIn().credential('c');
      expect(Object.keys(material)).toEqual(
        expect.arrayContaining([...provider.configure(config).requiredFields]),
      );
      expect(provider.material[provider.spentField]?.isSecret).toBe(true);
      expect(isSecretText(provider.name)).toBe(true);
    });

    it('describes every key of its configuration, material and answer', () => {
      const schemas = [provider.configSchema, provider.materialSchema, provider.responseSchema];
      for (const schema of schemas) {
        const { properties } = z.toJSONSchema(schema, { io: 'input' });
        for (const [key, property] of Object.entries(properties ?? {})) {
          expect(property, key).toHaveProperty('description');
        }
      }
    });
  },
);
