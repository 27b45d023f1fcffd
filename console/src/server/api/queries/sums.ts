/** Sums as the API gives them: whole numbers that are exact in JSON, whatever agents claim. */
import { Prisma } from '@harp/prisma';

const max = Prisma.raw(String(Number.MAX_SAFE_INTEGER));

/** SQL: the sum of a column, 2^53 - 1 at most, 0 where there are no rows. */
export function sumOf(column: string): Prisma.Sql {
  return Prisma.sql`least(coalesce(sum(${Prisma.raw(column)}), 0), ${max})::float8`;
}

/** SQL: sums of bytes by source, named as the API names them. `table` is the alias of what has the columns, with its dot. */
export function sumsBySource(table = ''): Prisma.Sql {
  const sums = ['fromPeers', 'fromOrigin', 'fromLocal'].map(
    (source) => Prisma.sql`${sumOf(`${table}"${source}"`)} AS ${Prisma.raw(`"${source}"`)}`,
  );
  return Prisma.join(sums);
}

/** The sum of two such numbers is one, too. */
export function exactSum(a: number, b: number): number {
  return Math.min(a + b, Number.MAX_SAFE_INTEGER);
}
