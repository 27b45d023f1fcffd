/** Paths that lead out of what is served, as no browser would send them: byte for byte, to the server that has the pages. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sendRaw } from '../harness/raw-requests.ts';
import { expect, test } from './fixtures.ts';

const ways = [
  '/../../../../../../etc/passwd',
  '/_next/static/../../../../../../../etc/passwd',
  '/_next/static/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd',
  '/_next/static/%2e%2e/%2e%2e/%2e%2e/package.json',
  '/_next/static/..%5c..%5c..%5cpackage.json',
  '/_next/../../package.json',
  '/_next/data/../../../cli.json',
  '/_next/image?url=..%2f..%2f..%2fetc%2fpasswd&w=64&q=75',
  '/_next/image?url=file:///etc/passwd&w=64&q=75',
  '/static/%00/etc/passwd',
];

test('a path that leads out of the pages leads to nothing', async ({ stage }) => {
  const { server } = stage.world;
  const secret = readFileSync(join(server.dataDir, 'cli.json'), 'utf8');
  for (const path of ways) {
    const answer = await sendRaw(
      Number(new URL(server.url).port),
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    expect(answer, path).toBeDefined();
    expect(answer?.toString(), path).toMatch(/^HTTP\/1\.1 (200|30\d|400|404) /);
    for (const inside of ['root:', secret, '"devDependencies"', '"workspaces"'])
      expect(answer?.includes(inside), path).toBe(false);
  }
});
