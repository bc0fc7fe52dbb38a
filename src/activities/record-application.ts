import type { RecordedApplication } from '../contract/refresh-activity.js';
import { recordedLogin, withApplication } from '../policy/journal-record.js';
import { answerWithoutRequest, beginAttempt, ownerOf } from './answer-without-request.js';
import type { AttemptContext } from './attempt-context.js';
import { bindCredential } from './bound-credential.js';

/** One attempt to tell the journal of the newest application of a credential; it sends nothing. */
export async function recordApplication(context: AttemptContext): Promise<RecordedApplication> {
  const { deps, request, attempt, journal } = context;
  const { credentialId } = request;
  const bound = await bindCredential(deps, request);
  // The refresh will say so; until then the token of the file serves.
  if ('misconfigured' in bound) return { credentialId };
  const beginning = await beginAttempt(context, bound);
  const { decision } = beginning;
  const isOfRefresh =
    decision.do === 'send' ||
    decision.do === 'hold' ||
    decision.do === 'await-answer' ||
    // A token that still lives serves until its refresh says so.
    decision.do === 'refuse-material';
  if (!isOfRefresh) {
    return { credentialId, newest: await answerWithoutRequest(context, beginning, decision) };
  }
  const entry = await journal.noteApplication((held) =>
    withApplication(ownerOf(request, bound), held, attempt.clock.now()),
  );
  if (entry === undefined) return { credentialId };
  return { credentialId, login: recordedLogin(entry) };
}
