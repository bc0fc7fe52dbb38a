/** The part of oidc-provider that the tests use; the package has no types of its own. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  interface Saved {
    save(): Promise<string>;
  }

  interface Grant extends Saved {
    addOIDCScope(scope: string): void;
  }

  interface Client {
    readonly clientId: string;
  }

  export class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>);
    readonly Client: { find(clientId: string): Promise<Client | undefined> };
    readonly Grant: new (properties: { accountId: string; clientId: string }) => Grant;
    readonly RefreshToken: new (properties: {
      accountId: string;
      client: Client;
      grantId: string;
      gty: string;
      scope: string;
    }) => Saved;
    callback(): RequestListener;
  }
}
