import { readFileSync } from 'node:fs';

/**
 * Ends the process with one line when this Node.js is too old: older than package.json asks for, or older than the versions
 * that are given, of which each is the least one of its major version, and the last also of all later ones.
 */
export function requireNodeVersion({ what = 'evertoken', versions = [ownVersion()] } = {}) {
  if (isOneOf(versions)) return;
  const wanted = versions.join(', ');
  console.error(
    `${what} needs Node.js ${wanted} or later; this is ${process.versions.node} [${process.execPath}]`,
  );
  process.exit(1);
}

function ownVersion() {
  const file = new URL('../../package.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')).engines.node.replace('>=', '');
}

function isOneOf(versions) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const least = versions.map((version) => version.split('.').map(Number));
  return (
    major > least.at(-1)[0] ||
    least.some(([ofMajor, ofMinor]) => major === ofMajor && minor >= ofMinor)
  );
}
