import { ErrorWithSubackPacket } from 'mqtt';
import { expect, test } from 'vitest';
import { refusedTopics } from './broker-link.ts';

type Suback = ConstructorParameters<typeof ErrorWithSubackPacket>[1];
const suback = (granted: number[]): Suback => ({ cmd: 'suback', messageId: 1, granted });

test.each([
  { name: 'one of two', error: new ErrorWithSubackPacket('refused', suback([1, 0x80])), refused: ['b'] },
  { name: 'both', error: new ErrorWithSubackPacket('refused', suback([0x80, 0x80])), refused: ['a', 'b'] },
  // What the library makes when a connection is given up while the broker has not answered.
  { name: 'no answer', error: new ErrorWithSubackPacket('closed', undefined as unknown as Suback), refused: [] },
  { name: 'anything else', error: new Error('closed'), refused: [] },
])('a subscription that fails with $name', ({ error, refused }) => {
  expect(refusedTopics(error, ['a', 'b'])).toEqual(refused);
});
