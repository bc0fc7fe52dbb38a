/** A Temporal server on this machine that serves the namespace `default`. */
export interface BenchServer {
  readonly name: string;
  readonly version: string;
  /** `host:port` of the gRPC service. */
  readonly address: string;
  /** Processes of the server itself and of its database. */
  readonly pids: readonly number[];
  /** What its database takes on disk, in bytes. */
  databaseBytes(): Promise<number>;
  /** Ends it and removes what it stored. */
  stop(): Promise<void>;
}

/** The namespace that every server serves. */
export const NAMESPACE = 'default';
