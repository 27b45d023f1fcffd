/**
 * The German texts by id, as far as messages do not have them beside the English ones. That is so in pages: their build (build/messages-loader.mjs)
 * leaves German out of all messages and puts it here, for readers of German to load. Everywhere else messages are whole and nothing is needed here.
 */
export const german: Readonly<Record<string, string>> = {};
