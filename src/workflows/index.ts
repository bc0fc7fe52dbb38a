/** All workflows of the bundle. */
export { credentialKeeper } from './credential-keeper.js';
