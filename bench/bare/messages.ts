/** What the benchmark asks of a bare worker. */
export interface BareWorkerOrder {
  readonly do: 'report';
}

/** What a bare worker did. */
export interface BareWorkerReport {
  /** Turns by workflow ID. */
  readonly turnsOf: readonly (readonly [string, number])[];
  /** How late each turn since the last report began, against its timer. */
  readonly latenessMs: readonly number[];
}
