const SECRET_WORDS = [
  'secret',
  'token',
  'password',
  'passwd',
  'passcode',
  'apikey',
  'accesskey',
  'privatekey',
  'credential',
  'assertion',
  'authorization',
  'signature',
  'cookie',
];

/** Names that contain such a word but are not secret: they only say how a secret is sent. */
const HARMLESS_NAMES = ['tokenendpoint', 'revocationendpoint', 'tokenparameter'];

/** Whether a parameter or field of this name most likely holds a secret. */
export function looksLikeSecretName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (HARMLESS_NAMES.includes(plain)) return false;
  return plain === 'code' || SECRET_WORDS.some((word) => plain.includes(word));
}

/** An address with another text in place of its query; any other text as it is. */
export function withoutQuery(text: string, replacement: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text.replace(/\?.*$/s, `?${replacement}`) : text;
}
