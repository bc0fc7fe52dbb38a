import { Command } from 'commander';
import { idArgument } from '../arguments.js';
import { commandEnvironment } from '../command-environment.js';
import { agreedTo } from '../confirm.js';
import { CommandError } from '../errors.js';
import { print } from '../output.js';
import { type CliSession, withOwnerSession } from '../session.js';

interface StopOptions {
  readonly revoke?: boolean;
  readonly yes?: boolean;
}

/** `evertoken stop`: ends a keeper cleanly. */
export function stopCommand(): Command {
  return new Command('stop')
    .description('stop refreshing a credential; a request under way finishes first')
    .argument('<id>', 'credential id', idArgument)
    .option(
      '--revoke',
      'first revoke its grant at the provider (RFC 7009); only a new login helps then',
    )
    .option('-y, --yes', 'revoke without asking')
    .action(async (id: string, options: StopOptions) =>
      withOwnerSession(await commandEnvironment(), (session) =>
        options.revoke === true ? revoke(session, id, options) : stopKeeper(session, id),
      ),
    );
}

async function stopKeeper({ keepers }: CliSession, id: string): Promise<void> {
  const outcome = await keepers.stop(id);
  const did = outcome === 'stopping' ? 'stopping' : 'had already ended';
  print(`${id}: ${did}; its last token stays readable until it expires`);
}

async function revoke({ keepers }: CliSession, id: string, { yes }: StopOptions): Promise<void> {
  await agreedTo(`revoke the grant of ${id} for good?`, {
    isAgreed: yes === true,
    command: 'stop --revoke',
    otherwise: 'not confirmed; nothing was revoked',
  });
  const result = await keepers.revoke(id);
  switch (result.outcome) {
    case 'revoked':
      print(`${id}: revoked and stopped; a new login is needed to keep it again`);
      return;
    case 'access-token-left':
      print(
        `${id}: revoked and stopped, except for its access token, which may live until it expires; a new login is needed to keep it again`,
      );
      return;
    case 'already-ended':
      throw new CommandError(
        `${id} had already ended, so nothing was revoked; apply it first, or revoke the grant at the provider`,
      );
    case 'ended-meanwhile':
      throw new CommandError(
        `${id} was ended from outside meanwhile, and nobody knows whether the provider has revoked its grant; revoke it at the provider`,
      );
    case 'not-revoked':
      throw new CommandError(`${id}: ${result.reason}`);
  }
}
