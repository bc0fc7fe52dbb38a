import { afterAll } from 'vitest';
import { examine } from '../../../src/cli/doctor/examination.js';
import type { Finding } from '../../../src/cli/doctor/finding.js';
import type { ScopedFile } from '../../../src/cli/scoped-file.js';
import type { CliSession } from '../../../src/cli/session.js';
import { TokenClient } from '../../../src/client/token-client.js';
import { keeperWorkflowId } from '../../../src/contract/names.js';
import { KeeperAdministration } from '../../../src/keepers/administration.js';
import { TemporalKeepers } from '../../../src/keepers/temporal-keepers.js';
import { loadTemporalTarget } from '../../../src/temporal/connection.js';
import { EvertokenCommand } from '../../support/evertoken-command.js';
import { FullStack } from '../../support/full-stack.js';
import type { Keeper } from '../../support/full-stack.js';
import { openTestNamespace } from '../../support/test-namespace.js';

/** A full stack in a namespace of its own, and the doctor that looks at it. */
export class DoctorRig {
  readonly stack: FullStack;
  readonly keepers: KeeperAdministration;
  readonly tokens: TokenClient;

  private constructor(stack: FullStack) {
    this.stack = stack;
    this.keepers = new KeeperAdministration(stack.client);
    this.tokens = new TokenClient(new TemporalKeepers(stack.client));
  }

  static async open(): Promise<DoctorRig> {
    return new DoctorRig(await FullStack.open({ openNamespace: openTestNamespace }));
  }

  /** Variables with which a command finds the server and can decipher. */
  get env(): Record<string, string> {
    const { address, namespace } = this.stack.namespace;
    return { ...this.stack.env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  }

  /** A session as a command opens one. */
  get session(): CliSession {
    const { stack, tokens, keepers } = this;
    const target = loadTemporalTarget(this.env, { allowCleartext: false });
    const { config, client } = stack;
    return { config, target, client, reader: new TemporalKeepers(client), tokens, keepers };
  }

  keeper(id: string): Keeper {
    return this.stack.client.workflow.getHandle(keeperWorkflowId(id));
  }

  /** Starts a keeper and waits until it has a token. */
  async keep(id: string): Promise<void> {
    await this.keepers.apply(this.stack.spec('klavi', id));
    await this.tokens.get(id);
  }

  /** Resolves when the newest run has ended, however. */
  async ended(id: string): Promise<void> {
    await this.keeper(id)
      .result()
      .catch(() => undefined);
  }

  /** Examines everything once. */
  async examine(
    file?: ScopedFile,
    env = this.env,
    timeoutMs = 30_000,
    onFinding: () => void = () => undefined,
  ): Promise<Finding[]> {
    const findings: Finding[] = [];
    await examine(
      {
        env,
        timeoutMs,
        signal: new AbortController().signal,
        ...(file === undefined ? {} : { file }),
      },
      (finding) => {
        findings.push(finding);
        onFinding();
      },
    );
    return findings;
  }

  /** What is wrong with one credential, by a file that names it or by none. */
  async troubleOf(id: string, file?: ScopedFile): Promise<Finding | undefined> {
    return (await this.examine(file)).find(({ subject }) => subject === id);
  }
}

/** A credentials file that names these, all of Klavi. */
export function naming(...ids: readonly string[]): ScopedFile {
  return {
    path: 'credentials.json',
    credentials: ids.map((id) => ({ id, provider: 'klavi' })),
  };
}

/** A rig, and the command that finds its server by `rig.env`, for all tests of a file. */
export async function openRigAndCommand(): Promise<{
  readonly rig: DoctorRig;
  readonly command: EvertokenCommand;
}> {
  const [rig, command] = await Promise.all([DoctorRig.open(), EvertokenCommand.open()]);
  afterAll(() => Promise.all([rig.stack.close(), command.remove()]));
  return { rig, command };
}
