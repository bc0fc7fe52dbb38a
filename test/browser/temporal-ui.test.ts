import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tokenQuery } from '../../src/contract/message-definitions.js';
import { keeperWorkflowId } from '../../src/contract/names.js';
import { findOnPath } from '../../src/dev-server/child-process.js';
import { formsFound } from '../support/marker.js';
import { replyWith } from '../support/provider-scripts.js';
import { forceRequest } from '../support/requests.js';
import { TemporalUiRig } from './temporal-ui-rig.js';

const WORKFLOWS = '/namespaces/default/workflows';
/** For the first page of a browser on a loaded machine. */
const LIMIT_MS = 60_000;
/** Below the limit of a test, so that the text that is missing is named. */
const TEXT_LIMIT_MS = 25_000;
/** More 503s than attempts that are made while the tests run. */
const OUTAGE_ATTEMPTS = 30;

const chromiumPath = await findOnPath('chromium');
const title =
  chromiumPath === undefined
    ? 'the Temporal UI, not opened here [chromium is not on PATH]: the tests of the codec server still cover it'
    : 'the Temporal UI';

describe.skipIf(chromiumPath === undefined)(title, { timeout: LIMIT_MS }, () => {
  const fresh = 'ui/fresh';
  const failed = 'ui/failed';
  const retrying = 'ui/retrying';
  const secrets = new Set<string>();
  let rig: TemporalUiRig;
  let page: Page;

  beforeAll(async () => {
    rig = await TemporalUiRig.open(chromiumPath ?? '');
    await keep('vmware-csp', failed, () => rig.stack.standIns.of('vmware-csp').revokeAll());
    const down = rig.stack.standIns.of('oauth2');
    for (let attempt = 0; attempt < OUTAGE_ATTEMPTS; attempt += 1) {
      down.answerNext(replyWith({ status: 503 }));
    }
    await keep('oauth2', retrying);
    await keep('abitmedia', fresh);
    await refreshed(1);
    await rig.keepers.forceRefresh(fresh, forceRequest());
    await refreshed(2);
    page = await rig.page({ codec: true });
  }, 180_000);

  afterAll(() => rig.close());

  it('lists the keepers of one status', async () => {
    await page.goto(`${WORKFLOWS}?query=${encodeURIComponent('`EvertokenStatus`="failed"')}`);
    await shows('1 Workflow', keeperWorkflowId(failed));
    expect(await page.locator('main').innerText()).not.toContain(keeperWorkflowId(fresh));
  });

  it('tells on the timeline of a keeper what each timer and activity is for', async () => {
    await page.goto(`${await addressOf(fresh)}/history`);
    await shows(
      `next refresh of ${fresh}`,
      `refresh ${fresh} after generation 0 (due)`,
      `refresh ${fresh} after generation 1 (forced)`,
    );
  });

  it('shows the input of a keeper through the codec server, its secrets hidden', async () => {
    await page.goto(`${await addressOf(fresh)}/history`);
    await shows(`"id": "${fresh}"`, '"refreshToken": "[secret]"');
  });

  it('answers the token query with everything but the token', async () => {
    await page.goto(`${await addressOf(fresh)}/history`);
    await page.getByRole('tab', { name: 'Queries' }).click();
    await page.getByTestId('query-select-button').click();
    await page.getByRole('option', { name: 'the current token' }).click();
    await page.getByRole('button', { name: 'Run Query' }).click();
    await shows('"status": "fresh"', '"generation": 2', '"value": "[secret]"', '"expiresAtMs": ');
  });

  it('says why a keeper failed and what to do', async () => {
    await page.goto(`${await addressOf(failed)}/history`);
    await shows(
      'no token [provider=vmware-csp, code=invalid_grant, status=400]',
      `evertoken reauthorize ${failed} -f FILE`,
      '"apiToken": "[secret]"',
    );
    await page.goto(`${await addressOf(failed)}/user-metadata`);
    // The first frame holds the summary.
    const details = page.locator('iframe').nth(1).contentFrame();
    await details.getByText('PermanentRefreshError').waitFor({ timeout: TEXT_LIMIT_MS });
    await keepText(page);
  });

  it('says how an outage goes on: attempts, the last failure and the next retry', async () => {
    await page.goto(`${await addressOf(retrying)}/pending-activities`);
    await shows(
      'of Unlimited',
      'Next Retry',
      'no token [provider=oauth2, code=http_503, status=503]',
    );
  });

  it('shows no content without the codec server', async () => {
    const anybody = await rig.page({ codec: false });
    await anybody.goto(`${await addressOf(failed)}/history`);
    const sealed = Buffer.from('binary/encrypted').toString('base64');
    await shown(anybody, 'Codec Server could not connect', 'Encoded failure', sealed);
    await keepText(anybody);
    expect(await anybody.locator('main').innerText()).not.toContain('invalid_grant');
  });

  it('never gets a secret, on no page and in no answer, with the codec server or without it', async () => {
    await page.goto(`${await addressOf(fresh)}/user-metadata`);
    await shows(`refresh ${fresh} after generation 0 (due)`);
    const { token } = await rig.stack.client.workflow
      .getHandle(keeperWorkflowId(fresh))
      .query(tokenQuery);
    secrets.add(token?.value ?? '');
    for (const spent of rig.stack.standIns.of('abitmedia').spent) secrets.add(spent);
    const seen = Buffer.from(rig.seen.join('\n'));
    // What the search would find: ids are shown on pages, and in base64 by the codec server.
    expect(formsFound(`"id":"${fresh}"`, seen)).toContain('base64 of plain');
    expect(formsFound(`credential:${fresh}`, seen)).toContain('plain');
    expect(secrets.size).toBeGreaterThanOrEqual(6);
    for (const secret of secrets) expect(formsFound(secret, seen)).toEqual([]);
  });

  /** Starts the keeper of a stand-in's credential, whose secrets no page may show. */
  async function keep(provider: string, id: string, before = (): void => {}): Promise<void> {
    const spec = rig.stack.spec(provider, id);
    for (const value of Object.values(spec.material)) {
      if (typeof value === 'string') secrets.add(value);
    }
    before();
    await rig.keepers.apply(spec);
  }

  async function refreshed(generation: number): Promise<void> {
    const keeper = rig.stack.client.workflow.getHandle(keeperWorkflowId(fresh));
    await vi.waitUntil(async () => (await keeper.query(tokenQuery)).generation >= generation, {
      timeout: LIMIT_MS,
      interval: 200,
    });
  }

  async function addressOf(id: string): Promise<string> {
    const workflowId = keeperWorkflowId(id);
    const { runId } = await rig.stack.client.workflow.getHandle(workflowId).describe();
    return `${WORKFLOWS}/${encodeURIComponent(workflowId)}/${runId}`;
  }

  async function shows(...texts: readonly string[]): Promise<void> {
    await shown(page, ...texts);
    await keepText(page);
  }

  async function shown(on: Page, ...texts: readonly string[]): Promise<void> {
    for (const text of texts) {
      await on.locator('main').filter({ hasText: text }).waitFor({ timeout: TEXT_LIMIT_MS });
    }
  }

  async function keepText(of: Page): Promise<void> {
    for (const frame of of.frames()) rig.seen.push(await frame.content());
  }
});
