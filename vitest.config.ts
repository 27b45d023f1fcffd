import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[], extra = {}) => ({
  test: { name, include, environment: 'node' as const, ...extra },
});

/** One project per workspace; `e2e` runs real processes, one file at a time, with long time-outs. */
export default defineConfig({
  test: {
    projects: [
      project('prisma', ['prisma/**/*.test.ts'], { testTimeout: 60_000, hookTimeout: 60_000 }),
      project('broker', ['broker/**/*.test.ts'], { testTimeout: 30_000, hookTimeout: 60_000 }),
      project('agent', ['agent/**/*.test.ts'], { testTimeout: 30_000, hookTimeout: 60_000 }),
      project('console', ['console/src/**/*.test.{ts,tsx}'], { testTimeout: 60_000, hookTimeout: 60_000 }),
      project('e2e-unit', ['e2e/**/*.test.ts'], { testTimeout: 60_000 }),
      project('e2e', ['e2e/scenarios/**/*.e2e.ts'], {
        testTimeout: 180_000,
        hookTimeout: 180_000,
        fileParallelism: false,
      }),
    ],
  },
});
