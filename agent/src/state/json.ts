/** The value of a JSON text, undefined if it is none: what follows is a schema that says what is wrong. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
