import { expect, test } from 'vitest';
import { compiledWhen } from '../../workbench/commands/when.ts';
import { inputAt } from '../../workbench/editors/address.ts';
import { joinContributions } from '../../workbench/model.ts';
import { itemsMeant, itemsOfInput } from './commands.ts';
import { contentContribution } from './content.contribution.ts';
import { fileInput, folderInput } from './content-item.ts';
import { selectedItems } from './content-state.ts';

const { commands = [], keybindings = [], menus = [] } = contentContribution;

test('every condition can be read', () => {
  for (const { when } of [...commands, ...keybindings, ...menus]) {
    if (when !== undefined) expect(() => compiledWhen(when)).not.toThrow();
  }
});

test('every entry and key names a command of its own', () => {
  expect(() => joinContributions([contentContribution])).not.toThrow();
});

test('a command that cannot run says what to do first', () => {
  for (const { when, whenReason } of commands) if (when !== undefined) expect(whenReason).toBeDefined();
});

test.each([
  ['/f/fld-a', 'harp.editor.folder'],
  ['/f/fld-a/chain', 'harp.editor.folder'],
  ['/f/fld-a/file?path=a%2Fb.txt', 'harp.editor.file'],
  ['/n/cloud', 'harp.editor.nextcloud'],
])('%s is shown by %s', (address, editor) => {
  expect(inputAt(joinContributions([contentContribution]).editors, address)?.editor).toBe(editor);
});

const services = (active: ReturnType<typeof folderInput> | undefined, inTree = false) =>
  ({
    editors: { active },
    context: { get: (key: string) => (key === 'sideBarFocus' ? inTree : inTree ? 'harp.view.content' : '') },
  }) as unknown as Parameters<typeof itemsMeant>[0];
const file = { kind: 'file', folderId: 'fld-a', path: 'a/b.txt' } as const;
const folder = { kind: 'folder', id: 'fld-a', name: 'CAD', path: '/CAD' } as const;

test('a command is about what it is given: items, a row, a tab', () => {
  expect(itemsMeant(services(undefined), [file, folder])).toEqual([file, folder]);
  expect(itemsMeant(services(undefined), { id: 'x', name: 'x', icon: 'file', data: file })).toEqual([file]);
  expect(itemsMeant(services(undefined), fileInput('fld-a', 'a/b.txt'))).toEqual([file]);
  expect(itemsMeant(services(undefined), { data: { kind: 'more', folderId: 'fld-a', path: '' } })).toEqual([]);
});

test('without that, about what the active editor shows; about the tree’s selection while the tree has the focus', () => {
  selectedItems.tell([file]);
  const shown = folderInput('fld-a', 'CAD');
  expect(itemsMeant(services(shown))).toEqual(itemsOfInput(shown));
  expect(itemsMeant(services(shown, true))).toEqual([file]);
  expect(itemsMeant(services(undefined))).toEqual([file]);
  selectedItems.tell([]);
});
