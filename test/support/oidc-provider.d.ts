/** The part of oidc-provider that the tests use; the package has no types of its own. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  interface Saved {
    save(): Promise<string>;
  }

  export interface Grant extends Saved {
    addOIDCScope(scope: string): void;
    destroy(): Promise<void>;
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
    on(event: 'refresh_token.consumed', listener: (token: { readonly jti: string }) => void): this;
    callback(): RequestListener;
  }
}
