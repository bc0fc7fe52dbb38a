/** What the benchmark asks of a bare worker. */
export interface BareWorkerOrder {
  readonly do: 'report';
}

/** What a bare worker did. */
export interface BareWorkerReport {
  /** Turns by workflow ID. */
  readonly turnsOf: readonly (readonly [string, number])[];
}
