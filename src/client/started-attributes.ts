import { defineSearchAttributeKey } from '@temporalio/common';
import type { SearchAttributePair } from '@temporalio/common';
import type { KeeperState } from '../contract/keeper.js';
import { SEARCH_ATTRIBUTES } from '../contract/names.js';

const PROVIDER = defineSearchAttributeKey(SEARCH_ATTRIBUTES.provider.name, 'KEYWORD');
const STATUS = defineSearchAttributeKey(SEARCH_ATTRIBUTES.status.name, 'KEYWORD');

/** Search attributes of a keeper from its start on, so that it is listed also while no worker runs. */
export function searchAttributesOf({ spec, status }: KeeperState): SearchAttributePair[] {
  return [
    { key: PROVIDER, value: spec.provider },
    { key: STATUS, value: status },
  ];
}
