/** Names by which the settings editor is known. */
export const SETTINGS_EDITOR = 'harp.editor.settings';

/** The menu of one setting; its argument is the key. */
export const SETTING_MENU = 'settings/item';

/** How the settings are shown: a form, their text, or both beside each other. */
export const modes = ['form', 'json', 'both'] as const;
export type Mode = (typeof modes)[number];

/** The setting that had the focus last, so that the other side begins there. */
export const FOCUSED_KEY = 'harp.settings.focusedKey';
