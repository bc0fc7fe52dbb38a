/** Life of a seed token whose issue is told; it is nobody's to check, so it is not signed. */
export interface SeedToken {
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** A token that says of itself from when to when it lives. */
export function seedJwt({ issuedAtMs, expiresAtMs }: SeedToken): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const seconds = (ms: number): number => Math.floor(ms / 1_000);
  const claims = { iat: seconds(issuedAtMs), exp: seconds(expiresAtMs) };
  return `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.none`;
}
