import { describe, expect, it } from 'vitest';
import {
  openRecordedJournal,
  type RecordedCredential,
  recordedJournals,
} from '../support/recorded-journals.js';
import {
  abitmediaRefusal,
  abitmediaTokens,
  RefreshRig,
  SCHEDULED_AT,
} from '../support/refresh-rig.js';

/** Scheduled once the server had heard nothing of the attempt before. */
const NEXT = { scheduledAt: SCHEDULED_AT + 9_000 };
const LATER = { scheduledAt: SCHEDULED_AT + 60_000 };

describe.each(recordedJournals())('what version %s left in the journal', (version) => {
  /** The current activity over one entry of that journal. */
  async function rigWith(credentialId: RecordedCredential): Promise<RefreshRig> {
    const entry = await (await openRecordedJournal(version)).read(credentialId);
    if (entry === undefined) throw new Error(`nothing was recorded [${credentialId}]`);
    const rig = new RefreshRig();
    rig.journal.entries.set('acme/shop', entry);
    return rig;
  }

  it('completes a refresh whose answer it holds, without a request', async () => {
    const rig = await rigWith('recorded/answered');
    expect(await rig.attempt({}, LATER)).toMatchObject({
      generation: 6,
      token: { value: 'access-6', scope: 'read', extras: { region: 'eu' } },
      replacedMaterial: { refreshToken: 'refresh-6' },
    });
    expect(rig.sent).toEqual([]);
  });

  it('makes an attempt wait for a request that may be on the way, and doubt it afterwards', async () => {
    const rig = await rigWith('recorded/lost');
    rig.answer = abitmediaRefusal;
    expect(await rig.failure({}, NEXT)).toMatchObject({ type: 'AwaitingAnswerError' });
    expect(rig.sent).toEqual([]);
    const { details } = await rig.failure({}, LATER);
    expect(details[0].code).toBe('outcome_unknown');
  });

  it('holds an attempt back as long as the provider asked', async () => {
    const rig = await rigWith('recorded/held-back');
    expect(await rig.failure({}, LATER)).toMatchObject({ type: 'RetryAfterHoldError' });
    expect(rig.sent).toEqual([]);
  });

  it('lets an attempt go on after an answer that was not believed', async () => {
    const rig = await rigWith('recorded/unconfirmed');
    rig.answer = () => abitmediaTokens(6);
    expect(await rig.attempt({}, LATER)).toMatchObject({ generation: 6 });
  });
});
