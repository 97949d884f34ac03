/** A step that the documented table does not know: a mistake of ours, told rather than hidden. */
export function undocumentedStep(what: string, from: string | undefined, to: string): Error {
  return new Error(`${what}: ${from} to ${to} is no documented step`);
}
