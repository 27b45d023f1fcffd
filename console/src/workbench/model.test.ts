import { describe, expect, test } from 'vitest';
import { defineMessages } from '../i18n/messages.ts';
import { type Contribution, editorKey, joinContributions } from './model.ts';

const { title } = defineMessages('test', { title: 'Title' }, { title: 'Titel' });
const Nothing = () => null;
const command = (id: string) => ({ id, category: title, title, run() {} });
const view = (id: string, order: number, section = id) => ({
  id,
  title,
  icon: 'cloud',
  order,
  sections: [{ id: section, title, component: Nothing }],
});
const editor = (id: string) => ({ id, component: Nothing, path: { build: () => '/', parse: () => undefined } });
const input = (editorId: string) => ({ editor: editorId, subject: 's', title: 'T', icon: 'file' });

describe('joining contributions', () => {
  test('brings views, panels and status items in their order, whoever they came from', () => {
    const joined = joinContributions([{ views: [view('b', 20)] }, { views: [view('a', 10)] }]);
    expect(joined.views.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test.each<{ name: string; contributions: Contribution[]; message: RegExp }>([
    {
      name: 'two commands',
      contributions: [{ commands: [command('x')] }, { commands: [command('x')] }],
      message: /commands.*x/,
    },
    { name: 'two views', contributions: [{ views: [view('v', 1), view('v', 2, 'w')] }], message: /views.*v/ },
    {
      name: 'two sections',
      contributions: [{ views: [view('v', 1, 's'), view('w', 2, 's')] }],
      message: /sections.*s/,
    },
    {
      name: 'two editors',
      contributions: [{ editors: [editor('e')] }, { editors: [editor('e')] }],
      message: /editors.*e/,
    },
    {
      name: 'a key without a command',
      contributions: [{ keybindings: [{ command: 'gone', key: 'f1' }] }],
      message: /gone/,
    },
    {
      name: 'a menu without a command',
      contributions: [{ menus: [{ menu: 'manage', command: 'gone' }] }],
      message: /gone/,
    },
    { name: 'a welcome without an editor', contributions: [{ welcome: input('gone') }], message: /gone/ },
  ])('refuses $name', ({ contributions, message }) => {
    expect(() => joinContributions(contributions)).toThrow(message);
  });

  test('keys and menus may name a command of another feature', () => {
    const joined = joinContributions([
      { keybindings: [{ command: 'x', key: 'f2' }], menus: [{ menu: 'manage', command: 'x' }] },
      { commands: [command('x')] },
    ]);
    expect(joined.commands.get('x')).toBeDefined();
  });

  test('welcomes with the first that is offered', () => {
    const joined = joinContributions([
      { editors: [editor('e'), editor('f')] },
      { welcome: input('e') },
      { welcome: input('f') },
    ]);
    expect(joined.welcome?.editor).toBe('e');
  });
});

test('an editor is identified by what it shows, not by how', () => {
  expect(editorKey({ ...input('e'), params: { tab: 'a' } } as never)).toBe(editorKey(input('e')));
});
