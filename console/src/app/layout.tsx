import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import '@vscode/codicons/dist/codicon.css';
import './theme.css';
import './workbench.css';

/** Rendered per request: the content security policy's nonce is new every time. */
export const dynamic = 'force-dynamic';

export const metadata: Metadata = { title: 'Harp', description: 'LAN-first file distribution for Nextcloud' };
export const viewport: Viewport = { width: 'device-width', initialScale: 1, colorScheme: 'dark light' };

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
