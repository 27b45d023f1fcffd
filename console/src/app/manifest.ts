import type { MetadataRoute } from 'next';
import { dark } from '../theme/dark.ts';

/** Lets the browser give the console a window of its own, in which keys such as Ctrl+W are the console's. */
export default function manifest(): MetadataRoute.Manifest {
  return {
    name: 'Harp',
    short_name: 'Harp',
    description: 'LAN-first file distribution for Nextcloud',
    start_url: '/',
    display: 'standalone',
    background_color: dark['editor.background'],
    theme_color: dark['titleBar.activeBackground'],
    icons: [{ src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' }],
  };
}
