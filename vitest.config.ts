import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[], extra = {}) => ({
  test: { name, include, environment: 'node' as const, ...extra },
});

/** One project per workspace; `e2e` runs real processes, with long time-outs, after everything else. */
export default defineConfig({
  test: {
    // Most tests wait for processes and databases: two files at a time, where Vitest would take one, halve the wait on two cores.
    maxWorkers: Math.max(2, availableParallelism()),
    projects: [
      project('prisma', ['prisma/**/*.test.ts'], { testTimeout: 60_000, hookTimeout: 60_000 }),
      project('broker', ['broker/**/*.test.ts'], { testTimeout: 30_000, hookTimeout: 60_000 }),
      project('agent', ['agent/**/*.test.ts'], { testTimeout: 30_000, hookTimeout: 60_000 }),
      project('console', ['console/src/**/*.test.{ts,tsx}'], { testTimeout: 60_000, hookTimeout: 60_000 }),
      project('e2e-unit', ['e2e/**/*.test.ts'], { testTimeout: 60_000 }),
      project('e2e', ['e2e/scenarios/**/*.e2e.ts'], {
        testTimeout: 180_000,
        hookTimeout: 180_000,
        maxWorkers: 2,
        sequence: { groupOrder: 1 },
      }),
    ],
  },
});
