import { describe, expect, it } from 'vitest';
import { appliedMaterialProblems } from '../../src/providers/applied-material.js';
import { klavi } from '../../src/providers/klavi.js';
import { oauth2 } from '../../src/providers/oauth2/provider.js';
import { vmwareCsp } from '../../src/providers/vmware-csp.js';

const OAUTH2 = { clientId: 'c', tokenEndpoint: 'https://as.example/token' };
const REFERENCE = { $workerEnv: 'EVERTOKEN_SECRET_X' };

describe('material as it is applied', () => {
  it('is usable with values alone', () => {
    const material = { refreshToken: 'r', clientSecret: 's' };
    expect(appliedMaterialProblems(oauth2.configure(OAUTH2), material)).toEqual([]);
  });

  it('may leave to the worker what no refresh replaces', () => {
    const material = { refreshToken: 'r', clientSecret: REFERENCE };
    expect(appliedMaterialProblems(oauth2.configure(OAUTH2), material)).toEqual([]);
    expect(appliedMaterialProblems(vmwareCsp.configure({}), { apiToken: REFERENCE })).toEqual([]);
  });

  it('may not leave to the worker what a refresh replaces', () => {
    expect(appliedMaterialProblems(klavi.configure({}), { accessToken: REFERENCE })).toEqual([
      { field: 'accessToken', problem: 'must be given as a value, $env or $file' },
    ]);
  });

  it('is refused once for each field that this configuration misses', () => {
    expect(appliedMaterialProblems(oauth2.configure(OAUTH2), {})).toEqual([
      { field: 'refreshToken', problem: 'is missing' },
      { field: 'clientSecret', problem: 'is missing' },
    ]);
    const publicClient = { ...OAUTH2, clientAuthentication: 'none' };
    expect(appliedMaterialProblems(oauth2.configure(publicClient), { refreshToken: 'r' })).toEqual(
      [],
    );
  });

  it('is refused with the name of a field, never with its value', () => {
    const material = { accessToken: 'CANARY\n', expiresAt: 'CANARY', surplus: 'CANARY' };
    const problems = appliedMaterialProblems(klavi.configure({}), material);
    expect(problems.map(({ field }) => field).sort()).toEqual(['', 'accessToken', 'expiresAt']);
    expect(JSON.stringify(problems)).toContain('surplus');
    expect(JSON.stringify(problems)).not.toContain('CANARY');
  });
});
