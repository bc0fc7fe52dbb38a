import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LateRecord, LateRecords } from '../../src/activities/late-records.js';
import {
  LATE_RECORD_FOR_MS,
  LATE_RECORD_MAX_MS,
  LATE_RECORDS_CLOSE_MS,
} from '../../src/policy/attempt-numbers.js';
import { MemoryJournal } from '../support/memory-journal.js';
import {
  abitmediaTokens,
  answerOf,
  journalEntry,
  LOGIN,
  OAUTH2,
  RefreshRig,
  SCHEDULED_AT,
} from '../support/refresh-rig.js';

const ID = 'acme/shop';
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A rig whose journal takes the intent of the first request and nothing after it. */
function rigWithFullDisk(answer = abitmediaTokens(6)): RefreshRig {
  const rig = new RefreshRig();
  rig.journal.writesLeft = 1;
  rig.answer = () => answer;
  return rig;
}

/** The disk has room again, and what waits for that has had time to notice. */
async function repaired(rig: RefreshRig): Promise<void> {
  rig.journal.writesLeft = Number.POSITIVE_INFINITY;
  await vi.advanceTimersByTimeAsync(LATE_RECORD_MAX_MS);
}

describe('an answer that could not be journaled', () => {
  it('is in the journal once that can be written again', async () => {
    const rig = rigWithFullDisk();
    const result = await rig.attempt();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(rig.journal.entries.get(ID)).not.toHaveProperty('answer');
    await repaired(rig);
    expect(rig.journal.entries.get(ID)).toEqual(journalEntry({ answer: result }));
  });

  it('is there also if it brought a refresh token and no access token, which the next attempt then spends', async () => {
    const rig = rigWithFullDisk(
      answerOf(200, { token_type: 'Bearer', refresh_token: 'refresh-6' }),
    );
    const worker = rig.worker();
    await rig.failure(OAUTH2, {}, undefined, worker);
    await repaired(rig);
    expect(rig.journal.entries.get(ID)).toMatchObject({
      successor: { of: LOGIN, replacedMaterial: { refreshToken: 'refresh-6' } },
    });
    rig.answer = () => answerOf(200, { access_token: 'access-6', expires_in: 3_600 });
    const later = { attempt: 2, scheduledAt: SCHEDULED_AT + 60_000 };
    await rig.attempt(OAUTH2, later, undefined, worker);
    expect(rig.sent.at(-1)?.body).toContain('refresh_token=refresh-6');
  });

  it('does not bring back an entry that was removed meanwhile', async () => {
    const rig = rigWithFullDisk();
    await rig.attempt();
    await rig.journal.remove(ID);
    await repaired(rig);
    expect(rig.journal.entries.size).toBe(0);
    expect(rig.logged.join()).toContain('its entry was removed');
  });

  it('does not bring a forgotten login back into the entry of a new one', async () => {
    const rig = rigWithFullDisk();
    await rig.attempt();
    const anew = journalEntry({ lineage: 'another-login' });
    rig.journal.entries.set(ID, anew);
    await repaired(rig);
    expect(rig.journal.entries.get(ID)).toEqual(anew);
  });

  it('lets no other attempt of its worker send until it is there, and that one finds it', async () => {
    const rig = rigWithFullDisk();
    const worker = rig.worker();
    const result = await rig.attempt({}, {}, undefined, worker);
    expect(await rig.failure({}, { attempt: 2 }, undefined, worker)).toMatchObject({
      type: 'JournalUnavailableError',
      nonRetryable: false,
      details: [{ code: 'answer_not_recorded' }],
    });
    // The keeper learns that it lasts, and which journal knows of the request.
    expect(rig.delaysTold).toHaveLength(1);
    await repaired(rig);
    expect(await rig.attempt({}, { attempt: 3 }, undefined, worker)).toEqual(result);
    expect(rig.sent).toHaveLength(1);
  });

  it('holds up no other credential', async () => {
    const rig = rigWithFullDisk();
    const worker = rig.worker();
    await rig.attempt({}, {}, undefined, worker);
    rig.journal.writesLeft = Number.POSITIVE_INFINITY;
    const other = { credentialId: 'acme/other' };
    expect(await rig.attempt(other, {}, undefined, worker)).toMatchObject({ generation: 6 });
  });

  it('says once that it is not there and once that it is, without a secret', async () => {
    const rig = rigWithFullDisk();
    await rig.attempt();
    await vi.advanceTimersByTimeAsync(60_000);
    await repaired(rig);
    const lines = rig.logged.filter((line) => line.includes('outcome of a refresh'));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('"level":"warn","message":"outcome of a refresh could not be');
    expect(lines[1]).toContain('"level":"info","message":"outcome of a refresh is journaled now"');
    expect(rig.logged.join()).not.toMatch(/refresh-6|access-6/);
  });

  it('is given up after a while, with a warning, so that an entry that cannot be written holds nothing up for good', async () => {
    const rig = rigWithFullDisk();
    const worker = rig.worker();
    await rig.attempt({}, {}, undefined, worker);
    await vi.advanceTimersByTimeAsync(LATE_RECORD_FOR_MS - LATE_RECORD_MAX_MS);
    expect(rig.logged.join()).not.toContain('never journaled');
    await vi.advanceTimersByTimeAsync(2 * LATE_RECORD_MAX_MS);
    expect(rig.logged.join()).toContain('outcome of a refresh was never journaled');
    await repaired(rig);
    expect(rig.journal.entries.get(ID)).not.toHaveProperty('answer');
    const next = await rig.failure({}, { attempt: 2 }, undefined, worker);
    expect(next.nextRetryDelay).not.toBe(LATE_RECORD_MAX_MS);
  });
});

describe('a worker that stops while an answer is not journaled', () => {
  /** A journal that holds an entry and takes no other. */
  function fullJournal(): MemoryJournal {
    const journal = new MemoryJournal();
    journal.entries.set(ID, journalEntry());
    journal.writesLeft = 0;
    return journal;
  }

  function record(application: number, logged: string[] = []): LateRecord {
    return {
      credentialId: ID,
      lineage: LOGIN,
      subject: 'outcome',
      change: (held) => held && { ...held, application: held.application + application },
      log: (level, message) => logged.push(`${level} ${message}`),
    };
  }

  it('tries at once, before the journal is closed', async () => {
    const journal = fullJournal();
    const late = new LateRecords(journal);
    late.add(record(1));
    await vi.advanceTimersByTimeAsync(60_000);
    journal.writesLeft = 1;
    await late.close();
    expect(journal.entries.get(ID)).toEqual(journalEntry({ application: 1_001 }));
  });

  it('writes what is pending of one credential in the order in which it came', async () => {
    const journal = fullJournal();
    const late = new LateRecords(journal);
    late.add(record(1));
    late.add(record(10));
    journal.writesLeft = 2;
    const closed = late.close();
    await vi.advanceTimersByTimeAsync(LATE_RECORDS_CLOSE_MS);
    await closed;
    expect(journal.writes.map(({ application }) => application)).toEqual([1_001, 1_011]);
    expect(late.isPending(ID)).toBe(false);
  });

  it('goes on trying for seconds only, and leaves the journal alone then', async () => {
    const journal = fullJournal();
    const late = new LateRecords(journal);
    const logged: string[] = [];
    late.add(record(1, logged));
    const closed = late.close();
    await vi.advanceTimersByTimeAsync(LATE_RECORDS_CLOSE_MS);
    await closed;
    const onUpdate = vi.fn();
    journal.onUpdate = onUpdate;
    await vi.advanceTimersByTimeAsync(LATE_RECORD_FOR_MS);
    expect(onUpdate).not.toHaveBeenCalled();
    expect(logged).toEqual(['warn outcome was never journaled']);
  });
});
