import { expect, test } from 'vitest';
import { createFormat } from '../../i18n/format.ts';
import { translator } from '../../i18n/translate.ts';
import { compareAgents } from './compare.ts';
import { agentOf, folderOf } from './testing/small-fleet.ts';

const context = {
  text: translator('en'),
  format: createFormat({ locale: 'en', timeZone: 'UTC' }),
  officeName: (id: string) => `office ${id}`,
  folderName: (id: string) => `folder ${id}`,
};

test('an agent does not differ from itself', () => {
  expect(compareAgents(agentOf(), agentOf(), context).every(({ isSame }) => isSame)).toBe(true);
});

test('what differs is said, and a folder that one does not have is unknown there', () => {
  const a = agentOf({ hostname: 'a', version: '1.0.0', peers: null, folders: [folderOf({ id: 'x' })] });
  const b = agentOf({
    hostname: 'b',
    version: '1.1.0',
    peers: 0,
    folders: [folderOf({ id: 'y', state: 'blocked', reason: 'disk.full' })],
  });
  const different = compareAgents(a, b, context).filter(({ isSame }) => !isSame);
  expect(different.map(({ id, a: left, b: right }) => [id, left, right])).toEqual([
    ['hostname', 'a', 'b'],
    ['state', 'complete', 'blocked: the disk is full'],
    ['version', '1.0.0', '1.1.0'],
    ['peers', '—', '0'],
    ['folder/x', 'complete, 2 of 2 files, entry 3', '—'],
    ['folder/y', '—', 'blocked: the disk is full, 2 of 2 files, entry 3'],
  ]);
});
