import { defineSearchAttributeKey } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { KeeperState } from '../contract/keeper.js';
import { SEARCH_ATTRIBUTES } from '../contract/names.js';
import type { Keeper } from './keeper.js';

const PROVIDER = defineSearchAttributeKey(SEARCH_ATTRIBUTES.provider.name, 'KEYWORD');
const STATUS = defineSearchAttributeKey(SEARCH_ATTRIBUTES.status.name, 'KEYWORD');
const EXPIRES_AT = defineSearchAttributeKey(SEARCH_ATTRIBUTES.expiresAt.name, 'DATETIME');

/** What operators see of a keeper in the Temporal UI. Nothing in it is secret. */
export class OperatorView {
  readonly #useSearchAttributes: boolean;
  #shown = '';

  constructor(useSearchAttributes: boolean) {
    this.#useSearchAttributes = useSearchAttributes;
  }

  /** Shows the keeper as it is; costs an event in history only when a search attribute changed. */
  show({ state }: Keeper): void {
    setCurrentDetails(detailsOf(state));
    if (!this.#useSearchAttributes) return;
    const expiresAtMs = state.token?.expiresAtMs;
    const showing = `${state.spec.provider} ${state.status} ${expiresAtMs ?? ''}`;
    if (showing === this.#shown) return;
    this.#shown = showing;
    upsertSearchAttributes([
      { key: PROVIDER, value: state.spec.provider },
      { key: STATUS, value: state.status },
      { key: EXPIRES_AT, value: expiresAtMs === undefined ? null : new Date(expiresAtMs) },
    ]);
  }
}

function detailsOf(state: KeeperState): string {
  const failure = state.lastFailure;
  return [
    `**${state.spec.id}** (${state.spec.provider}) is **${state.status}**`,
    '',
    `- generation ${state.generation}, epoch ${state.epoch}`,
    `- token expires ${state.token === undefined ? '(none yet)' : at(state.token.expiresAtMs)}`,
    `- next refresh ${at(state.nextRefreshAtMs)}`,
    ...(failure === undefined
      ? []
      : [
          `- last failure ${failure.type} \`${failure.code}\` at ${at(failure.atMs)}: ${failure.action}`,
        ]),
  ].join('\n');
}

function at(ms: number): string {
  return new Date(ms).toISOString();
}
