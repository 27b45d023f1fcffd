/** People and their roles, from the menu of the gear. */
import { lazy } from 'react';
import { mayKey } from '../../session/may.ts';
import { pathOf, segmentsOf } from '../../workbench/editors/address.ts';
import type { Contribution, EditorInput } from '../../workbench/model.ts';
import { peopleText } from './messages.ts';

const EDITOR = 'harp.editor.people';
const OPEN = 'harp.people.open';
const PATH = 'people';

const PROVIDERS_EDITOR = 'harp.editor.providers';
const OPEN_PROVIDERS = 'harp.people.providers';
const PROVIDERS_PATH = [PATH, 'sign-in'];

const providersInput = (title: string): EditorInput => ({
  editor: PROVIDERS_EDITOR,
  subject: PROVIDERS_PATH.join('/'),
  title,
  icon: 'key',
});
const inputWith = (title: string): EditorInput => ({ editor: EDITOR, subject: PATH, title, icon: 'organization' });

export const peopleContribution: Contribution = {
  commands: [
    {
      id: OPEN,
      category: peopleText.category,
      title: peopleText.open,
      icon: 'organization',
      when: mayKey('people.read'),
      whenReason: peopleText.mayNot,
      run: ({ editors, text }) => editors.open(inputWith(text(peopleText.title)), { focus: true }),
    },
    {
      id: OPEN_PROVIDERS,
      category: peopleText.category,
      title: peopleText.openProviders,
      icon: 'key',
      when: mayKey('server.write'),
      whenReason: peopleText.mayNotProviders,
      run: ({ editors, text }) => editors.open(providersInput(text(peopleText.providers)), { focus: true }),
    },
  ],
  menus: [
    { menu: 'manage', command: OPEN, group: '3_people', order: 10, when: mayKey('people.read') },
    { menu: 'manage', command: OPEN_PROVIDERS, group: '3_people', order: 11, when: mayKey('server.write') },
  ],
  editors: [
    {
      id: EDITOR,
      component: lazy(async () => ({ default: (await import('./PeopleEditor.tsx')).PeopleEditor })),
      path: {
        build: () => pathOf([PATH]),
        parse: (path) => (segmentsOf(path)?.join('/') === PATH ? inputWith(peopleText.title.en) : undefined),
      },
    },
    {
      id: PROVIDERS_EDITOR,
      component: lazy(async () => ({ default: (await import('./ProvidersEditor.tsx')).ProvidersEditor })),
      path: {
        build: () => pathOf(PROVIDERS_PATH),
        parse: (path) =>
          segmentsOf(path)?.join('/') === PROVIDERS_PATH.join('/')
            ? providersInput(peopleText.providers.en)
            : undefined,
      },
    },
  ],
};
