const REPORT_EVERY_MS = 10_000;

/** Does something that may take long, and reports its name at the start, every 10 s, and at the end with the seconds. */
export async function reportElapsed<T>(
  name: string,
  report: (line: string) => void,
  work: () => Promise<T>,
  detail: () => string = () => '',
): Promise<T> {
  const startedMs = performance.now();
  const elapsed = (): string =>
    [`${Math.round((performance.now() - startedMs) / 1_000)} s`, detail()]
      .filter(Boolean)
      .join(', ');
  report(`${name} …`);
  const timer = setInterval(() => report(`  … ${elapsed()}`), REPORT_EVERY_MS);
  try {
    const result = await work();
    report(`  done (${elapsed()})`);
    return result;
  } catch (error) {
    report(`  not possible (${elapsed()})`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}
