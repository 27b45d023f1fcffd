/** Help for those who work without a mouse or without seeing the page: which keys work where the focus is. */
import type { Contribution } from '../../workbench/model.ts';
import { HelpHost } from './HelpHost.tsx';
import { help } from './help-state.ts';
import { helpText } from './messages.ts';
import { placeOf } from './place.ts';

const OPEN = 'editor.action.accessibilityHelp';

export const accessibilityContribution: Contribution = {
  commands: [
    {
      id: OPEN,
      category: helpText.category,
      title: helpText.open,
      icon: 'question',
      run: () => help.show(placeOf(document.activeElement)),
    },
  ],
  keybindings: [{ command: OPEN, key: 'alt+f1' }],
  menus: [{ menu: 'manage', command: OPEN, group: '8_help', order: 1 }],
  providers: [HelpHost],
};
