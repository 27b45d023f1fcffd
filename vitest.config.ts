import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Files that change what modules are loaded; each needs a process of its own. */
const isolated = '**/*.isolated.test.ts';

/**
 * The files of a project share worker processes and the modules in them: loading them anew for each of 270 files would take half of the time,
 * and so would a database server for each.
 */
const project = (name: string, include: string[], extra = {}) => ({
  test: {
    name,
    include,
    exclude: ['**/node_modules/**', isolated],
    environment: 'node' as const,
    isolate: false,
    ...extra,
  },
});

/** One project per workspace; `e2e` runs real processes, with long time-outs, after everything else. */
export default defineConfig({
  test: {
    // Most tests wait for processes and databases: three files at a time, where Vitest would take one, take a third of the time on two cores.
    maxWorkers: Math.max(3, availableParallelism()),
    projects: [
      project('prisma', ['prisma/**/*.test.ts'], { testTimeout: 60_000, hookTimeout: 60_000 }),
      project('broker', ['broker/**/*.test.ts'], { testTimeout: 60_000, hookTimeout: 60_000 }),
      project('agent', ['agent/**/*.test.ts'], { testTimeout: 60_000, hookTimeout: 60_000 }),
      project('console', ['console/src/**/*.test.{ts,tsx}'], { testTimeout: 60_000, hookTimeout: 60_000 }),
      project('e2e-unit', ['e2e/**/*.test.ts'], { testTimeout: 60_000 }),
      project('isolated', [`*/src/${isolated}`], { testTimeout: 60_000, isolate: true, exclude: [] }),
      project('e2e', ['e2e/scenarios/**/*.e2e.ts'], {
        testTimeout: 180_000,
        hookTimeout: 180_000,
        maxWorkers: 2,
        sequence: { groupOrder: 1 },
      }),
    ],
  },
});
