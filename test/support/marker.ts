import { randomBytes } from 'node:crypto';

/**
 * A text that is in every secret of a test, and in nothing else. It consists of letters and digits only, so it looks
 * the same in JSON, in a URL, in a form and in HTML, and is the same in base64 as in base64url.
 */
export function createMarker(): string {
  return `Canary${randomBytes(10).toString('hex')}`;
}

/** Names of the forms in which the bytes hold the marker; none where it is not in them. */
export function formsFound(marker: string, bytes: Uint8Array): readonly string[] {
  const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return formsOf(marker)
    .filter(({ text }) => haystack.includes(text))
    .map(({ name }) => name);
}

interface Form {
  readonly name: string;
  readonly text: string;
}

/** The marker as it is, in hex, in base64, and in base64 of base64: a JWT within a payload within JSON. */
function formsOf(marker: string): readonly Form[] {
  const hex = Buffer.from(marker).toString('hex');
  const once = inBase64({ name: 'plain', text: marker });
  return [
    { name: 'plain', text: marker },
    { name: 'hex', text: hex },
    { name: 'hex', text: hex.toUpperCase() },
    ...once,
    ...once.flatMap(inBase64),
  ];
}

/** What base64 makes of a text after 0, 1 or 2 other bytes, less the digits that also hold bits of its neighbours. */
function inBase64({ name, text }: Form): readonly Form[] {
  return [0, 1, 2].map((before) => {
    const padded = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
    const bits = padded.length * 8;
    const digits = padded
      .toString('base64')
      .slice(Math.ceil((before * 8) / 6), Math.floor(bits / 6));
    return { name: `base64 of ${name}`, text: digits };
  });
}
