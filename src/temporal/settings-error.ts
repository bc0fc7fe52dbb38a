/** Temporal's own settings cannot be used: a `TEMPORAL_*` variable, or the configuration file that they name. */
export class TemporalSettingsError extends Error {
  override readonly name = 'TemporalSettingsError';

  constructor(
    advice = 'check the TEMPORAL_* variables and the configuration file and profile that they name',
  ) {
    super(`temporal settings cannot be used; ${advice}`);
  }
}
