/**
 * A real browser for the tests of the whole: each visitor has a profile of their own, and whatever goes wrong unseen is noted.
 *
 * A page that says an error to the console, throws, or asks anything of another origin has a problem; `Visitor.leave`
 * fails with all of them. What a test provokes on purpose (a node that goes away) it expects by name.
 */
import axe, { type AxeResults } from "axe-core"
import { type BrowserContext, chromium as playwright, type Page } from "playwright-core"
import { chromium } from "../../infra/Chromium.ts"

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]

/** Rules of WCAG 2.0 to 2.2, levels A and AA, and axe's best practices. */
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

interface VisitorOptions {
  readonly width?: number
  readonly height?: number
  readonly dark?: boolean
  /** Signed in with this token, as by the link the node prints. */
  readonly token?: string
  /** What is laid between the browser and the node before anything is asked. A service worker would go round it: there is none. */
  readonly prepare?: (context: BrowserContext) => Promise<void>
}

/** One person at one screen. */
export class Visitor {
  readonly context: BrowserContext
  readonly page: Page
  readonly #problems: Array<string> = []
  readonly #expected: Array<RegExp> = []

  constructor(context: BrowserContext, page: Page, origin: string) {
    this.context = context
    this.page = page
    page.on("console", (message) => message.type() === "error" && this.#note(`console: ${message.text()}`))
    page.on("pageerror", (error) => this.#note(`thrown: ${error.stack ?? error.message}`))
    context.on("request", (request) => {
      const { origin: asked, protocol } = new URL(request.url())
      if (asked !== origin && protocol !== "blob:" && protocol !== "data:") this.#note(`asked of ${request.url()}`)
    })
  }

  #note(problem: string): void {
    if (!this.#expected.some((expected) => expected.test(problem))) this.#problems.push(problem)
  }

  /** From here on, problems like this one are what the test wants to see. */
  expect(problem: RegExp): void {
    this.#expected.push(problem)
  }

  get problems(): ReadonlyArray<string> {
    return this.#problems
  }

  // What runs in the page is given as text: this side of the house knows no documents.

  /** What axe finds wrong with the page as it is: the rule, and where. */
  async violations(): Promise<ReadonlyArray<string>> {
    // Colours that are on their way from one to another are neither. Looked at from outside: an animation that was cancelled promises no end.
    await this.becomes(
      `document.getAnimations().every(({ effect, playState }) =>
        playState !== "running" || effect.getComputedTiming().endTime >= 10_000)`
    )
    await this.page.evaluate(axe.source)
    const { violations } = await this.page.evaluate<AxeResults>(
      `axe.run(document, ${JSON.stringify({ runOnly: { type: "tag", values: rules } })})`
    )
    return violations.flatMap(({ help, id, nodes }) =>
      nodes.map(({ failureSummary, target }) => `${id} (${help}): ${target.join(" ")}: ${failureSummary ?? ""}`)
    )
  }

  /** Drops files or folders of this machine into the middle of the window, as a hand would. */
  async drop(...files: ReadonlyArray<string>): Promise<void> {
    const { height, width } = this.page.viewportSize()!
    const session = await this.context.newCDPSession(this.page)
    const data = { items: [], files: [...files], dragOperationsMask: 1 }
    for (const type of ["dragEnter", "dragOver", "drop"] as const) {
      await session.send("Input.dispatchDragEvent", { type, x: width / 2, y: height / 2, data })
    }
    await session.detach()
  }

  /** Waits until an expression is true in the page. The page's policy allows no text to become code, so it is asked from outside. */
  async becomes(expression: string): Promise<void> {
    const until = performance.now() + 30_000
    while (!await this.page.evaluate<boolean>(`Boolean(${expression})`)) {
      if (performance.now() > until) throw new Error(`never came to be: ${expression}`)
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }

  /** How far the page is wider than its window, in pixels: nothing, if it is well laid out. */
  overflow(): Promise<number> {
    return this.page.evaluate<number>(
      `Math.max(...[document.documentElement, document.querySelector("main")].map((element) =>
        element === null ? 0 : element.scrollWidth - element.clientWidth))`
    )
  }

  /** Closes the window, and fails with whatever went wrong in it. */
  async leave(): Promise<void> {
    await this.context.close()
    if (this.#problems.length > 0) throw new Error(`The browser noted:\n${this.#problems.join("\n")}`)
  }
}

/** A browser that knows one node. */
export const openBrowser = async (origin: string) => {
  const browser = await playwright.launch({ executablePath: chromium(), args: flags })
  const visit = async (options: VisitorOptions = {}): Promise<Visitor> => {
    const context = await browser.newContext({
      viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
      colorScheme: options.dark === true ? "dark" : "light",
      reducedMotion: "reduce",
      permissions: ["clipboard-read", "clipboard-write"],
      locale: "en-GB",
      timezoneId: "Europe/Amsterdam",
      baseURL: origin,
      ...options.prepare === undefined ? {} : { serviceWorkers: "block" as const }
    })
    await options.prepare?.(context)
    const visitor = new Visitor(context, await context.newPage(), origin)
    await visitor.page.goto(options.token === undefined ? "/" : `/#token=${options.token}`)
    return visitor
  }
  return { visit, close: () => browser.close() }
}
