import { expect, it } from 'vitest';
import { createLogger } from '../../src/telemetry/logger.js';
import { createTemporalLogger } from '../../src/telemetry/temporal-logger.js';

it('says nothing of the half that each of our workers does without, and all else that the SDK says', () => {
  const lines: string[] = [];
  const logger = createTemporalLogger(
    createLogger({ logLevel: 'trace' }, { write: (line) => lines.push(line) }),
  );
  logger.warn('No workflows registered, not polling for workflow tasks');
  logger.log('WARN', 'No activities registered, not polling for activity tasks');
  logger.info('No Nexus services registered, not polling for Nexus tasks');
  expect(lines).toEqual([]);
  logger.warn('Failed to poll, the server is away');
  logger.log('ERROR', 'Worker failed');
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
    'Failed to poll, the server is away',
    'Worker failed',
  ]);
});

it.each([
  [
    'Error while processing ActivityTask.start: CANARY is not valid JSON',
    'Error while processing ActivityTask.start',
  ],
  [
    'shutdown_worker rpc errored during worker shutdown: Status { code: Unauthenticated, message: "CANARY" }',
    'shutdown_worker rpc errored during worker shutdown',
  ],
  [
    'Workflow processing encountered fatal error and must shut down TonicError(Status { message: "CANARY" })',
    'Workflow processing encountered fatal error and must shut down',
  ],
])('leaves out of a line what it quotes of an error: %s', (said, told) => {
  const lines: string[] = [];
  const logger = createTemporalLogger(
    createLogger({ logLevel: 'trace' }, { write: (line) => lines.push(line) }),
  );
  logger.error(said);
  expect(JSON.parse(lines.join(''))).toMatchObject({ msg: told });
});
