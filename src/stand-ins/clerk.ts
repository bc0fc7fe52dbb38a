import { SecretLedger, type Rotation } from './ledger.js';

/** What a wire needs to serve: its address, the time, and the book of secrets. */
export class Clerk {
  readonly baseUrl: string;
  readonly ledger: SecretLedger;
  /** Life of the tokens that are issued from now on, in seconds. */
  lifetimeSeconds: number;

  constructor(baseUrl: string, rotation: Rotation, lifetimeSeconds: number) {
    this.baseUrl = baseUrl;
    this.ledger = new SecretLedger(rotation);
    this.lifetimeSeconds = lifetimeSeconds;
  }

  /** When a token that is issued now expires, in milliseconds since the epoch. */
  expiryMs(): number {
    return Date.now() + this.lifetimeSeconds * 1_000;
  }

  /** Whether the secret was alive; a rotating one no longer is. */
  spend(secret: string): boolean {
    return this.ledger.spend(secret, Date.now());
  }

  /** Accepts a token for its life. */
  issueToken(token: string): string {
    return this.ledger.issue(token, this.expiryMs());
  }
}
