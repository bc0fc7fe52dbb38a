/** Where a server of this process listens: an IP address and a port. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** As one text, with IPv6 in brackets. */
export function addressText({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
