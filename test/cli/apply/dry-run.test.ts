import { expect, it } from 'vitest';
import { printPlan } from '../../../src/cli/apply/dry-run.js';
import { EXIT_CODES } from '../../../src/cli/exit-codes.js';
import type { CredentialSpec } from '../../../src/contract/credential.js';
import type { ApplyResult } from '../../../src/keepers/apply-result.js';
import type { KnownById } from '../../../src/keepers/known-credentials.js';
import { spec } from '../../support/keeper-fixture.js';

/** Keepers that refuse one credential. */
class ChoosyKeepers {
  async known(): Promise<KnownById> {
    return new Map();
  }

  async plan({ id }: CredentialSpec): Promise<ApplyResult> {
    return id === 'a/spent' ? { outcome: 'refused', reason: 'spent' } : { outcome: 'unchanged' };
  }
}

function planned(...ids: readonly string[]): Promise<void> {
  const specs = ids.map((id) => spec({ id }));
  return printPlan({ keepers: new ChoosyKeepers() }, specs, [], { output: 'text' });
}

it('a dry run exits as apply would where a keeper would refuse its credential', async () => {
  await expect(planned('a/well', 'a/spent')).rejects.toMatchObject({
    exitCode: EXIT_CODES.permanentlyFailed,
  });
  await expect(planned('a/well')).resolves.toBeUndefined();
});
