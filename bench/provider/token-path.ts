/** How a token is granted: its life, and how long the answer is held back. */
export interface TokenPath {
  readonly lifetimeSeconds: number;
  readonly holdMs: number;
}

/** The path of a token endpoint that grants so: the provider keeps no settings of credentials. */
export function tokenPath({ lifetimeSeconds, holdMs }: TokenPath): string {
  return `/token/${lifetimeSeconds}/${holdMs}`;
}

/** What a path asks for; `undefined` where it is none of a token endpoint. */
export function tokenPathOf(path: string): TokenPath | undefined {
  const [, lifetimeSeconds, holdMs] = /^\/token\/(\d+)\/(\d+)$/.exec(path) ?? [];
  if (lifetimeSeconds === undefined || holdMs === undefined) return undefined;
  return { lifetimeSeconds: Number(lifetimeSeconds), holdMs: Number(holdMs) };
}
