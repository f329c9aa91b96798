/** How the tests of the whole house are run: the rooms side by side, then, one file at a time, what starts real nodes. */
import * as path from "node:path"
import { defineConfig } from "vitest/config"
import TestReporter from "../infra/TestReporter.ts"

const root = path.resolve(import.meta.dirname, "..")
const elsewhere = ["**/node_modules/**", "**/dist/**"]
/** A browser and a node, a server of its own, a budget of time: two of these at once would measure each other. */
const alone = [
  "test/e2e/**/*.test.ts",
  "test/integration/**/*.test.ts",
  "test/chaos/**/*.test.ts",
  "test/bench/**/*.test.ts"
]

export default defineConfig({
  root,
  test: {
    reporters: [new TestReporter()],
    pool: "forks",
    maxWorkers: 2,
    minWorkers: 1,
    teardownTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: {
          name: "rooms",
          root,
          environment: "node",
          include: ["{event-schemas,packages,apps,test}/**/*.test.{ts,tsx}"],
          exclude: [...elsewhere, ...alone],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 }
        }
      },
      {
        extends: true,
        test: {
          name: "alone",
          root,
          environment: "node",
          include: alone,
          exclude: elsewhere,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          poolOptions: { forks: { singleFork: true, isolate: true } },
          sequence: { groupOrder: 1 }
        }
      }
    ]
  }
})
