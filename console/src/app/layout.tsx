import type { Metadata, Viewport } from 'next';
import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { densityFrom, lookCookies, themeFrom } from '../theme/look.ts';
import '@vscode/codicons/dist/codicon.css';
import '../theme/theme.css';
import './styles/base.css';
import './styles/states.css';
import './styles/controls.css';
import './styles/tree.css';
import './styles/table.css';
import './styles/charts.css';
import './styles/gate.css';
import './styles/shell.css';
import './styles/bars.css';
import './styles/parts.css';
import './styles/editors.css';
import './styles/quick-input.css';
import './styles/menus.css';
import './styles/notifications.css';
import './styles/keyboard.css';

/** Rendered per request: the content security policy's nonce is new every time. */
export const dynamic = 'force-dynamic';

export const metadata: Metadata = { title: 'Harp', description: 'LAN-first file distribution for Nextcloud' };
export const viewport: Viewport = { width: 'device-width', initialScale: 1, colorScheme: 'dark light' };

/** The page around everything. The look that the reader chose last is said by cookies, so that the first paint has it already. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const kept = await cookies();
  const language = kept.get(lookCookies.language)?.value;
  return (
    <html
      lang={language === 'de' ? 'de' : 'en'}
      data-theme={themeFrom(kept.get(lookCookies.theme)?.value)}
      data-density={densityFrom(kept.get(lookCookies.density)?.value)}
      suppressHydrationWarning
    >
      <body>{children}</body>
    </html>
  );
}
