import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { EXPIRES_AT_ATTRIBUTE, searchAttributesOf } from '../contract/search-attributes.js';
import type { Keeper } from './keeper.js';

/** What operators see of a keeper in the Temporal UI. Nothing in it is secret. */
export class OperatorView {
  #shown = '';

  /** Shows the keeper as it is; costs an event in history only when a search attribute changed. */
  show(keeper: Keeper): void {
    const { state } = keeper;
    setCurrentDetails(detailsOf(keeper));
    if (!keeper.useSearchAttributes) return;
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

/** What needs a human comes first: the UI cuts long details. */
function detailsOf(keeper: Keeper): string {
  const { state } = keeper;
  const failure = state.lastFailure;
  return [
    `**${state.spec.id}** (${state.spec.provider}) is **${state.status}**`,
    '',
    ...(failure === undefined
      ? []
      : [
          `- to do: ${failure.action}`,
          `- last failure: ${failure.type} \`${failure.code}\` at ${at(failure.atMs)}`,
        ]),
    `- generation ${state.generation}, epoch ${state.epoch}`,
    `- token expires ${state.token === undefined ? '(none yet)' : at(state.token.expiresAtMs)}`,
    ...(state.token?.materialExpiresAtMs === undefined
      ? []
      : [`- material expires ${at(state.token.materialExpiresAtMs)}`]),
    ...(keeper.hasEnded ? [] : [`- next refresh ${at(keeper.nextStartAtMs)}`]),
  ].join('\n');
}

function at(ms: number): string {
  return new Date(ms).toISOString();
}
