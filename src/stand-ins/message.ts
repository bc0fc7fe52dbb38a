/** A request as a stand-in received it. */
export interface StandInRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a stand-in does with a request. */
export interface StandInReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Milliseconds until the reply goes out; 0 without it. */
  readonly delayMs?: number;
  /** `cut`: the connection ends without an answer. `hang`: it stays open without one. */
  readonly lost?: 'cut' | 'hang';
}

/** A reply in JSON, as every provider writes them. */
export function jsonReply(status: number, body: unknown): StandInReply {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** What a gateway in front of a provider answers for an address that nobody serves. */
export function notServed(): StandInReply {
  return {
    status: 404,
    headers: { 'content-type': 'text/html' },
    body: '<html><body><h1>404 Not Found</h1></body></html>',
  };
}

/** Whether a request has this method and path, with or without a query. */
export function isFor(request: StandInRequest, method: string, path: string): boolean {
  return request.method === method && request.url.split('?')[0] === path;
}

/** The token that a request presents in its Authorization header; empty without one. */
export function bearerOf(request: StandInRequest): string {
  return /^Bearer (\S+)$/.exec(request.headers['authorization'] ?? '')?.[1] ?? '';
}

/** Whether the body is of this content type, with or without parameters. */
export function hasContentType(request: StandInRequest, type: string): boolean {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim() === type;
}
