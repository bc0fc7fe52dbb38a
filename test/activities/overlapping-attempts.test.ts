import { describe, expect, it } from 'vitest';
import { RUNNING_ATTEMPT_LOOK_MS } from '../../src/policy/attempt-numbers.js';
import { abitmediaTokens, RefreshRig } from '../support/refresh-rig.js';

describe('an attempt that begins while another one of its worker runs', () => {
  it('sends nothing and comes back for the answer', async () => {
    const rig = new RefreshRig();
    let letAnswer: () => void = () => undefined;
    const mayAnswer = new Promise<void>((resolve) => (letAnswer = resolve));
    const isSent = new Promise<void>((resolve) => {
      rig.answer = async () => {
        resolve();
        await mayAnswer;
        return abitmediaTokens(6);
      };
    });
    const worker = rig.worker();
    const first = rig.attempt({}, {}, undefined, worker);
    await isSent;
    expect(await rig.failure({}, { attempt: 12 }, undefined, worker)).toMatchObject({
      type: 'AwaitingAnswerError',
      nonRetryable: false,
      nextRetryDelay: RUNNING_ATTEMPT_LOOK_MS,
    });
    letAnswer();
    const answer = await first;
    expect(await rig.attempt({}, { attempt: 13 }, undefined, worker)).toEqual(answer);
    expect(rig.sent).toHaveLength(1);
  });

  it('is not held up by a refresh of another credential', async () => {
    const rig = new RefreshRig();
    const worker = rig.worker();
    rig.answer = async () => {
      rig.answer = () => abitmediaTokens(6);
      await rig.attempt({ credentialId: 'acme/other' }, {}, undefined, worker);
      return abitmediaTokens(6);
    };
    expect(await rig.attempt({}, {}, undefined, worker)).toMatchObject({ generation: 6 });
    expect(rig.sent).toHaveLength(2);
  });
});
