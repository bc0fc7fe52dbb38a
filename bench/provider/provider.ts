import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { LOOPBACK } from '../../src/contract/loopback.js';
import { firstRefreshToken } from './grants.js';
import type { FromProvider, ProviderOrder, ProviderRequest } from './messages.js';
import { seedJwt, type SeedToken } from './seed-jwt.js';
import { tokenPath, type TokenPath } from './token-path.js';

const MAIN = fileURLToPath(new URL('./provider-main.js', import.meta.url));

/** A credential as a credentials file has it. */
export interface BenchCredential {
  readonly id: string;
  readonly provider: 'oauth2';
  readonly config: Readonly<Record<string, string>>;
  readonly material: Readonly<Record<string, string>>;
  /** Options of its refreshes, as a credentials file has them. */
  readonly refresh?: { readonly lead: string };
}

/** How the tokens of a credential are granted. */
export interface CredentialOptions extends TokenPath {
  /** It comes with a token of this life; without it the first refresh is due at once. */
  readonly seed?: SeedToken;
}

/** An OAuth 2.0 provider on this machine that rotates strictly and counts, in a process of its own. */
export class BenchProvider {
  readonly baseUrl: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, baseUrl: string) {
    this.#child = child;
    this.baseUrl = baseUrl;
  }

  static async start(): Promise<BenchProvider> {
    const child = fork(MAIN, { stdio: 'inherit' });
    const { port } = await answer(child, (message) => ('port' in message ? message : undefined));
    return new BenchProvider(child, `http://${LOOPBACK}:${port}`);
  }

  /** Where tokens are granted so. */
  tokenEndpoint({ lifetimeSeconds }: TokenPath): string {
    return `${this.baseUrl}${tokenPath({ lifetimeSeconds })}`;
  }

  credential(id: string, options: CredentialOptions): BenchCredential {
    const { seed } = options;
    return {
      id,
      provider: 'oauth2',
      config: {
        clientId: 'bench',
        clientAuthentication: 'none',
        tokenEndpoint: this.tokenEndpoint(options),
      },
      material: {
        refreshToken: firstRefreshToken(id),
        ...(seed === undefined ? {} : { accessToken: seedJwt(seed) }),
      },
    };
  }

  /** Requests since the last call. */
  async takeRequests(): Promise<readonly ProviderRequest[]> {
    const found = answer(this.#child, (message) => ('requests' in message ? message : undefined));
    this.#order({ do: 'take-requests' });
    return (await found).requests;
  }

  /** How many tokens were granted since the last `takeRequests`. */
  async grantedCount(): Promise<number> {
    const found = answer(this.#child, (message) => ('count' in message ? message : undefined));
    this.#order({ do: 'count' });
    return (await found).count;
  }

  /** From now on at most so many requests a second are granted; what comes beyond is answered with 429. */
  cap(perSecond: number): void {
    this.#order({ do: 'cap', perSecond });
  }

  /** From now on a spent refresh token still answers for so long. */
  grace(ms: number): void {
    this.#order({ do: 'grace', ms });
  }

  /** From now on tokens are rotated and no request is answered, until `release`. */
  hold(): void {
    this.#order({ do: 'hold' });
  }

  /** Sends all answers that are held. */
  release(): void {
    this.#order({ do: 'release' });
  }

  /** Resolves as soon as so many more were granted, before the last of them is answered. */
  granted(count: number): Promise<unknown> {
    const found = answer(this.#child, (message) => ('watched' in message ? message : undefined));
    this.#order({ do: 'watch', count });
    // Whoever asks waits only later, and by then the provider may have ended.
    found.catch(() => undefined);
    return found;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }

  #order(order: ProviderOrder): void {
    // A question that was given up may still ask. Without a callback that would end the process.
    this.#child.send(order, () => undefined);
  }
}

/** The next message of one kind. Those who ask for the same kind at once share it. */
function answer<Kind>(
  child: ChildProcess,
  pick: (message: FromProvider) => Kind | undefined,
): Promise<Kind> {
  return new Promise((resolve, reject) => {
    if (!child.connected) throw new Error('the provider ended');
    const ended = (): void => reject(new Error('the provider ended'));
    const hear = (message: FromProvider): void => {
      const picked = pick(message);
      if (picked === undefined) return;
      child.off('message', hear).off('exit', ended);
      resolve(picked);
    };
    child.on('message', hear).once('exit', ended);
  });
}
