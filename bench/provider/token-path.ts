/** How a token is granted. */
export interface TokenPath {
  readonly lifetimeSeconds: number;
}

/** The path of a token endpoint that grants so: the provider keeps no settings of credentials. */
export function tokenPath({ lifetimeSeconds }: TokenPath): string {
  return `/token/${lifetimeSeconds}`;
}

/** What a path asks for; `undefined` where it is none of a token endpoint. */
export function tokenPathOf(path: string): TokenPath | undefined {
  const lifetimeSeconds = /^\/token\/(\d+)$/.exec(path)?.[1];
  return lifetimeSeconds === undefined ? undefined : { lifetimeSeconds: Number(lifetimeSeconds) };
}
