/** Content type of a form (RFC 6749, section 4.1.3). */
export const FORM_CONTENT_TYPE = 'application/x-www-form-urlencoded';

export function formBody(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString();
}

/**
 * The fields of a form body. A line break at the end belongs to no field. A name that occurs more than once, which RFC 6749,
 * section 3.2, forbids, has all of its values: nobody knows which one is meant, so no reader takes them for a text.
 */
export function parseForm(text: string): Readonly<Record<string, string | readonly string[]>> {
  const fields = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(text.trim())) {
    const before = fields.get(name);
    if (Array.isArray(before)) before.push(value);
    else fields.set(name, before === undefined ? value : [before, value]);
  }
  return Object.fromEntries(fields);
}
