/** The first of many names, and how many more there are: `a, b and 3 more`. */
export function someOf(names: readonly string[], most: number, separator = ', '): string {
  const more = names.length - most;
  const shown = names.slice(0, most).join(separator);
  return more > 0 ? `${shown} and ${more} more` : shown;
}
