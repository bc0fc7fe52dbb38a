import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forceRefreshSignal, statusQuery } from '../../src/contract/message-definitions.js';
import type { KeptCredential } from '../support/kept-credential.js';
import { replyWith } from '../support/provider-scripts.js';
import { forceRequest } from '../support/requests.js';
import { shared } from '../support/shared-resources.js';
import { type Deployed, deployedByRestarts, deployedByVersions } from './deploys.js';
import {
  freshAfter,
  LASTING_STATES,
  type LivingCredential,
  REQUESTING_STATES,
} from './living-credentials.js';
import { readBuilds } from './recorded-builds.js';
import { type WorkflowTasks, workflowTasksOf } from './workflow-tasks.js';

const LIMIT_MS = 180_000;

const DEPLOYS = [
  { way: 'by restarts', deploy: deployedByRestarts },
  { way: 'by Worker Versioning', deploy: deployedByVersions },
] as const;

const UPGRADES = readBuilds().flatMap((build) => DEPLOYS.map((way) => ({ ...build, ...way })));

describe.each(UPGRADES)(
  'an upgrade from $version to the current build $way',
  { timeout: LIMIT_MS },
  ({ workflowBundle, deploy }) => {
    let deployed: Deployed;
    let ended: KeptCredential;
    const living = new Map<string, LivingCredential & { readonly runId: string }>();

    beforeAll(async () => {
      deployed = await deploy({ workflowBundle });
      const { credentials } = deployed;
      const bringAll = (states: typeof LASTING_STATES): Promise<unknown> =>
        Promise.all(
          Object.entries(states).map(async ([state, bring]) => {
            const credential = await bring(credentials);
            const { runId } = await credential.kept.keeper.describe();
            living.set(state, { ...credential, runId });
          }),
        );
      await bringAll(LASTING_STATES);
      const refused = replyWith({ status: 400, body: '{"error":"invalid_grant"}' });
      ended = await credentials.start({ scripts: [refused] });
      await ended.finalFailure();
      await bringAll(REQUESTING_STATES);

      await deployed.replaceWith({}, () => {
        for (const { duringSwitch } of living.values()) duringSwitch?.();
      });
    }, LIMIT_MS);
    afterAll(() => deployed.credentials.close());

    it.each(Object.keys({ ...LASTING_STATES, ...REQUESTING_STATES }))(
      'takes along a credential %s, in the same run',
      async (state) => {
        const { kept, goOn, runId } = alive(state);
        await goOn();
        expect(kept.standIn.refreshes).toBe(1);
        expect((await kept.keeper.describe()).runId).toBe(runId);

        const { failures, builds } = await workflowTasksOf(kept.keeper);
        expect(failures).toEqual([]);
        expect(builds[0]).not.toBe(builds.at(-1));
      },
    );

    it('lets a credential that had failed still answer, and start again with new material', async () => {
      expect(await ended.keeper.query(statusQuery)).toMatchObject({ status: 'failed', epoch: 1 });
      const { outcome } = await ended.apply(ended.renewed());
      expect(outcome).toBe('reauthorized');
      await freshAfter(ended, 0);
      expect(await ended.keeper.query(statusQuery)).toMatchObject({ status: 'fresh', epoch: 2 });
    });

    it('that does not fit running keepers makes their tasks fail, and loses none of them', async () => {
      const { kept, runId } = alive('that sleeps');
      const { generation } = await kept.token();
      await deployed.replaceWith({
        workflowBundle: { codePath: await shared('incompatibleBundlePath') },
      });
      await kept.keeper.signal(forceRefreshSignal, forceRequest());
      expect(await firstFailure(kept)).toBe('NON_DETERMINISTIC_ERROR');
      expect((await kept.keeper.describe()).status.name).toBe('RUNNING');

      await deployed.replaceWith({});
      await freshAfter(kept, generation);
      expect((await kept.keeper.describe()).runId).toBe(runId);
      expect(new Set(kept.standIn.spent).size).toBe(kept.standIn.refreshes);
    });

    function alive(state: string): LivingCredential & { readonly runId: string } {
      const credential = living.get(state);
      if (credential === undefined) throw new Error(`no credential is in this state [${state}]`);
      return credential;
    }
  },
);

/** Resolves when a workflow task of the keeper has failed; why. */
async function firstFailure({ keeper }: KeptCredential): Promise<WorkflowTasks['failures'][0]> {
  for (;;) {
    const { failures } = await workflowTasksOf(keeper);
    if (failures[0] !== undefined) return failures[0];
  }
}
