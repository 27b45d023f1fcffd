/** WAN saved: what the console opens with. */
import { lazy } from 'react';
import { z } from 'zod';
import { ask } from '../../api/client.ts';
import { OfficeList } from '../../api/schemas.ts';
import { cutText } from '../../ui/foreign-text.ts';
import { paramsOf, pathOf, segmentsOf } from '../../workbench/editors/address.ts';
import type { Contribution, EditorInput, WorkbenchServices } from '../../workbench/model.ts';
import { SAVINGS_EDITOR, savingsSettings } from './keys.ts';
import { savingsText } from './messages.ts';

const SavingsEditor = lazy(() => import('./SavingsEditor.tsx'));

/** There is one such editor; what it looks at are its params. */
const input: EditorInput = {
  editor: SAVINGS_EDITOR,
  subject: 'fleet',
  title: savingsText.title.en,
  icon: 'graph-line',
};

async function showOffice({ quickInput, editors, text }: WorkbenchServices): Promise<void> {
  const { offices } = await ask(OfficeList, '/offices');
  const picked = await quickInput.pick({
    title: text(savingsText.pickOffice),
    items: offices.map(({ id, name, agentsOnline, agentsTotal }) => ({
      id,
      label: cutText(name, 80),
      description: text(savingsText.agents, { online: agentsOnline, total: agentsTotal }),
      icon: 'organization',
      accept() {},
    })),
  });
  if (picked !== undefined)
    editors.open({ ...input, title: text(savingsText.title), params: { office: picked.id, range: 'today' } });
}

const percent = z.int().min(0).max(100);

export const savingsContribution: Contribution = {
  editors: [
    {
      id: SAVINGS_EDITOR,
      component: SavingsEditor,
      path: {
        // Absolute times only: a link shows the same tomorrow. Nothing chosen yet is the present.
        build({ params = {} }) {
          const { from, to, office } = params;
          return pathOf(['savings'], { office, from, to });
        },
        parse(path, query) {
          const segments = segmentsOf(path);
          if (segments?.length !== 1 || segments[0] !== 'savings') return undefined;
          const { office, from, to } = paramsOf(query);
          const params = Object.fromEntries(
            Object.entries({ office, from, to }).filter((entry): entry is [string, string] => entry[1] !== undefined),
          );
          return { ...input, params };
        },
      },
    },
  ],
  commands: [
    {
      id: 'harp.savings.show',
      category: savingsText.category,
      title: savingsText.show,
      icon: 'graph-line',
      run: ({ editors, text }) => editors.open({ ...input, title: text(savingsText.title) }),
    },
    {
      id: 'harp.savings.showOffice',
      category: savingsText.category,
      title: savingsText.showOffice,
      run: showOffice,
    },
  ],
  settings: [
    {
      section: 'savings',
      title: savingsText.settings,
      scope: 'user',
      settings: [
        {
          key: savingsSettings.firstRange,
          title: savingsText.firstRange,
          description: savingsText.firstRangeWhy,
          schema: z.enum(['today', '24h', '7d', '30d']),
          kind: 'choice',
          choices: [
            { value: 'today', label: savingsText.today },
            { value: '24h', label: savingsText.day },
            { value: '7d', label: savingsText.week },
            { value: '30d', label: savingsText.month },
          ],
          default: 'today',
        },
      ],
    },
    {
      section: 'savings',
      title: savingsText.settings,
      scope: 'server',
      settings: [
        {
          key: savingsSettings.warnBelow,
          title: savingsText.warnBelow,
          description: savingsText.warnBelowWhy,
          schema: percent,
          kind: 'number',
          default: 60,
        },
        {
          key: savingsSettings.errorBelow,
          title: savingsText.errorBelow,
          description: savingsText.errorBelowWhy,
          schema: percent,
          kind: 'number',
          default: 10,
        },
      ],
    },
  ],
  welcome: input,
};
