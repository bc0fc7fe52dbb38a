import type { Client } from '@temporalio/client';
import { expect } from 'vitest';
import { statusQuery } from '../../src/contract/message-definitions.js';
import { keeperWorkflowId } from '../../src/contract/names.js';

/** Resolves once a credential's keeper answers, and has a token of this generation. */
export function reaches(
  client: Client,
  id: string,
  generation: number,
  timeout = 60_000,
): Promise<void> {
  const status = () => client.workflow.getHandle(keeperWorkflowId(id)).query(statusQuery);
  return expect
    .poll(async () => (await status().catch(() => undefined))?.generation, { timeout })
    .toBe(generation);
}
