/**
 * Every exchange recorded with a real Nextcloud 27, read by the parsers it concerns. The recordings lie beside the project, not in it: elsewhere this
 * file says so and passes, and parsers.test.ts holds the same rules in tables of the project's own.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { CapabilitiesDocument, CurrentUser, capabilitiesOf, parseStatus } from './capabilities.ts';
import { type Answer, failureOf, parseDavError } from './failures.ts';
import { parseMultistatus, unquoteEtag } from './multistatus.ts';
import { ocsData, parseOcs } from './ocs.ts';
import { chooseShare, isReadOnlyLink, ShareList, ShareRecord } from './shares.ts';

const folder = new URL('../../../../../shared/nextcloud/recordings/nc27/', import.meta.url);

const Recording = z.object({
  request: z.object({ method: z.string(), path: z.string(), headers: z.record(z.string(), z.string()) }),
  response: z.object({
    status: z.int(),
    headers: z.record(z.string(), z.string()),
    body: z.object({ text: z.string().optional() }).nullable(),
  }),
});
type Recording = z.infer<typeof Recording>;

function load(file: string): Recording {
  return Recording.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8')));
}

function answerOf({ response }: Recording): Answer {
  const headers = new Map(Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { status: response.status, header: (name) => headers.get(name), text: response.body?.text ?? '' };
}

/** What each failure means to Harp, by the number of the recording. */
const meanings: Record<string, string> = {
  '002': 'origin.unexpected',
  '009': 'origin.unexpected',
  '010': 'origin.unauthorised',
  '011': 'origin.unauthorised',
  '014': 'origin.forbidden',
  '034': 'origin.forbidden',
  '038': 'origin.not_found',
  '039': 'origin.unauthorised',
  '040': 'origin.unauthorised',
  '049': 'origin.changed',
  '051': 'origin.changed',
  '054': 'origin.not_found',
  '072': 'origin.not_found',
  '077': 'origin.forbidden',
  '078': 'origin.unauthorised',
  '079': 'origin.not_found',
  '082': 'origin.unauthorised',
  '096': 'origin.unauthorised',
};

if (!existsSync(folder)) {
  test('the recordings of a real Nextcloud are not here: their tests are left out', () => {
    console.warn(
      'no ../shared/nextcloud/recordings: the parsers are tested against the tables of parsers.test.ts only',
    );
  });
} else {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort();
  const number = (file: string) => file.slice(0, 3);
  const byNumber = (wanted: string) => load(files.find((file) => number(file) === wanted) as string);

  describe('a recorded answer', () => {
    test.each(files)('%s is understood', (file) => {
      const recording = load(file);
      const answer = answerOf(recording);
      if (answer.status === 207) {
        const nodes = parseMultistatus(answer.text);
        expect(nodes.length).toBeGreaterThan(0);
        for (const node of nodes) expect(node.href).toMatch(/^\//);
      }
      if (recording.request.path.startsWith('/ocs/') && answer.header('content-type')?.startsWith('application/json')) {
        if (!answer.text.includes('CSRF')) expect(parseOcs(answer.text)).toBeDefined();
      }
      if (answer.text.includes('<d:error')) expect(parseDavError(answer.text)?.exception).toMatch(/^(Sabre|OCA)\\/);
      const etag = answer.header('etag');
      if (etag !== undefined) expect(unquoteEtag(etag)).toMatch(/^[0-9a-f]{13,32}$/);
      if (answer.status >= 400) {
        const failure = failureOf(answer, 'test');
        expect(failure.code).toMatch(/^origin\./);
        const meaning = meanings[number(file)];
        if (meaning !== undefined) expect(failure.code).toBe(meaning);
      }
    });
  });

  test('status, capabilities and account of the recorded server', () => {
    expect(parseStatus(answerOf(byNumber('005')).text)).toEqual({ major: 27, version: '27.1.10 RC1', pause: false });
    const known = capabilitiesOf(ocsData(answerOf(byNumber('007')), CapabilitiesDocument, 'test'));
    expect(known).toMatchObject({
      major: 27,
      sharing: { allowed: true, passwordEnforced: false, expiresWithinDays: null, federationOutgoing: true },
    });
    const anonymous = capabilitiesOf(ocsData(answerOf(byNumber('006')), CapabilitiesDocument, 'test'));
    expect(anonymous.sharing.allowed).toBe(false);
    expect(ocsData(answerOf(byNumber('012')), CurrentUser, 'test').id).toBe('harp-svc');
  });

  test('a listing names folder, files, ids, sizes and instants', () => {
    const [self, file, inner] = parseMultistatus(answerOf(byNumber('036')).text);
    expect(self).toMatchObject({ isFolder: true, etag: '6b03573e84de5', fileId: '49' });
    expect(file).toMatchObject({
      isFolder: false,
      etag: '1931341186fc0921a71d5808a99ec28a',
      fileId: '54',
      size: 13,
      mtimeMs: Date.UTC(2026, 10, 22, 20, 57, 34),
      permissions: 'RGDNVW',
    });
    expect(inner).toMatchObject({ isFolder: true, size: 3_840_000 });
  });

  test('shares: a created one is read-only, and found again by label and path', () => {
    const created = ocsData(answerOf(byNumber('070')), ShareRecord, 'test');
    expect(created).toMatchObject({ id: '2', permissions: 17, token: 'EwT2qtcyrQSRibE' });
    expect(isReadOnlyLink(created)).toBe(true);
    const list = ocsData(answerOf(byNumber('073')), ShareList, 'test');
    const wanted = { davUser: 'harp-svc', path: 'Projects', label: 'harp office north', givenUp: new Set<string>() };
    expect(chooseShare(list, wanted, undefined)?.id).toBe('2');
    expect(chooseShare(list, { ...wanted, label: 'another' }, undefined)).toBeUndefined();
  });
}
