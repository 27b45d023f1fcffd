import {
  type AgentId,
  type Desired,
  defaultOfficePolicy,
  isHarpError,
  type OfficeId,
  type SignedText,
} from '@harp/broker/protocol';
import { createSigner, generateSigningKeyPem } from '@harp/broker/protocol/node';
import { expect, test } from 'vitest';
import { silentLog } from '../../test/fakes/silent-log.ts';
import { tempFolder } from '../../test/fixtures/temp-folder.ts';
import type { Identity } from '../ports.ts';
import { stateLayout } from '../state/layout.ts';
import { createDesiredState, judgeDesired } from './desired-state.ts';

const me = 'a'.repeat(52) as AgentId;
const signer = createSigner(generateSigningKeyPem());
const stranger = createSigner(generateSigningKeyPem());
const self = { agent: me, keys: [signer.key] };

function desired(changes: Partial<Desired> = {}): Desired {
  return {
    v: 1,
    agent: me,
    revision: 5,
    atMs: 1,
    office: { id: 'off-aaaaaaaaaaaaaaaa' as OfficeId, name: 'Lyon' },
    policy: defaultOfficePolicy,
    folders: [],
    roster: [],
    ...changes,
  };
}
const signed = (value: unknown, by = signer): SignedText => by.sign('harp/desired/v1', JSON.stringify(value));
const followed = { text: JSON.stringify(desired()), revision: 5 };

test.each<{ name: string; text: SignedText; last?: typeof followed; outcome: string }>([
  { name: 'the first one', text: signed(desired()), outcome: 'revision 5' },
  { name: 'a newer one', text: signed(desired({ revision: 6 })), last: followed, outcome: 'revision 6' },
  { name: 'the one that is followed', text: signed(desired()), last: followed, outcome: 'nothing new' },
  { name: 'another of the same revision', text: signed(desired({ atMs: 2 })), last: followed, outcome: 'revision 5' },
  { name: 'an older one', text: signed(desired({ revision: 4 })), last: followed, outcome: 'desired.rollback' },
  {
    name: 'one for another agent',
    text: signed(desired({ agent: 'b'.repeat(52) as AgentId })),
    outcome: 'desired.wrong_agent',
  },
  { name: 'one signed by a stranger', text: signed(desired(), stranger), outcome: 'chain.signature_invalid' },
  {
    name: 'one changed after it was signed',
    text: { ...signed(desired()), text: JSON.stringify(desired({ revision: 9 })) },
    outcome: 'chain.signature_invalid',
  },
  {
    name: 'one with a signature of another role',
    text: signer.sign('harp/head/v1', JSON.stringify(desired())),
    outcome: 'chain.signature_invalid',
  },
  {
    name: 'one with a key nobody knows',
    text: signed({ ...desired(), surprise: true }),
    outcome: 'protocol.invalid_message',
  },
])('$name → $outcome', ({ text, last, outcome }) => {
  const judged = () => {
    try {
      const result = judgeDesired(text, last, self);
      return result === undefined ? 'nothing new' : `revision ${result.revision}`;
    } catch (error) {
      return isHarpError(error) ? error.code : error;
    }
  };
  expect(judged()).toBe(outcome);
});

const identity: Identity = {
  agent: me,
  tls: () => ({ key: '', certificate: '', ca: '' }),
  signingKeys: () => [signer.key],
  onDidChange: () => ({ dispose: () => undefined }),
};
const payload = (text: SignedText) => Buffer.from(JSON.stringify(text));

test('the last good one is followed again after a restart, also after bad ones came', async () => {
  const { desired: path } = stateLayout(await tempFolder());
  const first = createDesiredState(path, identity, silentLog);
  expect((await first.offer(payload(signed(desired()))))?.revision).toBe(5);
  await expect(first.offer(payload(signed(desired({ revision: 6 }), stranger)))).rejects.toMatchObject({
    code: 'chain.signature_invalid',
  });
  await expect(first.offer(Buffer.from('not json'))).rejects.toMatchObject({ code: 'protocol.invalid_message' });
  expect(first.current?.revision).toBe(5);
  const second = createDesiredState(path, identity, silentLog);
  expect((await second.load())?.revision).toBe(5);
  await expect(second.offer(payload(signed(desired({ revision: 4 }))))).rejects.toMatchObject({
    code: 'desired.rollback',
  });
});

test('a bad one that the broker repeats is refused once', async () => {
  const state = createDesiredState(stateLayout(await tempFolder()).desired, identity, silentLog);
  const bad = payload(signed(desired(), stranger));
  await expect(state.offer(bad)).rejects.toMatchObject({ code: 'chain.signature_invalid' });
  expect(await state.offer(bad)).toBeUndefined();
});
