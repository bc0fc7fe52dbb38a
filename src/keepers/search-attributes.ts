import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { SEARCH_ATTRIBUTES } from '../contract/names.js';
import type { SearchAttributeUse } from '../settings/environment.js';
import { withDeadline } from '../temporal/connection.js';
import { QUERY_RETRY_MS, REGISTRATION_WAIT_MS } from './numbers.js';
import { isRefusal } from './temporal-error.js';

const { INDEXED_VALUE_TYPE_KEYWORD: KEYWORD } = proto.temporal.api.enums.v1.IndexedValueType;

/** Types by attribute name. */
type Attributes = Readonly<Record<string, proto.temporal.api.enums.v1.IndexedValueType>>;
/** If a server names the fields that hold attributes, a field's name begins with the type. */
const KEYWORD_FIELD = /^Keyword\d+$/;

/** Names of our search attributes that the namespace does not have, or has with another type. */
export async function missingSearchAttributes(client: Client): Promise<readonly string[]> {
  const listed = await orRefused(() => listedToOperators(client));
  return missingIn(listed ?? (await toldToNamespaceUsers(client)));
}

/**
 * Whether keepers may use our search attributes. It registers them if that is allowed. An unregistered attribute would fail
 * every task of a keeper, so in doubt the answer is no, and keepers run without. `on` is for a server that does not say which
 * attributes it has. If the server says that they are missing, the answer is still no. If the server is away, it rejects with
 * the error of Temporal's client, so that a moment's outage switches nothing off.
 */
export async function ensureSearchAttributes(
  client: Client,
  use: SearchAttributeUse,
): Promise<boolean> {
  if (use === 'off') return false;
  const listed = await orRefused(() => listedToOperators(client));
  if (listed === undefined) {
    if (use === 'on') return true;
    const told = await orRefused(() => toldToNamespaceUsers(client));
    return told !== undefined && missingIn(told).length === 0;
  }
  const missing = missingIn(listed);
  if (missing.length === 0) return true;
  // Locked-down servers refuse it, and others have no room for more attributes.
  return (await orRefused(() => registered(client, missing))) ?? false;
}

/** `undefined` if the server refuses the call, as Temporal Cloud refuses all calls for operators. */
async function orRefused<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

async function listedToOperators(client: Client): Promise<Attributes> {
  const { namespace } = client.options;
  const { customAttributes } = await withDeadline(client.connection, () =>
    client.connection.operatorService.listSearchAttributes({ namespace }),
  );
  return customAttributes;
}

/** SQL stores keep attributes in fields, which each namespace names. Other stores have them for the whole server. */
async function toldToNamespaceUsers(client: Client): Promise<Attributes> {
  const { namespace } = client.options;
  const [{ config }, ofServer] = await withDeadline(client.connection, () =>
    Promise.all([
      client.workflowService.describeNamespace({ namespace }),
      orRefused(() => client.workflowService.getSearchAttributes({})),
    ]),
  );
  const aliases = Object.entries(config?.customSearchAttributeAliases ?? {})
    .filter(([field]) => KEYWORD_FIELD.test(field))
    .map(([, alias]) => [alias, KEYWORD] as const);
  return { ...ofServer?.keys, ...Object.fromEntries(aliases) };
}

function missingIn(attributes: Attributes): readonly string[] {
  return Object.values(SEARCH_ATTRIBUTES).filter((name) => attributes[name] !== KEYWORD);
}

/** Registers attributes and waits until they can be used; false if they cannot in time. */
async function registered(client: Client, names: readonly string[]): Promise<boolean> {
  await register(client, names);
  return becomeUsable(client);
}

async function register(client: Client, names: readonly string[]): Promise<void> {
  await withDeadline(client.connection, () =>
    client.connection.operatorService.addSearchAttributes({
      namespace: client.options.namespace,
      searchAttributes: Object.fromEntries(names.map((name) => [name, KEYWORD])),
    }),
  );
}

/** Asks more than once, since the server's nodes learn of new attributes one by one. */
async function becomeUsable(client: Client): Promise<boolean> {
  const deadlineMs = performance.now() + REGISTRATION_WAIT_MS;
  while ((await missingSearchAttributes(client)).length > 0) {
    if (performance.now() >= deadlineMs) return false;
    await delay(QUERY_RETRY_MS);
  }
  return true;
}
