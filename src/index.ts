/** What services import: reading tokens that keepers keep fresh. */
export { connectTokens } from './client/connect-tokens.js';
export type { ConnectOptions } from './client/connect-tokens.js';
export { TokenClient } from './client/token-client.js';
export type { GetOptions, ListFilter, RefreshOptions } from './client/options.js';
export type { AccessToken } from './client/access-token.js';
export type {
  ActivityWait,
  CredentialStatus,
  CredentialSummary,
  KeeperPort,
} from './client/keeper-port.js';
export { TOKEN_ERROR_CODES, TokenError, UnsatisfiableValidityError } from './client/token-error.js';
export type { TokenErrorCode } from './client/token-error.js';
export { ConfigError } from './settings/config-error.js';
export type { ConfigProblem } from './settings/config-error.js';
export { TemporalUnreachableError } from './temporal/connect-in-time.js';
export { TemporalSettingsError } from './temporal/settings-error.js';
export type { Json, JsonObject, Token } from './contract/credential.js';
export type { FailureDetails, FailureSummary, FailureType } from './contract/failures.js';
export { KEEPER_STATUSES } from './contract/keeper.js';
export type { KeeperStatus } from './contract/keeper.js';
export type { EnsureFreshRequest, StatusAnswer, TokenAnswer } from './contract/messages.js';
