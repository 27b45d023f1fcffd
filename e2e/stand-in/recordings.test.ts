/** The stand-in against the recorded answers of a real Nextcloud 27, request by request in the order they were made. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from './cloud/clock.ts';
import { Aliases } from './contract/aliases.ts';
import { differences } from './contract/compare.ts';
import { bytesOf, loadRecordings, type Recording, recordingsFolder } from './contract/recording.ts';
import { createStandIn, type StandIn } from './stand-in.ts';
import { basic, rawRequest } from './testing/raw-request.ts';

const recordings = loadRecordings();

/** The day of the recordings: their shares expire at fixed dates after it. */
const recordedAtMs = Date.UTC(2026, 10, 22, 20, 57, 28);

/** Where the stand-in is knowingly different, and why. */
const knownDifferences: readonly { recording: string; line: string; because: string }[] = [
  ...['capabilities-user', 'capabilities-v1'].map((recording) => ({
    recording,
    line: '.ocs.data.capabilities.dav.bulkupload is missing',
    because: 'bulk upload is not implemented, so it is not announced',
  })),
];

const adminPassword = 'admin-pass';
const loginPassword = 'svc-Pass-123-word'; // as in recording 001
const firstWithAppPassword = 23;

if (recordings.length === 0) {
  test('the recordings are not in this clone, so nothing is replayed', () => {
    console.log(
      `recordings.test.ts: nothing at ${recordingsFolder}; the contract with a real Nextcloud was not checked here`,
    );
    expect(recordings).toEqual([]);
  });
} else {
  describe('a recorded exchange', () => {
    let standIn: StandIn;
    let aliases: Aliases;
    const startedMs = systemClock.nowMs();

    beforeAll(async () => {
      standIn = await createStandIn({
        clock: { ...systemClock, nowMs: () => recordedAtMs + systemClock.nowMs() - startedMs },
        users: [
          { id: 'admin', password: adminPassword, groups: ['admin'] },
          ...['user1', 'user2', 'user3'].map((id) => ({ id, password: `${id}-pass`, groups: ['staff'] })),
        ],
      });
      aliases = new Aliases(standIn.url);
    });
    afterAll(() => standIn.close());

    test.each(recordings.map((recording) => [`${recording.number} ${recording.name}`, recording] as const))(
      '%s',
      async (_, recording) => {
        const { request } = recording;
        const response = await rawRequest(standIn.url + aliases.rewrite(request.path), {
          method: request.method,
          headers: headersNow(recording, aliases),
          body: bodyNow(recording, aliases),
        });
        const known = knownDifferences.filter((difference) => difference.recording === recording.name);
        expect(differences(recording, response, aliases)).toEqual(known.map((difference) => difference.line));
      },
    );
  });
}

function headersNow(recording: Recording, aliases: Aliases): Record<string, string> {
  return Object.fromEntries(
    Object.entries(recording.request.headers).map(([name, value]) => {
      return [name, name === 'Authorization' ? credentialsNow(recording, value, aliases) : aliases.rewrite(value)];
    }),
  );
}

/** Passwords were left out of the recordings; which one was used follows from the name and the place in the story. */
function credentialsNow({ name, number }: Recording, recorded: string, aliases: Aliases): string {
  const [, user = '', secret = ''] = /^Basic <([^:]*):(.*)>$/.exec(recorded) ?? [];
  if (user === 'admin') return basic('admin', adminPassword);
  if (secret === '') return basic(aliases.rewrite(user), '');
  if (name.includes('wrong-password')) return basic(user, 'not the password');
  return basic(user, number < firstWithAppPassword ? loginPassword : (appPassword(aliases) ?? ''));
}

/** The one that recording 022 handed out. */
function appPassword(aliases: Aliases): string | undefined {
  return aliases.get('token', 'D5EZwZVj5eWuUC4LOkp6QGkn1k7Cn1cJisyqXkPN00m1EdwAOEvHY13BObJg3XaxHFIElNGA');
}

function bodyNow({ request: { body } }: Recording, aliases: Aliases): Uint8Array | string | undefined {
  return body && 'text' in body ? aliases.rewrite(body.text) : bytesOf(body);
}
