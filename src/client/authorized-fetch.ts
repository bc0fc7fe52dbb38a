import { isSecretSafe } from '../providers/wire/destination.js';
import type { AccessToken } from './access-token.js';

/** What the request takes its tokens from; `TokenClient` is one. */
interface TokenSource {
  get(id: string, options: { readonly signal?: AbortSignal }): Promise<AccessToken>;
  refresh(
    id: string,
    options: { readonly signal?: AbortSignal; readonly afterGeneration: number },
  ): Promise<AccessToken>;
}

/** Sends a request with the credential's token; see `TokenClient.fetch`. */
export async function authorizedFetch(
  tokens: TokenSource,
  id: string,
  input: string | URL | Request,
  init: RequestInit,
): Promise<Response> {
  refuseOpenDestination(input);
  const signal = signalOf(input, init);
  const options = signal === undefined ? {} : { signal };
  const first = await tokens.get(id, options);
  const response = await send(input, init, first);
  if (response.status !== 401) return response;
  const second = await tokens
    .refresh(id, { ...options, afterGeneration: first.generation })
    .catch(() => undefined);
  signal?.throwIfAborted();
  // Without a fresh token, or with a body that is spent, the 401 is the truth that the caller gets.
  if (second === undefined || !canBeSentAgain(input, init)) return response;
  // It may have broken off meanwhile, which is nobody's loss.
  await response.body?.cancel().catch(() => undefined);
  return send(input, init, second);
}

/** As `fetch` reads it: what is said beside a request counts in place of what the request says, also if it says none. */
function signalOf(input: string | URL | Request, init: RequestInit): AbortSignal | undefined {
  if (init.signal !== undefined) return init.signal ?? undefined;
  return input instanceof Request ? input.signal : undefined;
}

function send(
  input: string | URL | Request,
  init: RequestInit,
  { token, tokenType }: AccessToken,
): Promise<Response> {
  const headers = new Headers(init.headers ?? (input instanceof Request ? input.headers : {}));
  headers.set('authorization', `${schemeOf(tokenType)} ${token}`);
  return fetch(input, { ...init, headers });
}

/** Providers write `bearer` in any case; servers that compare exactly want `Bearer` (RFC 6750, section 2.1). */
function schemeOf(tokenType: string): string {
  return tokenType.toLowerCase() === 'bearer' ? 'Bearer' : tokenType;
}

function canBeSentAgain(input: string | URL | Request, init: RequestInit): boolean {
  if (input instanceof Request && input.body !== null) return false;
  return (
    init.body === undefined ||
    init.body === null ||
    !(typeof init.body === 'object' && isStream(init.body))
  );
}

/** Undici takes streams and async iterables, which can be read once. */
function isStream(body: object): boolean {
  const isBuffered =
    body instanceof Blob ||
    body instanceof FormData ||
    body instanceof URLSearchParams ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body);
  return !isBuffered;
}

function refuseOpenDestination(input: string | URL | Request): void {
  const url = new URL(input instanceof Request ? input.url : input);
  if (!isSecretSafe(url)) {
    throw new TypeError(
      `a token is sent only by https, or to loopback, and to no address with a user name or password [host=${url.host}]`,
    );
  }
}
