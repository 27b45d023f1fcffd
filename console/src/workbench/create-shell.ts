/** The composition of the workbench: every service is made here once, and knows the others by what it is given. */
import { translator } from '../i18n/translate.ts';
import { createCommandService } from './commands/command-service.ts';
import { createContextKeys } from './commands/context-keys.ts';
import { browserAddress } from './editors/browser-address.ts';
import type { createDock } from './editors/dock.ts';
import { createEditors } from './editors/editor-service.ts';
import { notFoundInput } from './editors/Watermark.tsx';
import { createLayout } from './layout/layout-service.ts';
import { readLayout, roomOf, type SavedLayout } from './layout/layout-state.ts';
import { localeSetting } from './locale-setting.ts';
import { createMenus } from './menus/menus.ts';
import { shellText } from './messages.ts';
import type { Contributions, WorkbenchServices } from './model.ts';
import { createNotifications } from './notifications/notifications.ts';
import { createQuickInput } from './quick-input/quick-input.ts';
import { createSettings } from './settings/settings-service.ts';
import type { Shell } from './shell-context.tsx';
import type { ServerSettingsPort, StatePort } from './state-port.ts';

export interface ShellOptions {
  contributions: Contributions;
  userName: string;
  state: StatePort;
  serverSettings: ServerSettingsPort;
  /** What `when` conditions are told from the start and for good: what this person may do, for one. */
  facts: Readonly<Record<string, unknown>>;
  page: Window;
  /** From editors/dock.ts, which pages load beside other things: it is large. */
  createDock: typeof createDock;
}

/** The shell and the life it has while it is on the page. */
export interface LivingShell extends Shell {
  /** Opens the editors and begins to listen to keys, history, focus and the window's size, until the returned function is called. */
  begin(): () => void;
}

/** How long arranging must rest before it is saved. */
const SAVE_AFTER_MS = 300;

/** Makes a workbench that is not on the page yet. */
export function createShell(options: ShellOptions): LivingShell {
  const { userName, state, serverSettings, page } = options;
  const context = createContextKeys(options.facts);
  const views = options.contributions.views.filter(({ when }) => context.holds(when));
  const contributions = { ...options.contributions, views };
  const saved = readLayout(state.read('layout'));
  // The services know each other; nobody asks before all are made.
  let services: WorkbenchServices;
  const text: WorkbenchServices['text'] = (message, values) => translator(localeSetting(settings))(message, values);

  const settings = createSettings({
    sections: contributions.settings,
    stores: {
      user: { initial: state.read('settings'), canWrite: true, save: (values) => state.save('settings', values) },
      server: {
        initial: undefined,
        canWrite: serverSettings.canWrite,
        save: (values) => {
          serverSettings.save(values).catch((error: unknown) => {
            const cause = error instanceof Error ? error.message : String(error);
            services.notifications.show({ severity: 'error', message: text(shellText.settingsNotSaved, { cause }) });
          });
        },
      },
    },
  });
  const { commands, keybindings } = createCommandService({
    contributions,
    context,
    services: () => services,
    storage: {
      load: () => state.later('keybindings'),
      save: (rules) => state.save('keybindings', rules),
    },
  });
  const notifications = createNotifications({ services: () => services });
  const quickInput = createQuickInput({ quickAccess: contributions.quickAccess, services: () => services });
  const menus = createMenus({ menus: contributions.menus, context, commands: () => commands });

  let saving: number | undefined;
  let shownEditor: string | undefined;
  const saveNow = () => {
    page.clearTimeout(saving);
    saving = undefined;
    const layoutNow: SavedLayout = { ...layout.saved(), savedAtMs: Date.now(), editors: editors.saved() };
    state.save('layout', layoutNow);
  };
  const saveSoon = () => {
    page.clearTimeout(saving);
    saving = page.setTimeout(saveNow, SAVE_AFTER_MS);
  };
  // A page that ends takes with it what was arranged last.
  page.addEventListener('pagehide', () => {
    if (saving !== undefined) saveNow();
  });
  const editors = createEditors({
    createDock: options.createDock,
    editors: contributions.editors,
    welcome: contributions.welcome,
    notFound: (address) => notFoundInput(address, text(shellText.notFoundTitle)),
    bar: browserAddress(page),
    context,
    text,
    onArranged: saveSoon,
    async mayDiscard(title) {
      const discard = { id: 'discard', label: text(shellText.discard), icon: 'trash', accept() {} };
      const stay = { id: 'stay', label: text(shellText.stay), icon: 'edit', accept() {} };
      const chosen = await quickInput.pick({ title: text(shellText.discardTitle, { title }), items: [stay, discard] });
      return chosen?.id === discard.id;
    },
  });
  const layout = createLayout({
    contributions,
    saved,
    room: roomOf(page.innerWidth),
    context,
    page: page.document,
    onArranged: saveSoon,
    resetEditors: editors.reset,
  });
  services = { editors, commands, keybindings, context, layout, notifications, quickInput, settings, menus, text };

  return {
    services,
    contributions,
    editors,
    layout,
    userName,
    begin() {
      context.update({ isMac: keybindings.platform === 'mac', isPwa: isOwnWindow(page) });
      fitRoom();
      editors.start(saved.editors);
      void state.later('settings').then((values) => settings.adopt('user', values));
      void serverSettings.load().then(
        (values) => settings.adopt('server', values),
        // The defaults hold; the settings editor says that it could not read them.
        () => undefined,
      );
      page.addEventListener('resize', fitRoom);
      const stops = [
        keybindings.attach(page),
        editors.followBrowser(),
        layout.watchFocus(),
        editors.onDidChange(uncoverEditor),
      ];
      return () => {
        page.removeEventListener('resize', fitRoom);
        for (const stop of stops) stop();
      };
    },
  };

  /** On a phone the side bar covers the editors: what was just opened would be behind it. */
  function uncoverEditor() {
    const { active } = editors.view;
    if (active !== shownEditor && layout.room === 'phone' && layout.view.sideBar.visible) layout.hideSideBar();
    shownEditor = active;
  }

  function fitRoom() {
    const room = roomOf(page.innerWidth);
    layout.setRoom(room);
    editors.setSingleGroup(room === 'narrow' || room === 'phone');
  }
}

/** Whether the page has a window of its own, in which the browser leaves it more keys. */
function isOwnWindow(page: Window): boolean {
  return ['standalone', 'fullscreen', 'window-controls-overlay'].some(
    (mode) => page.matchMedia(`(display-mode: ${mode})`).matches,
  );
}
