import { expect, test } from 'vitest';
import { translator } from '../../i18n/translate.ts';
import { grantsText } from './words.ts';

const text = translator('en');

test('roles are told with their places', () => {
  const somewhere = {
    role: 'helpdesk',
    everywhere: false,
    regions: ['North', 'South'],
    officeIds: ['a', 'b'],
  } as const;
  const everywhere = { role: 'viewer', everywhere: true, regions: [], officeIds: [] } as const;
  const grants = [somewhere, everywhere].map((grant) => ({
    ...grant,
    regions: [...grant.regions],
    officeIds: [...grant.officeIds],
  }));
  expect(grantsText(grants, text)).toBe('helpdesk: regions North, South · 2 offices; viewer: everywhere');
  expect(grantsText([], text)).toBe('no role');
});
