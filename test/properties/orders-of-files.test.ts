import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holds, PROPERTY_TIMEOUT_MS } from './cases.js';
import { type File, type Operation, WorldOfFiles } from './world-of-files.js';

const FIRST: Operation = { does: 'apply', file: { login: 0 } };

/** What an operation is, before it is known which logins there are by then. */
interface Draw {
  readonly does: Operation['does'] | 'return';
  /** Which of the logins that there are; one more is a new one. */
  readonly share: number;
  readonly isChanged: boolean;
  readonly bringsToken: boolean;
}

const draw: fc.Arbitrary<Draw> = fc.record({
  does: fc.constantFrom(
    'apply',
    'apply',
    'apply-unattended',
    // Always with a worker there: of a return that no journal has heard of, a lost database leaves no trace.
    'return',
    'refresh',
    'refresh',
    'terminate',
    'stop',
    'lose-database',
    'back-up',
    'restore-backup',
  ),
  share: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  isChanged: fc.boolean(),
  bringsToken: fc.boolean(),
});

function operationsOf(draws: readonly Draw[]): readonly Operation[] {
  let logins = 1;
  const operations = draws.map(({ does, share, isChanged, bringsToken }): Operation => {
    switch (does) {
      case 'return': {
        const file = { login: Math.floor(share * logins), isChanged, bringsToken };
        return { does: 'apply', file, returns: true };
      }
      case 'apply':
      case 'apply-unattended': {
        const login = Math.floor(share * (logins + 1));
        if (login === logins) logins += 1;
        return { does, file: { login, isChanged, bringsToken } };
      }
      default:
        return { does };
    }
  });
  return [FIRST, ...operations];
}

/** After all that happened, whoever has the newest file applies it; an older one of the settings may be told to be applied again. */
async function repaired(world: WorldOfFiles, file: File): Promise<string | undefined> {
  const outcome = await world.run({ does: 'apply', file });
  if (world.failureCode !== 'settings_replaced') return outcome;
  return world.run({ does: 'apply', file });
}

describe('whatever the order of files, resets and losses', () => {
  it(
    'no spent token is sent, and the newest file is taken and leads to its login',
    () =>
      holds(
        fc.asyncProperty(fc.array(draw, { maxLength: 9 }), async (draws) => {
          const world = new WorldOfFiles();
          for (const operation of operationsOf(draws)) await world.run(operation);
          const { newest } = world;
          if (newest === undefined) throw new Error('no file was taken');
          const outcome = await repaired(world, newest);
          expect(outcome).not.toContain('refused');
          await world.run({ does: 'refresh' });
          expect(world.violations).toEqual([]);
          expect(world.servedLogin).toBe(newest.login);
        }),
      ),
    PROPERTY_TIMEOUT_MS,
  );

  it('an old file after a loss of Temporal’s database does not lock the newest one out', async () => {
    const world = new WorldOfFiles();
    const newest = { login: 1, bringsToken: true };
    await world.run(FIRST);
    await world.run({ does: 'lose-database' });
    await world.run({ does: 'apply', file: newest });
    expect(await world.run(FIRST)).toBe('refused: replaced-login');
    expect(await world.run({ does: 'apply', file: newest })).toBe('unchanged');
  });

  it('a new login that waits for a worker is later than a file of the login that the journal has', async () => {
    const world = new WorldOfFiles();
    const newest = { login: 1, bringsToken: true };
    await world.run(FIRST);
    await world.run({ does: 'lose-database' });
    await world.run({ does: 'apply-unattended', file: newest });
    await world.run(FIRST);
    expect(await world.run({ does: 'apply', file: newest })).toBe('unchanged');
  });
});
