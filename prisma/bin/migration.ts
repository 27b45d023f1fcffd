// `npm run db:migration -- NAME`: writes the migration that leads from the migrations folder to the schema. Works offline, on a
// PostgreSQL that is made for it and thrown away.
import path from 'node:path';
import { startEphemeralServer } from '../src/embedded/ephemeral.ts';
import { urlOf } from '../src/embedded/facts.ts';
import { writeMigration } from '../src/migrations/author.ts';

const name = process.argv[2] ?? '';
if (!/^[a-z][a-z0-9_]{1,60}$/.test(name)) {
  process.stderr.write('usage: npm run db:migration -- NAME   (lower-case words joined by underscores)\n');
  process.exit(2);
}

const target = await writeMigration(urlOf(await startEphemeralServer()), name, new Date());
process.stdout.write(
  target === undefined
    ? 'The migrations lead to the schema already; nothing written.\n'
    : `Wrote prisma/migrations/${path.basename(target)}/migration.sql. Read it before you commit it.\n`,
);
