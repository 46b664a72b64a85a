import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'console/src/**/*.test.ts', 'e2e/**/*.test.ts'],
    // Half of the tests wait for something most of the time: three files at once, also on two cores.
    maxWorkers: 3,
    // A shared machine may stand still for seconds, and then a wait ends too early; what fails twice fails.
    retry: process.env['CI'] === undefined ? 0 : 1,
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
})
