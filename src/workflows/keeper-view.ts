import {
  setCurrentDetails,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { KeeperState } from '../contract/keeper.js';
import { PUBLISHED_MEMO } from '../contract/names.js';
import type { PublishedAnswer, PublishedSettings } from '../contract/published-answer.js';
import { searchAttributesOf, shownAttributes } from '../contract/search-attributes.js';
import {
  isPublishedAnew,
  isPublishedWith,
  publishedAnswer,
  publishedSettings,
  settlesAnew,
} from '../policy/published-answer.js';
import { dateText } from '../policy/date-text.js';
import type { Keeper } from './keeper.js';

interface Published {
  readonly state: KeeperState;
  readonly usesSearchAttributes: boolean;
  readonly isEndWanted: boolean;
}

/**
 * What is seen of a keeper from outside: by operators in the Temporal UI, without the secret, and by readers in its memo,
 * sealed. A change of what is seen costs an event in history, so only changes are shown.
 */
export class KeeperView {
  #published: Published | undefined;
  /** What each search attribute was set to, by its name. */
  readonly #attributes: Map<string, unknown>;

  /**
   * Looks at what the run was started with. A keeper trusts what it was continued with; what somebody else brought must
   * say the same as the keeper.
   */
  constructor(keeper: Keeper, isContinued: boolean) {
    const { memo, typedSearchAttributes } = workflowInfo();
    const now = publishing(keeper);
    const isPublished = isContinued || isPublishedWith(memo ?? {}, answerOf(now), settingsOf(now));
    this.#published = isPublished ? now : undefined;
    this.#attributes = shownAttributes(typedSearchAttributes);
  }

  /** Shows the keeper as it is. */
  show(keeper: Keeper): void {
    setCurrentDetails(detailsOf(keeper));
    this.#publish(keeper);
    if (keeper.useSearchAttributes) this.#showAttributes(keeper);
  }

  #publish(keeper: Keeper): void {
    const before = this.#published;
    const now = publishing(keeper);
    const isAnswerNew =
      before === undefined ||
      before.isEndWanted !== now.isEndWanted ||
      isPublishedAnew(before.state, now.state);
    const areSettingsNew =
      before === undefined ||
      before.usesSearchAttributes !== now.usesSearchAttributes ||
      settlesAnew(before.state.spec, now.state.spec);
    if (!isAnswerNew && !areSettingsNew) return;
    this.#published = now;
    upsertMemo({
      ...(isAnswerNew ? answerMemo(now) : {}),
      ...(areSettingsNew ? settingsMemo(now) : {}),
    });
  }

  #showAttributes({ state }: Keeper): void {
    const changed = searchAttributesOf(state).filter(
      ({ key, value }) => this.#attributes.get(key.name) !== value,
    );
    if (changed.length === 0) return;
    for (const { key, value } of changed) this.#attributes.set(key.name, value);
    upsertSearchAttributes(changed);
  }
}

/** The whole memo: a run that is continued without one falls back to what it was started with. */
export function publishedMemo(keeper: Keeper): Record<string, unknown> {
  const now = publishing(keeper);
  return { ...answerMemo(now), ...settingsMemo(now) };
}

function publishing({ state, useSearchAttributes, isEndWanted }: Keeper): Published {
  return { state, usesSearchAttributes: useSearchAttributes, isEndWanted };
}

function answerMemo(now: Published): Record<string, unknown> {
  return { [PUBLISHED_MEMO.answer]: answerOf(now) };
}

function settingsMemo(now: Published): Record<string, unknown> {
  return { [PUBLISHED_MEMO.settings]: settingsOf(now) };
}

function answerOf({ state, isEndWanted }: Published): PublishedAnswer {
  return publishedAnswer(state, Date.now(), isEndWanted);
}

function settingsOf({ state, usesSearchAttributes }: Published): PublishedSettings {
  return publishedSettings(state.spec, usesSearchAttributes);
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
          `- last failure: ${failure.type} \`${failure.code}\` at ${dateText(failure.atMs)}`,
        ]),
    `- generation ${state.generation}, epoch ${state.epoch}`,
    `- token expires ${state.token === undefined ? '(none yet)' : dateText(state.token.expiresAtMs)}`,
    ...(state.token?.materialExpiresAtMs === undefined
      ? []
      : [`- material expires ${dateText(state.token.materialExpiresAtMs)}`]),
    ...(keeper.hasEnded ? [] : [`- next refresh ${dateText(keeper.nextStartAtMs)}`]),
  ].join('\n');
}
