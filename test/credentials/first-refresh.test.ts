import { describe, expect, it } from 'vitest';
import type { CredentialSpec } from '../../src/contract/credential.js';
import { resolveCredential } from '../../src/credentials/resolve-credential.js';
import { startingState } from '../../src/policy/beginning.js';
import { LEAD_JITTER_SHARE } from '../../src/policy/attempt-numbers.js';
import { builtInProviders } from '../../src/providers/index.js';
import { createProviderRegistry } from '../../src/providers/registry.js';

const MINUTE_MS = 60_000;
/** What the keeper's clock says when it starts. */
const NOW_MS = Date.parse('2026-11-20T20:00:00Z');

/** A credential whose token spends itself, as whoever applies it makes it by a clock that may be wrong. */
function applied(leftMs: number, clockWrongByMs: number): CredentialSpec {
  const resolved = resolveCredential(
    {
      id: 'acme/klavi',
      provider: 'klavi',
      config: { baseUrl: 'https://api-sandbox.klavi.ai' },
      material: { accessToken: 'token-1', expiresAt: new Date(NOW_MS + leftMs).toISOString() },
      refresh: {},
    },
    {
      providers: createProviderRegistry(builtInProviders),
      env: {},
      readSecretFile: () => undefined,
      nowMs: NOW_MS + clockWrongByMs,
    },
  );
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  return resolved.value;
}

/** Milliseconds from the keeper's start to its first refresh. */
function firstRefreshMs(spec: CredentialSpec): number {
  const request = { spec, application: 1, useSearchAttributes: false };
  return startingState(request, NOW_MS).nextRefreshAtMs - NOW_MS;
}

describe('the first refresh of a token that came with the file', () => {
  it.each([-60, -10, 0, 10, 60].flatMap((wrong) => [8, 15, 60].map((left) => [wrong, left])))(
    'is at half of its life by the keeper’s clock, with one that is wrong by %d min and %d min left',
    (wrongMin = 0, leftMin = 0) => {
      const leftMs = leftMin * MINUTE_MS;
      const firstMs = firstRefreshMs(applied(leftMs, wrongMin * MINUTE_MS));
      expect(firstMs).toBeGreaterThanOrEqual(leftMs / 2);
      expect(firstMs).toBeLessThanOrEqual((leftMs / 2) * (1 + LEAD_JITTER_SHARE));
    },
  );

  it('is at another moment for each credential that is applied at once', () => {
    const moments = Array.from({ length: 20 }, () => firstRefreshMs(applied(60 * MINUTE_MS, 0)));
    expect(new Set(moments).size).toBeGreaterThan(10);
  });

  it('is at once where the token has expired, whatever the clock of whoever applied it says', () => {
    for (const wrongMin of [-60, 0, 60]) {
      expect(firstRefreshMs(applied(-MINUTE_MS, wrongMin * MINUTE_MS))).toBeLessThanOrEqual(0);
    }
  });
});
