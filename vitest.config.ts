// Two kinds of tests: `unit` (each file with logic, its parts real) and `app` (the real shell in its window, one file at a
// time since each has its own lattice). `npm test` runs both; build/test.mjs sets up what they need first.

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
          exclude: ['test/app/**', 'test/bench/**'],
          testTimeout: 60_000,
          // Long enough for a machine that does twenty things at once; what is waited for usually comes at once.
          expect: { poll: { timeout: 20_000 } },
          hookTimeout: 60_000,
          pool: 'forks',
        },
      },
      {
        test: {
          name: 'app',
          include: ['test/app/**/*.test.ts'],
          testTimeout: 90_000,
          expect: { poll: { timeout: 20_000 } },
          hookTimeout: 120_000,
          pool: 'forks',
          fileParallelism: false,
        },
      },
    ],
  },
})
