import { defineConfig } from '@playwright/test';
import { launchOptions } from './browser.ts';

/** Real Chromium against a real server with real agents; the browser is the one bootstrap found. */
export default defineConfig({
  testDir: '.',
  // Two worlds: one that sees its first administrator and loses a PC, and one for everything else.
  projects: [
    { name: 'first day', testMatch: 'console.spec.ts' },
    { name: 'workbench', testMatch: '*.spec.ts', testIgnore: 'console.spec.ts' },
  ],
  outputDir: './test-results',
  timeout: 240_000,
  expect: { timeout: 45_000 },
  // Each has a world of its own.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  reporter: [['list'], ['json']],
  use: {
    viewport: { width: 1440, height: 900 },
    colorScheme: 'dark',
    locale: 'en-GB',
    // A trace of everything costs a third of the time; what the page held when a test failed is kept anyway.
    screenshot: 'only-on-failure',
    launchOptions,
  },
});
