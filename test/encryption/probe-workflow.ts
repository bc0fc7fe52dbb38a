import {
  ActivityCancellationType,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import type { ProbeActivities } from './data-converter.test.js';

const { answer, fail } = proxyActivities<ProbeActivities>({
  startToCloseTimeout: '20 s',
  heartbeatTimeout: '10 s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1 h' },
});

export const notesQuery = defineQuery<unknown, [string]>('notes');
export const goSignal = defineSignal<[string]>('go');
export const noteUpdate = defineUpdate<string, [string]>('note');
export const cutSignal = defineSignal('cut');

/** Uses every way by which a payload travels, then continues as new, then fails. */
export async function probe(input: string, run: number): Promise<void> {
  const notes: unknown[] = [input];
  let gone = false;
  const retrying = new CancellationScope();
  setCurrentDetails(`details ${input}`);
  setHandler(notesQuery, (argument) => [argument, ...notes]);
  setHandler(goSignal, (note) => {
    notes.push(note);
    gone = true;
  });
  setHandler(
    noteUpdate,
    (note) => {
      notes.push(note);
      return note;
    },
    {
      validator: (note: string) => {
        if (note.startsWith('bad')) throw ApplicationFailure.create({ message: note });
      },
    },
  );
  setHandler(cutSignal, () => retrying.cancel());

  await sleep(1, { summary: `timer ${input}` });
  notes.push(await answer.executeWithOptions({ summary: `activity ${input}` }, [input]));
  await retrying.run(() => fail(input)).catch((error: unknown) => notes.push(causeOf(error)));
  await condition(() => gone);
  if (run === 0) await continueAsNew(input, 1);
  throw ApplicationFailure.nonRetryable(`failed ${input}`, 'Probe', { detail: input });
}

function causeOf(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'details' in cause ? [cause.name, cause.details] : undefined;
}
