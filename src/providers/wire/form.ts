/** Content type of a form (RFC 6749, section 4.1.3). */
export const FORM_CONTENT_TYPE = 'application/x-www-form-urlencoded';

/** Fields as a form body. */
export function formBody(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString();
}

/** Fields of a form body; of duplicate names the last one counts. A line break at its end belongs to no field. */
export function parseForm(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(text.trim()));
}
