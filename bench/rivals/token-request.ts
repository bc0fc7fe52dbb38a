import { z } from 'zod';

const answerSchema = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  expires_in: z.number(),
});

/** What a token endpoint granted. */
export type Granted = z.output<typeof answerSchema>;

/** Spends a refresh token, as any client of a provider does; rejects where no token comes. */
export async function requestToken(
  tokenEndpoint: string,
  refreshToken: string,
  plannedMs: number,
): Promise<Granted> {
  const response = await fetch(`${tokenEndpoint}?planned=${plannedMs}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
  });
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(`the provider answered ${response.status}`);
  return answerSchema.parse(body);
}
