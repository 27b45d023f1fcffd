'use client';
/** The buttons that open the menus of the account and of the installation. */
import { useText } from '../../i18n/I18n.tsx';
import { Toolbar } from '../../ui/Toolbar.tsx';
import { shellText } from '../messages.ts';
import { useShell } from '../shell-context.tsx';

/** At the end of the activity bar; on a phone, in the title bar. */
export function GlobalMenus() {
  const { services, userName } = useShell();
  const text = useText();
  const menus = [
    { menu: 'account', icon: 'account', title: text(shellText.accountOf, { name: userName }) },
    { menu: 'manage', icon: 'settings-gear', title: text(shellText.manage) },
  ];
  return (
    <Toolbar label={text(shellText.manage)}>
      {menus.map(({ menu, icon, title }) => (
        <button
          key={menu}
          type="button"
          className="icon-button"
          aria-haspopup="menu"
          aria-label={title}
          title={title}
          onClick={(event) => services.menus.openContext(menu, event.currentTarget)}
        >
          <i className={`codicon codicon-${icon}`} aria-hidden="true" />
        </button>
      ))}
    </Toolbar>
  );
}
