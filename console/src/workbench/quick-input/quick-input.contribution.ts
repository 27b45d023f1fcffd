/** The command palette and the way to any object, as a contribution like any other. What objects there are, features say. */
import type { Contribution, WorkbenchServices } from '../model.ts';
import type { OpeningQuickAccess } from './access-search.ts';
import { quickInputMessages } from './messages.ts';
import type { AliasedItem } from './rows.ts';

const SHOW_COMMANDS = 'workbench.action.showCommands';
const GO_TO_ANYTHING = 'workbench.action.quickOpen';

const commandAccess: OpeningQuickAccess = {
  prefix: '>',
  order: 10,
  placeholder: quickInputMessages.commandPlaceholder,
  isAskedAtOpening: true,
  provide: (_query, services) => commandItems(services),
};

export const quickInputContribution: Contribution = {
  commands: [
    {
      id: SHOW_COMMANDS,
      category: quickInputMessages.viewCategory,
      title: quickInputMessages.showCommands,
      icon: 'terminal',
      run: ({ quickInput }) => quickInput.open('>'),
    },
    {
      id: GO_TO_ANYTHING,
      category: quickInputMessages.category,
      title: quickInputMessages.goToAnything,
      icon: 'search',
      run: ({ quickInput }) => quickInput.open(),
    },
  ],
  keybindings: [
    { command: SHOW_COMMANDS, key: 'ctrl+shift+p' },
    { command: SHOW_COMMANDS, key: 'f1' },
    { command: GO_TO_ANYTHING, key: 'ctrl+p' },
  ],
  menus: [{ menu: 'manage', command: SHOW_COMMANDS, group: '1_commands', order: 10 }],
  quickAccess: [commandAccess],
};

/** Every command of the palette. Those that cannot run stay, with the reason: who looks for one learns what is missing. */
export function commandItems({ commands, keybindings }: WorkbenchServices): AliasedItem[] {
  return commands
    .all()
    .filter(({ palette }) => palette)
    .map(({ id, label, alias, disabledReason }) => {
      const key = keybindings.keyOf(id);
      return {
        id,
        label,
        alias,
        ...(key === undefined ? {} : { keybinding: key }),
        ...(disabledReason === undefined ? {} : { disabledReason }),
        accept: (services: WorkbenchServices) => void services.commands.run(id),
      };
    });
}
