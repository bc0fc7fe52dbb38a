import type { Client } from '@temporalio/client';
import type { Teardown } from '../src/dev-server/teardown.js';
import type { Comparison } from './measure/comparison.js';
import type { Progress } from './measure/progress.js';
import type { BenchProvider } from './provider/provider.js';
import type { BenchServer } from './server/bench-server.js';

/**
 * How large a question is asked: `quick` shows in a minute or so that it runs through, and its figures mean little;
 * `medium` is what a machine of two cores answers in some twenty minutes; `full` takes hours there.
 */
export const SIZES = ['quick', 'medium', 'full'] as const;
export type Size = (typeof SIZES)[number];

/** Something that was promised, and what was seen of it. */
export interface Check {
  readonly promise: string;
  readonly seen: string;
  readonly holds: boolean;
}

/** Figures that are no comparison. */
export interface ResultTable {
  readonly title: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** One line of a plot. */
export interface CurveLine {
  readonly label: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** How something changes with something else. */
export interface Curve {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly CurveLine[];
}

/** What a question found. */
export interface Findings {
  readonly comparisons?: readonly Comparison[];
  readonly checks?: readonly Check[];
  readonly tables?: readonly ResultTable[];
  readonly curves?: readonly Curve[];
  /** What whoever reads the figures must know. */
  readonly notes?: readonly string[];
}

/** What a question measures with. */
export interface BenchContext {
  readonly size: Size;
  readonly rounds: number;
  readonly server: BenchServer;
  /** A client of the server without keys. */
  readonly client: Client;
  readonly provider: BenchProvider;
  /** For files of this question; removed after it. */
  readonly folder: string;
  /** Path of the bundle of the bare loop. */
  readonly bareBundle: string;
  readonly progress: Progress;
  /** Ends what a question started, also where it breaks off. */
  readonly teardown: Teardown;
}

/** One question that the benchmarks answer. */
export interface Question {
  /** As `npm run bench -- NAME` has it. */
  readonly name: string;
  readonly title: string;
  /** What is measured, how, and against what. */
  readonly asks: string;
  /** Rounds unless told otherwise. */
  readonly rounds: Readonly<Record<Size, number>>;
  /** Past this it is given up. */
  readonly limitMinutes: Readonly<Record<Size, number>>;
  readonly run: (context: BenchContext) => Promise<Findings>;
}
