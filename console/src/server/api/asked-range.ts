/** How a request says which time it means. */
import { z } from 'zod';

const DAY_MS = 86_400_000;

/** Nobody's clock is there; and PostgreSQL does not read how JavaScript writes years of more than four digits, which a rounded end could reach. */
const LAST_MS = Date.UTC(9000, 0) - 1;

const instant = z.coerce.number().int().min(0).max(LAST_MS).optional();

/** The range's ends, for a route's query. */
export const askedRange = {
  from: instant.meta({ description: 'UTC epoch, milliseconds; default: a day before `to`' }),
  to: instant.meta({ description: 'UTC epoch, milliseconds, not included; default: now' }),
};

/** What the range is cut into; `finestMs` at least, a year at most. */
export const askedStep = (finestMs: number, what: string) =>
  z.coerce
    .number()
    .int()
    .min(finestMs)
    .max(366 * DAY_MS)
    .optional()
    .meta({ description: `${what}; default: what gives at most 300` });
