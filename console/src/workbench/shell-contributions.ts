import { keybindingsContribution } from './keybindings/keybindings.contribution.ts';
import type { Contribution } from './model.ts';
import { notificationsContribution } from './notifications/notifications.contribution.ts';
import { quickInputContribution } from './quick-input/quick-input.contribution.ts';
import { shellContribution } from './shell.contribution.ts';

/** What the shell brings itself. It goes before the features, which build on its commands and menus. */
export const shellContributions: readonly Contribution[] = [
  shellContribution,
  quickInputContribution,
  keybindingsContribution,
  notificationsContribution,
];
