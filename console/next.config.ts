/** How the workbench is built and served. The content security policy is not here: it changes with every page (src/server/http). */
import { join } from 'node:path';
import type { NextConfig } from 'next';

// Nothing leaves the installation, usage figures of the build included.
process.env.NEXT_TELEMETRY_DISABLED = '1';

/** What browsers get of files of ours, where it is not what stands in them: each loader says why. */
function forPages(loader: string) {
  return {
    condition: { all: ['browser' as const, { path: /console\/src\/(?!i18n\/messages\.ts)/ }] },
    loaders: [join(import.meta.dirname, 'build', loader)],
  };
}

const securityHeaders = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  transpilePackages: ['@harp/broker'],
  turbopack: {
    root: join(import.meta.dirname, '..'),
    // The file says why. The server, and what it renders, keep zod as it is.
    resolveAlias: { zod: { browser: './src/api/zod-in-pages.ts' } },
    rules: {
      'messages.ts': forPages('messages-loader.mjs'),
      '*-messages.ts': forPages('messages-loader.mjs'),
      'german.ts': forPages('messages-loader.mjs'),
      'zod-in-pages.ts': forPages('shaken-loader.mjs'),
    },
  },
  // Pictures are served as they are: the optimiser is a service of its own with caches and limits to guard.
  images: { unoptimized: true },
  // Nobody copies this build elsewhere, so nobody needs the list of files it touches.
  outputFileTracingExcludes: { '*': ['**/*'] },
  // `npm run check` has the types of the whole workspace checked; the build need not do it again.
  typescript: { ignoreBuildErrors: true },
  headers: async () => [
    {
      source: '/(.*)',
      headers: Object.entries(securityHeaders).map(([key, value]) => ({ key, value })),
    },
  ],
};

export default config;
