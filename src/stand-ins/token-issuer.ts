import { IssuedSecrets, type Rotation } from './issued-secrets.js';

/** What a wire needs to serve: its address, the time, and the secrets that it issued. */
export class TokenIssuer {
  readonly baseUrl: string;
  readonly secrets: IssuedSecrets;
  /** Life of the tokens that are issued from now on, in seconds. */
  lifetimeSeconds: number;

  constructor(baseUrl: string, rotation: Rotation, lifetimeSeconds: number) {
    this.baseUrl = baseUrl;
    this.secrets = new IssuedSecrets(rotation);
    this.lifetimeSeconds = lifetimeSeconds;
  }

  /** When a token that is issued now expires, in milliseconds since the epoch. */
  expiryMs(): number {
    return Date.now() + this.lifetimeSeconds * 1_000;
  }

  /** Whether the secret was alive; a rotating one no longer is. */
  spend(secret: string): boolean {
    return this.secrets.spend(secret, Date.now());
  }

  /** Accepts a token for its life. */
  issueToken(token: string): string {
    return this.secrets.issue(token, this.expiryMs());
  }
}
