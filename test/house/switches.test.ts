/** The page infra/.env.example is effect.config.ts, printed: nothing missing, nothing invented, every default the real one. */
import { defaultImportLimits } from "@vivim/import/ImportLimits"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { NodeConfig } from "../../effect.config.ts"
import { printSwitches, switchesOf } from "../../infra/Switches.ts"

const root = path.resolve(import.meta.dirname, "../..")
const page = path.join(root, "infra", ".env.example")

/** Loads a config from a printed page, as a shell that reads the page would. */
const load = <A>(config: Config.Config<A>, printed: string): A => {
  const lines = printed.split("\n").filter((line) => /^[A-Z]/.test(line))
  const entries = lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)] as const)
  const provider = ConfigProvider.fromMap(new Map(entries), { pathDelim: "_", seqDelim: "," })
  return Effect.runSync(Effect.withConfigProvider(config, provider))
}

const planted = Config.all({
  port: Config.port("PORT").pipe(Config.withDefault(4100), Config.withDescription("The port.")),
  host: Config.nonEmptyString("HOST").pipe(Config.withDescription("The host."), Config.withDefault("127.0.0.1")),
  database: Config.all({
    url: Config.redacted("URL").pipe(Config.option, Config.withDescription("The server.")),
    key: Config.redacted("KEY").pipe(Config.withDefault(Redacted.make("k")), Config.withDescription("The key.")),
    pool: Config.integer("POOL").pipe(
      Config.validate({ message: "at least 1", validation: (size) => size > 0 }),
      Config.withDefault(5),
      Config.map((size) => size * 2),
      Config.withDescription("How many.")
    )
  }).pipe(Config.nested("DATABASE"), Config.withDescription("A group.")),
  idle: Config.duration("IDLE_MAX").pipe(Config.withDefault(Duration.minutes(90)), Config.withDescription("How long.")),
  log: Config.logLevel("LOG").pipe(Config.withDefault(LogLevel.Info), Config.withDescription("How loud.")),
  tags: Config.array(Config.string(), "TAGS").pipe(Config.withDefault(["a", "b"]), Config.withDescription("Which.")),
  silent: Config.boolean("SILENT").pipe(Config.withDefault(false)),
  must: Config.string("MUST").pipe(Config.withDescription("Who."))
}).pipe(Config.nested("VIVIM"))

describe("switches are read out of a config", () => {
  it("with their names, sentences and defaults", () => {
    const told = switchesOf(planted)
      .map(({ description, name, optional, standard }) => [name, description, standard, optional])
    assert.deepStrictEqual(told, [
      ["VIVIM_PORT", "The port.", "4100", true],
      ["VIVIM_HOST", "The host.", "127.0.0.1", true],
      ["VIVIM_DATABASE_URL", "The server.", undefined, true],
      ["VIVIM_DATABASE_KEY", "The key.", "k", true],
      ["VIVIM_DATABASE_POOL", "How many.", "5", true],
      ["VIVIM_IDLE_MAX", "How long.", "90 minutes", true],
      ["VIVIM_LOG", "How loud.", "INFO", true],
      ["VIVIM_TAGS", "Which.", "a,b", true],
      ["VIVIM_SILENT", undefined, "false", true],
      ["VIVIM_MUST", "Who.", undefined, false]
    ])
  })

  it("and the printed page reads back as the defaults", () => {
    const printed = printSwitches(switchesOf(planted))
    const page = load(planted, printed.replace("#VIVIM_MUST=", "VIVIM_MUST=x"))
    assert.deepStrictEqual(JSON.stringify(page), JSON.stringify(load(planted, "VIVIM_MUST=x")))
    assert.strictEqual(page.database.pool, 10)
  })
})

describe("effect.config.ts", () => {
  it("sets an import the bounds its room has when nobody says otherwise", () =>
    assert.deepStrictEqual(load(NodeConfig, "").imports.limits, { ...defaultImportLimits }))

  const switches = switchesOf(NodeConfig)

  it("is what infra/.env.example shows: `npm run env` prints it", () => {
    assert.strictEqual(fs.existsSync(page) ? fs.readFileSync(page, "utf8") : "", printSwitches(switches))
  })

  it("has one sentence for each switch, and every name begins with VIVIM_", () => {
    const wrong = switches.filter(({ description, name }) =>
      !name.startsWith("VIVIM_") || !/^[A-Z`].*[.!?]$/.test(description ?? "")
    )
    assert.deepStrictEqual(wrong.map(({ name }) => name), [])
  })

  it("asks for nothing: a node starts with no environment at all, as with the printed one", () => {
    assert.strictEqual(JSON.stringify(load(NodeConfig, printSwitches(switches))), JSON.stringify(load(NodeConfig, "")))
  })
})
