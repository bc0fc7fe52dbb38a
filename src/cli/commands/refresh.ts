import { Command } from 'commander';
import { endedKeeperError } from '../../client/ended-keeper.js';
import type { TokenClient } from '../../client/token-client.js';
import { FORCED_SPACING_MS } from '../../policy/keeper-numbers.js';
import { hasEnded } from '../../policy/status.js';
import { idArgument } from '../arguments.js';
import { commandEnvironment } from '../command-environment.js';
import { outputOption, print, printJson } from '../output.js';
import type { OutputFormat } from '../output.js';
import { withOwnerSession, withSession } from '../session.js';
import { relativeText } from '../time-text.js';

interface RefreshCommandOptions {
  readonly wait: boolean;
  readonly now?: true;
  readonly output: OutputFormat;
}

/** `evertoken refresh`: forces a refresh. */
export function refreshCommand(): Command {
  return new Command('refresh')
    .description(
      `force a refresh; forced refreshes are at least ${FORCED_SPACING_MS / 1_000} s apart`,
    )
    .argument('<id>', 'credential id', idArgument)
    .option('--no-wait', 'ask for it and return')
    .option('--now', 'also cut short a wait that the provider asked for')
    .addOption(outputOption())
    .action(forceRefresh);
}

async function forceRefresh(id: string, options: RefreshCommandOptions): Promise<void> {
  const inSession = options.now === true ? withOwnerSession : withSession;
  await inSession(await commandEnvironment(), async ({ config, tokens, keepers }) => {
    const generation = await currentGeneration(tokens, id);
    // The signal comes before the wait. A refresh that is already wanted may back off, and only the signal cuts that short.
    const isOwner = config.encryption.keyRing?.isOwners ?? true;
    const cuts = options.now === true ? 'retry-after' : 'backoff';
    await keepers.forceRefresh(id, {
      unusableGeneration: generation,
      ...(isOwner ? { cuts } : {}),
    });
    if (!options.wait) {
      if (options.output === 'json') printJson({ id, requested: true });
      else print(`${id}: refresh requested`);
      return;
    }
    const fresh = await tokens.refresh(id, { afterGeneration: generation });
    const { expiresAt, generation: now, status } = fresh;
    if (options.output === 'json') printJson({ id, generation: now, expiresAt, status });
    else {
      const expires = relativeText(expiresAt.getTime(), Date.now());
      print(`${id}: refreshed, generation ${now}, expires ${expires}`);
    }
  });
}

/** A signal to an ended keeper would only say that there is none. The keeper's last answer says why. */
async function currentGeneration(tokens: TokenClient, id: string): Promise<number> {
  const answer = await tokens.status(id);
  if (hasEnded(answer.status)) throw endedKeeperError(answer, Date.now());
  return answer.generation;
}
