/** Conversions between rows and the API's plain numbers. */

/** UTC epoch milliseconds of a row's instant. */
export function atMs(instant: Date): number {
  return instant.getTime();
}

/** The same where there may be none. */
export function atMsOrNull(instant: Date | null): number | null {
  return instant?.getTime() ?? null;
}
