import type { TokenClient } from '../../client/token-client.js';
import type { CredentialSpec } from '../../contract/credential.js';
import { defined } from '../../contract/defined.js';
import type { StatusAnswer } from '../../contract/messages.js';
import type { DevRow } from './view.js';

/** Follows the credentials of a dev environment and counts their refreshes. */
export class DevWatch {
  readonly #tokens: Pick<TokenClient, 'status'>;
  readonly #specs: readonly CredentialSpec[];
  readonly #firstGeneration = new Map<string, number>();

  constructor(tokens: Pick<TokenClient, 'status'>, specs: readonly CredentialSpec[]) {
    this.#tokens = tokens;
    this.#specs = specs;
  }

  /** Asks every keeper once. */
  look(): Promise<readonly DevRow[]> {
    return Promise.all(
      this.#specs.map(async ({ id, provider }) => {
        const answer = await this.#tokens.status(id).catch(() => undefined);
        return {
          id,
          provider,
          refreshes: this.#refreshes(id, answer),
          ...defined({ answer }),
        };
      }),
    );
  }

  #refreshes(id: string, answer: StatusAnswer | undefined): number {
    if (answer === undefined) return 0;
    const first = this.#firstGeneration.get(id) ?? answer.generation;
    this.#firstGeneration.set(id, first);
    return answer.generation - first;
  }
}
