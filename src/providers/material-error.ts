/** No request can be made from this material. The message names the field, never its value. */
export class MaterialError extends Error {
  override readonly name = 'MaterialError';
  readonly field: string;

  constructor(field: string, problem: string) {
    super(`material cannot be used [field=${field}, problem=${problem}]`);
    this.field = field;
  }
}
