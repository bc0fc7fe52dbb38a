interface Grant {
  readonly generation: number;
  readonly rotatedAtMs: number;
}

const NEVER_SPENT: Grant = { generation: 0, rotatedAtMs: Number.NEGATIVE_INFINITY };

/** The first refresh token of a credential. Every provider of a benchmark accepts it. */
export function firstRefreshToken(id: string): string {
  return refreshToken(id, 0);
}

function refreshToken(id: string, generation: number): string {
  return `refresh.${generation}.${id}`;
}

/** Refresh tokens that are spent once: what is spent dies with the answer that replaces it. */
export class Grants {
  /** For how long a spent token still answers, with the one that replaced it. */
  graceMs = 0;
  readonly #grants = new Map<string, Grant>();

  /** The token that replaces a spent one; `next` is absent where that one was dead. */
  spend(token: string, nowMs: number): { readonly id: string; readonly next?: string } {
    const [, generationText, id = ''] = /^refresh\.(\d+)\.(.+)$/.exec(token) ?? [];
    const generation = Number(generationText);
    const grant = this.#grants.get(id) ?? NEVER_SPENT;
    if (generation === grant.generation) {
      this.#grants.set(id, { generation: generation + 1, rotatedAtMs: nowMs });
      return { id, next: refreshToken(id, generation + 1) };
    }
    const isInGrace =
      generation === grant.generation - 1 && nowMs < grant.rotatedAtMs + this.graceMs;
    return isInGrace ? { id, next: refreshToken(id, grant.generation) } : { id };
  }

  idOf(token: string): string {
    return /^refresh\.\d+\.(.+)$/.exec(token)?.[1] ?? '';
  }
}
