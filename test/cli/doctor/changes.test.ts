import { expect, it } from 'vitest';
import { compareFindings } from '../../../src/cli/doctor/changes.js';
import type { Finding } from '../../../src/cli/doctor/finding.js';

const SERVER: Finding = { level: 'ok', check: 'server', text: 'Temporal' };
const AWAY: Finding = { level: 'fail', check: 'server', problem: 'unreachable', text: 'away' };
const NONE: Finding = { level: 'ok', check: 'credentials', text: 'none in trouble' };

function trouble(subject: string, problem: string, text = ''): Finding {
  return { level: 'fail', check: 'credentials', subject, problem, text };
}

it('tells a trouble once, whatever its times and counts become', () => {
  const first = compareFindings([SERVER, NONE], [SERVER, trouble('a', 'retrying', 'attempt 9')]);
  expect(first.changes).toEqual([trouble('a', 'retrying', 'attempt 9')]);
  const next = compareFindings(first.findings, [SERVER, trouble('a', 'retrying', 'attempt 10')]);
  expect(next.changes).toEqual([]);
});

it('tells that one trouble became another', () => {
  const { changes } = compareFindings([trouble('a', 'retrying')], [trouble('a', 'failed')]);
  expect(changes).toEqual([trouble('a', 'failed')]);
});

it('tells what recovered, and from what', () => {
  const { changes } = compareFindings([SERVER, trouble('a', 'failed')], [SERVER, NONE]);
  expect(changes).toEqual([
    { level: 'ok', check: 'credentials', subject: 'a', text: 'a recovered [was=failed]' },
  ]);
});

it('takes no credential for recovered while the server is away', () => {
  const away = compareFindings([SERVER, trouble('a', 'failed')], [AWAY]);
  expect(away.changes).toEqual([AWAY]);
  expect(away.findings).toEqual([AWAY, trouble('a', 'failed')]);
  const back = compareFindings(away.findings, [SERVER, trouble('a', 'failed')]);
  expect(back.changes).toEqual([
    { level: 'ok', check: 'server', text: 'recovered [was=unreachable]' },
  ]);
});
