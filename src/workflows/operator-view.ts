import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { KeeperState } from '../contract/keeper.js';
import { EXPIRES_AT_ATTRIBUTE, searchAttributesOf } from '../contract/search-attributes.js';
import type { Keeper } from './keeper.js';

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
    const attributes = [
      ...searchAttributesOf(state),
      ...(state.token === undefined ? [{ key: EXPIRES_AT_ATTRIBUTE, value: null }] : []),
    ];
    const showing = JSON.stringify(attributes.map(({ value }) => value));
    if (showing === this.#shown) return;
    this.#shown = showing;
    upsertSearchAttributes(attributes);
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
