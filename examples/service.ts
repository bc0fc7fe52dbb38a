/**
 * A service that calls an API with a token that evertoken keeps fresh. It needs TEMPORAL_* for the server, and
 * EVERTOKEN_READER_KEYS as `evertoken keys reader --scope acme/` prints them: they open tokens below acme/ and no more.
 */
import { createServer } from 'node:http';
import { connectTokens, TokenError } from 'evertoken';

const CREDENTIAL = 'acme/klavi';
const API = 'https://api-sandbox.klavi.ai/data/v1/accounts';

// One client for the whole process: it keeps tokens in memory and asks once for all requests that wait.
const tokens = await connectTokens();

const server = createServer((_request, response) => {
  accounts().then(
    ({ status, body }) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(body),
    (error: unknown) => response.writeHead(statusOf(error)).end(),
  );
});
server.listen(3000);

/** `fetch` adds the token; on a 401 it forces one refresh and tries once more. Other failures of the API are its answer. */
async function accounts(): Promise<{ readonly status: number; readonly body: string }> {
  const answer = await tokens.fetch(CREDENTIAL, API, { signal: AbortSignal.timeout(15_000) });
  return { status: answer.ok ? 200 : 502, body: answer.ok ? await answer.text() : '' };
}

function statusOf(error: unknown): number {
  if (!(error instanceof TokenError)) return 500;
  switch (error.code) {
    case 'NOT_FRESH_IN_TIME':
    case 'UNAVAILABLE':
      return 503; // it may work in a moment
    case 'NOT_FOUND':
    case 'PERMANENTLY_FAILED':
    case 'UNDECIPHERABLE':
      process.stderr.write(`${error.message}\n`); // somebody has to do something; the message says what
      return 502;
  }
}

process.once('SIGTERM', () => {
  // Requests that are under way may still need tokens.
  server.close(() => void tokens.close());
});
