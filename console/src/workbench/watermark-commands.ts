/** What an empty workbench offers, in this order. A command that nobody contributed is left out. */
export const WATERMARK_COMMANDS: readonly string[] = [
  'workbench.action.quickOpen',
  'workbench.action.showCommands',
  'workbench.action.reopenClosedEditor',
  'workbench.action.toggleSideBar',
  'workbench.action.togglePanel',
  'workbench.action.focusNextPart',
  'workbench.action.openKeyboardShortcuts',
];
