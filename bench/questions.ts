import type { Question } from './question.js';
import { applyQuestion } from './questions/apply.js';
import { herdQuestion } from './questions/herd.js';
import { killQuestion } from './questions/kill.js';
import { latenessQuestion } from './questions/lateness.js';
import { partsQuestion } from './questions/parts.js';
import { readsQuestion } from './questions/reads.js';
import { restartQuestion } from './questions/restart.js';
import { rivalsQuestion } from './questions/rivals.js';
import { scaleQuestion } from './questions/scale.js';
import { stormQuestion } from './questions/storm.js';
import { turnQuestion } from './questions/turn.js';

/** All questions, in the order in which they are asked and shown. */
export const QUESTIONS: readonly Question[] = [
  turnQuestion,
  partsQuestion,
  readsQuestion,
  latenessQuestion,
  scaleQuestion,
  herdQuestion,
  stormQuestion,
  restartQuestion,
  rivalsQuestion,
  killQuestion,
  applyQuestion,
];
