/**
 * What `npm test` says: one line for each file, every failure in full, and at the end what was slow and what was skipped.
 *
 * What a test prints is kept back, and shown only with the failures of its file.
 * The outcome is written to the file named by VIVIM_TEST_OUTCOME, so that `infra/test.ts` counts what really ran.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import type { SerializedError, UserConsoleLog } from "vitest"
import type { TestCase, TestModule, TestRunEndReason, TestSuite, Vitest } from "vitest/node"
import type { Reporter } from "vitest/reporters"

export interface TestOutcome {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const slowMs = 2_000
const slowShownMax = 15
const heartbeatMs = 30_000

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`

const nameOf = (module: TestModule): string => path.relative(module.project.config.root, module.moduleId)

/** A failed hook fails no test of its own, and a file that cannot be loaded has none: each is one failure. */
const brokenOutside = (module: TestModule): Array<TestModule | TestSuite> =>
  [module, ...module.children.allSuites()].filter((part) => part.errors().length > 0)

export default class TestReporter implements Reporter {
  #vitest: Vitest | undefined
  #heartbeat: NodeJS.Timeout | undefined
  readonly #running = new Map<string, { readonly file: string; readonly since: number; test: string }>()
  readonly #printed = new Map<string, Array<string>>()
  readonly #slow: Array<{ readonly name: string; readonly ms: number }> = []
  readonly #skipped: Array<string> = []
  readonly #told = new Set<string>()

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
  }

  onTestRunStart(): void {
    this.#heartbeat = setInterval(() => {
      for (const { file, since, test } of this.#running.values()) {
        const ms = performance.now() - since
        if (ms > heartbeatMs) this.#say(`… ${file} (${seconds(ms)}): ${test}`)
      }
    }, heartbeatMs)
    this.#heartbeat.unref()
  }

  onTestModuleStart(module: TestModule): void {
    this.#running.set(module.id, { file: nameOf(module), since: performance.now(), test: "loading" })
  }

  onTestCaseReady(test: TestCase): void {
    const running = this.#running.get(test.module.id)
    if (running !== undefined) running.test = test.fullName
  }

  onUserConsoleLog(log: UserConsoleLog): void {
    const id = log.taskId === undefined ? undefined : this.#moduleOf(log.taskId)
    const lines = this.#printed.get(id ?? "") ?? []
    lines.push(log.content)
    this.#printed.set(id ?? "", lines)
  }

  onTestModuleEnd(module: TestModule): void {
    this.#running.delete(module.id)
    this.#told.add(module.id)
    const tests = [...module.children.allTests()]
    const failed = tests.filter((test) => test.result().state === "failed")
    const skipped = tests.filter((test) => test.result().state === "skipped")
    const broken = brokenOutside(module)
    for (const test of tests) {
      const ms = test.diagnostic()?.duration ?? 0
      if (ms > slowMs) this.#slow.push({ name: `${nameOf(module)} > ${test.fullName}`, ms })
    }
    for (const test of skipped) this.#skipped.push(`${nameOf(module)} > ${test.fullName}${noteOf(test)}`)
    const mark = failed.length + broken.length > 0 ? "✗" : skipped.length === tests.length ? "-" : "✓"
    const counts = [
      `${tests.length - failed.length - skipped.length} passed`,
      ...(failed.length + broken.length > 0 ? [`${failed.length + broken.length} failed`] : []),
      ...(skipped.length > 0 ? [`${skipped.length} skipped`] : [])
    ]
    this.#say(`${mark} ${nameOf(module)}: ${counts.join(", ")} (${seconds(module.diagnostic().duration)})`)
    if (mark === "✗") this.#showFailures(module, failed, broken)
    this.#printed.delete(module.id)
  }

  onTestRunEnd(
    modules: ReadonlyArray<TestModule>,
    unhandled: ReadonlyArray<SerializedError>,
    reason: TestRunEndReason
  ): void {
    clearInterval(this.#heartbeat)
    // A file that could not be loaded never ends.
    for (const module of modules) if (!this.#told.has(module.id)) this.onTestModuleEnd(module)
    for (const error of unhandled) {
      this.#say("\n✗ outside of every test:")
      this.#vitest?.logger.printError(error, { fullStack: true })
    }
    this.#showList(
      "Slow",
      this.#slow.toSorted((one, other) => other.ms - one.ms).slice(0, slowShownMax)
        .map(({ name, ms }) => `${seconds(ms)}  ${name}`)
    )
    this.#showList("Skipped", this.#skipped)
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state))
    const count = (state: string) => states.filter((one) => one === state).length
    const outcome: TestOutcome = {
      passed: count("passed"),
      failed: count("failed") + modules.flatMap(brokenOutside).length + unhandled.length
        + count("pending") + (reason === "interrupted" ? 1 : 0),
      skipped: count("skipped")
    }
    const file = process.env["VIVIM_TEST_OUTCOME"]
    if (file === undefined) {
      this.#say(`\n${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped} skipped`)
    } else fs.writeFileSync(file, JSON.stringify(outcome))
  }

  #showFailures(module: TestModule, failed: Array<TestCase>, broken: Array<TestModule | TestSuite>): void {
    for (const part of broken) {
      this.#say(`\n  ✗ ${part.type === "module" ? "the file itself" : `${part.fullName} (a hook)`}`)
      for (const error of part.errors()) this.#vitest?.logger.printError(error, { project: module.project })
    }
    for (const test of failed) {
      this.#say(`\n  ✗ ${test.fullName}`)
      for (const error of test.result().errors ?? []) {
        this.#vitest?.logger.printError(error, { project: module.project })
      }
    }
    const printed = this.#printed.get(module.id) ?? []
    if (printed.length > 0) this.#say(`  What the file printed:\n${printed.join("").trimEnd()}\n`)
  }

  #showList(title: string, lines: ReadonlyArray<string>): void {
    if (lines.length > 0) this.#say(`\n${title}:\n${lines.map((line) => `  ${line}`).join("\n")}`)
  }

  #moduleOf(taskId: string): string | undefined {
    const file = this.#vitest?.state.idMap.get(taskId)?.file
    return file?.id
  }

  #say(text: string): void {
    this.#vitest?.logger.log(text)
  }
}

const noteOf = (test: TestCase): string => {
  const result = test.result()
  return result.state === "skipped" && result.note !== undefined ? ` (${result.note})` : ""
}
