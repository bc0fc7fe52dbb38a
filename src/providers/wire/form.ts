/** Content type of a form (RFC 6749, section 4.1.3). */
export const FORM_CONTENT_TYPE = 'application/x-www-form-urlencoded';

export function formBody(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString();
}

/** The fields of a form body. Of duplicate names the last one counts. A line break at the end belongs to no field. */
export function parseForm(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(text.trim()));
}
