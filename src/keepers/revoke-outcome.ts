/** What became of a grant that was to be revoked. */
export type RevokeOutcome =
  | { readonly outcome: 'revoked' | 'already-ended' }
  | { readonly outcome: 'not-revoked'; readonly reason: string };
