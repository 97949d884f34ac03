import { defineConfig } from 'vitest/config';

// Integration and end-to-end tests start servers, machines and browsers: one file at a time, after the
// unit tests, so that two cores suffice and no test waits for another one's load.
export default defineConfig({
  test: {
    include: [],
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            ...['packages/**/*.test.ts', 'apps/**/*.test.ts', 'scripts/**/*.test.ts'],
            'tests/fuzz/**/*.test.ts',
          ],
          testTimeout: 15_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts', 'tests/support/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
