import { readFileSync } from 'node:fs';

/** Ends the process with one line when this Node.js is older than package.json asks for. */
export function requireNodeVersion() {
  const { engines } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  const wanted = engines.node.replace('>=', '');
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number);
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  console.error(
    `evertoken needs Node.js ${wanted} or later; this is ${process.versions.node} [${process.execPath}]`,
  );
  process.exit(1);
}
