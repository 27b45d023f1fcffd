import { expect, test } from 'vitest';
import { settingsContribution } from './settings.contribution.ts';

const path = settingsContribution.editors![0]!.path;
const round = (address: string) => {
  const { pathname, searchParams } = new URL(address, 'http://harp');
  const input = path.parse(pathname, searchParams);
  return input === undefined ? undefined : path.build(input);
};

test.each(['/settings', '/settings?scope=server', '/settings?scope=server&view=json&q=%40modified'])(
  '%s is the address of what it shows',
  (address) => expect(round(address)).toBe(address),
);

test.each(['/', '/settings/more', '/savings'])('%s is no address of settings', (address) => {
  expect(round(address)).toBeUndefined();
});
