/** Headers that present a token (RFC 6750, section 2.1). */
export function bearer(token: string, scheme = 'Bearer'): { readonly authorization: string } {
  return { authorization: `${scheme} ${token}` };
}
