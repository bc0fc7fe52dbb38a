import type { Finding } from './finding.js';

/** The result of one more examination. */
export interface Comparison {
  /** What is newly wrong, and what is well again. */
  readonly changes: readonly Finding[];
  /** What holds now. For a check that could not be made, that is what it found before. */
  readonly findings: readonly Finding[];
}

/** Compares an examination with what held before. */
export function compareFindings(before: readonly Finding[], after: readonly Finding[]): Comparison {
  const findings = [...after, ...before.filter((finding) => !wasChecked(finding, after))];
  const known = new Map(troubles(before).map((finding) => [keyOf(finding), finding]));
  const wrong = new Set(troubles(findings).map(keyOf));
  const news = troubles(after).filter((finding) => !isSame(known.get(keyOf(finding)), finding));
  const recovered = [...known].filter(([key]) => !wrong.has(key));
  return { changes: [...news, ...recovered.map(([, finding]) => recovery(finding))], findings };
}

/** A server that is away says nothing about its keepers, so they did not recover. */
function wasChecked({ check }: Finding, after: readonly Finding[]): boolean {
  return check === 'examination' || after.some((finding) => finding.check === check);
}

function troubles(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ level }) => level !== 'ok');
}

/** Each subject has one trouble at a time. Another cause replaces the first. */
function keyOf({ check, subject = '' }: Finding): string {
  return `${check} ${subject}`;
}

/** Times and counts in the text may differ. */
function isSame(before: Finding | undefined, after: Finding): boolean {
  return before?.level === after.level && before.problem === after.problem;
}

function recovery({ check, subject, problem = '' }: Finding): Finding {
  const about = subject === undefined ? {} : { subject };
  const text = `${subject === undefined ? '' : `${subject} `}recovered [was=${problem}]`;
  return { level: 'ok', check, ...about, text };
}
