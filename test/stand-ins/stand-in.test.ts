import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { klavi } from '../../src/providers/klavi.js';
import type { WireAnswer } from '../../src/providers/port.js';
import { createSend } from '../../src/providers/wire/send.js';
import { startStandIns, type StandIns } from '../../src/stand-ins/index.js';
import type { StandIn } from '../../src/stand-ins/stand-in.js';
import { noLookUp, wallNow } from '../providers/answer.js';
import {
  cutAfterWork,
  cutBeforeWork,
  delayed,
  hangAfterWork,
  replyWith,
} from '../support/provider-scripts.js';

let standIns: StandIns;
let standIn: StandIn;
beforeEach(async () => {
  standIns = await startStandIns({ lifetimeSeconds: 60 });
  standIn = standIns.of('klavi');
});
afterEach(() => standIns.close());

async function refresh(
  material: Readonly<Record<string, string>>,
  deadlineMs = 10_000,
): Promise<WireAnswer> {
  const request = await klavi
    .configure({ baseUrl: standIn.baseUrl })
    .prepare(material, noLookUp, wallNow);
  return createSend({ deadlineMs })(request);
}

describe('a stand-in', () => {
  it('lets spent material die at once when it rotates', async () => {
    const { material } = standIn.credential('c');
    expect((await refresh(material)).status).toBe(200);
    expect((await refresh(material)).status).toBe(401);
    expect(standIn.refreshes).toBe(1);
    expect(standIn.requests).toHaveLength(2);
    expect(standIn.spent).toEqual([material['accessToken']]);
  });

  it('accepts spent material for a grace window', async () => {
    standIn.rotation = { graceMs: 60_000 };
    const { material } = standIn.credential('c');
    expect((await refresh(material)).status).toBe(200);
    expect((await refresh(material)).status).toBe(200);
  });

  it('accepts spent material to its end where it does not rotate', async () => {
    standIn.rotation = 'none';
    const { material } = standIn.credential('c');
    await refresh(material);
    expect((await refresh(material)).status).toBe(200);
  });

  it('lets tokens expire', async () => {
    standIn.lifetimeSeconds = 0;
    expect((await refresh(standIn.credential('c').material)).status).toBe(401);
  });

  it('refuses everything after a revocation', async () => {
    const { material } = standIn.credential('c');
    standIn.revokeAll();
    expect((await refresh(material)).status).toBe(401);
  });

  it('answers as scripted, once, and spends nothing', async () => {
    const { material } = standIn.credential('c');
    standIn.answerNext(replyWith({ status: 503, headers: { 'retry-after': '7' }, body: '<html>' }));
    expect(standIn.scriptsLeft).toBe(1);
    expect(await refresh(material)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '7' },
      text: '<html>',
    });
    expect(standIn.scriptsLeft).toBe(0);
    expect((await refresh(material)).status).toBe(200);
  });

  it('cuts the connection with and without the work done', async () => {
    const { material } = standIn.credential('c');
    standIn.answerNext(cutBeforeWork());
    await expect(refresh(material)).rejects.toMatchObject({ code: 'connection_lost' });
    expect(standIn.refreshes).toBe(0);
    standIn.answerNext(cutAfterWork());
    await expect(refresh(material)).rejects.toMatchObject({ code: 'connection_lost' });
    expect(standIn.refreshes).toBe(1);
    expect((await refresh(material)).status).toBe(401);
  });

  it('hangs with the work done', async () => {
    const { material } = standIn.credential('c');
    standIn.answerNext(hangAfterWork());
    await expect(refresh(material, 300)).rejects.toMatchObject({ code: 'deadline_exceeded' });
    expect(standIn.refreshes).toBe(1);
  });

  it('answers late', async () => {
    const { material } = standIn.credential('c');
    standIn.answerNext(delayed(60_000));
    await expect(refresh(material, 300)).rejects.toMatchObject({ code: 'deadline_exceeded' });
    standIn.answerNext(delayed(1));
    const next = standIn.credential('d').material;
    expect((await refresh(next)).status).toBe(200);
  });

  it('starts credentials that differ', () => {
    const [first, second] = [standIn.credential('a'), standIn.credential('b')];
    expect(first.id).toBe('a');
    expect(first.material).not.toEqual(second.material);
  });
});

describe('the stand-ins', () => {
  it('are there for every built-in provider and for no other', () => {
    expect(standIns.all.map(({ provider }) => provider)).toEqual([
      'abitmedia',
      'klavi',
      'oauth2',
      'oracle-commerce',
      'tavio',
      'vmware-csp',
    ]);
    expect(() => standIns.of('nobody')).toThrow('no stand-in [provider=nobody]');
  });
});
