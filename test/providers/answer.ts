import type { WireAnswer } from '../../src/providers/port.js';

/** An answer with a JSON body, or with a text as it is. */
export function answer(
  status: number,
  body: unknown,
  contentType = 'application/json',
): WireAnswer {
  return {
    status,
    headers: { 'content-type': contentType },
    text: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

/** A look-up that must not happen. */
export function noLookUp(): Promise<WireAnswer> {
  return Promise.reject(new Error('a look-up was made'));
}

/** The time of this process. */
export function wallNow(): Promise<number> {
  return Promise.resolve(Date.now());
}
