import { describe, expect, it } from 'vitest';
import { refreshRequest } from '../../src/workflows/refresh-request.js';
import { state, token } from '../support/keeper-fixture.js';

describe('what an attempt is handed', () => {
  it('is all that is known of the current token, but not the token, which would rest in every history', () => {
    const held = token({ value: 'access-secret', scope: 'read', extras: { region: 'eu' } });
    const request = refreshRequest(state({ token: held }), 'due');
    const { value, ...facts } = held;
    expect(request.currentToken).toEqual(facts);
    expect(JSON.stringify(request)).not.toContain(value);
  });
});
