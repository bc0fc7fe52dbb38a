/** The provider refuses a configuration. The message names the key, never its value. */
export class ProviderConfigError extends Error {
  override readonly name = 'ProviderConfigError';

  constructor(key: string, problem: string) {
    super(`configuration cannot be used [key=${key}, problem=${problem}]`);
  }
}
