// A test process for tests to kill: makes a test database, says so in one line of JSON, and stays until its standard input ends.
import { createTestDatabase } from '../src/test-db.ts';

const { url } = await createTestDatabase();
process.stdout.write(`${JSON.stringify({ url })}\n`);
process.stdin.resume();
