// Loaded before a worker: its wall clock, and only that, is off by the milliseconds that a file says.
import { readFileSync } from 'node:fs';

const READ_EVERY_MS = 20;
const TrueDate = Date;
let shiftMs = 0;
let readAt = Number.NEGATIVE_INFINITY;

function nowMs() {
  if (performance.now() - readAt > READ_EVERY_MS) {
    readAt = performance.now();
    shiftMs = Number(readFileSync(process.env['CLOCK_SHIFT_FILE'] ?? '', 'utf8'));
  }
  return TrueDate.now() + shiftMs;
}

globalThis.Date = new Proxy(TrueDate, {
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length === 0 ? [nowMs()] : given, newTarget),
  get: (target, key, receiver) => (key === 'now' ? nowMs : Reflect.get(target, key, receiver)),
});
