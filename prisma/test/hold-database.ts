// A parent process for tests to kill: opens the embedded database in the folder it is given, says so in one line of JSON, and
// stays until its standard input ends.
import { openDatabase } from '../src/database.ts';

const [dataDir] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('usage: hold-database.ts DATA-DIR');
try {
  const database = await openDatabase({ dataDir });
  process.stdout.write(`${JSON.stringify({ url: database.url })}\n`);
  process.stdin.resume().once('end', () => void database.stop().then(() => process.exit(0)));
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`);
}
