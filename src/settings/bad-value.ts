/** The text of a variable cannot be used. The complaints name no part of it. */
export class BadValueError extends Error {
  override readonly name = 'BadValueError';
  readonly complaints: readonly string[];

  constructor(...complaints: readonly string[]) {
    super(complaints.join('; '));
    this.complaints = complaints;
  }
}
