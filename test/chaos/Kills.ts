/**
 * A node under load whose process, or whose database server, is killed with SIGKILL at moments drawn from a seed; and what must be
 * true after each kill.
 *
 * Writers ask commands with ids of their own and ask again with the same id until they are answered, as callers of a node should.
 * Some conversations are shared by all writers, so that commands of one actor travel together.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { randomOf } from "../bench/Random.ts"
import { serverPostgres, type TestServer } from "../conformance/ServerPostgres.ts"
import { type NodeProcess, startNode } from "../e2e/NodeProcess.ts"

/** A command that was answered: what was asked, and the receipt. */
interface Kept {
  readonly method: string
  readonly at: string
  readonly body: { readonly commandId: string }
  readonly receipt: { readonly stream: string; readonly version: number; readonly position: number }
}

export interface Storm {
  readonly kills: number
  readonly seed: number
  /** Told after each kill that came out well. */
  readonly report?: (line: string) => void
}

export interface Weathered {
  readonly kills: { readonly node: number; readonly server: number }
  readonly commands: number
  /** Commands whose answer was lost, and that got their receipt when asked again. */
  readonly askedAgain: number
  readonly events: number
}

const writers = 12
const shared = 3
/** Receipts of each calm that are asked for once more. */
const repeatsMax = 40

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

class Stormy {
  node: NodeProcess
  readonly kept: Array<Kept> = []
  askedAgain = 0
  private readonly random: () => number
  private readonly run: string
  private serial = 0

  constructor(node: NodeProcess, seed: number) {
    this.node = node
    this.random = randomOf(seed)
    this.run = seed.toString(16).padStart(4, "0").slice(-4)
  }

  draw(max: number): number {
    return Math.floor(this.random() * max)
  }

  private commandId(): string {
    const time = Date.now().toString(16).padStart(12, "0")
    const count = (++this.serial).toString(16).padStart(8, "0")
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8${this.run.slice(1)}-${this.run}${count}`
  }

  /** Any command; all writers rename and tag the same few conversations. */
  private command(writer: number): Omit<Kept, "receipt"> {
    const commandId = this.commandId()
    const documentId = this.draw(3) === 0 ? `own-${writer}-${this.serial}` : `shared-${this.draw(shared)}`
    if (documentId.startsWith("own")) {
      return { method: "POST", at: "/conversations", body: { commandId, documentId, title: `Of ${writer}` } as any }
    }
    return this.draw(2) === 0
      ? {
        method: "PATCH",
        at: `/conversations/${documentId}`,
        body: { commandId, title: `Name ${this.serial}` } as any
      }
      : { method: "POST", at: `/conversations/${documentId}/tags`, body: { commandId, tag: `t${this.serial}` } as any }
  }

  /** One attempt: the answer, or null when the node or its database was not there to give one. */
  async attempt({ at, body, method }: Omit<Kept, "receipt">): Promise<any> {
    try {
      const response = await fetch(`${this.node.origin}/api/v1${at}`, {
        method,
        headers: { authorization: `Bearer ${this.node.token()}`, "content-type": "application/json" },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(20_000)
      })
      const answer = JSON.parse(await response.text())
      if (response.ok) return answer
      if (response.status >= 500 || answer._tag === "Unavailable") return null
      throw new Error(`${method} ${at} was refused: ${JSON.stringify(answer)}`)
    } catch (error) {
      if (error instanceof Error && error.message.includes("was refused")) throw error
      return null
    }
  }

  /** Asks until it is answered, or until nobody wants to know any more. */
  async write(writer: number, goesOn: () => boolean): Promise<void> {
    while (goesOn()) {
      const command = this.command(writer)
      let receipt = await this.attempt(command)
      for (let again = 0; receipt === null; again++) {
        if (again === 0) this.askedAgain++
        await pause(25 + this.draw(100))
        receipt = await this.attempt(command)
      }
      this.kept.push({ ...command, receipt })
    }
  }

  async open(): Promise<void> {
    for (let n = 0; n < shared; n++) {
      const commandId = this.commandId()
      const body = { commandId, documentId: `shared-${n}`, title: `Shared ${n}` }
      const receipt = await this.attempt({ method: "POST", at: "/conversations", body })
      if (receipt === null) throw new Error("the node is not there at the beginning")
      this.kept.push({ method: "POST", at: "/conversations", body, receipt })
    }
  }
}

const lines = (text: string) => text.trim().split("\n").map((line) => JSON.parse(line))

/** What must be true whenever the storm rests. Throws with the first thing that is not. */
const inspect = async (stormy: Stormy, from: number) => {
  const { kept, node } = stormy
  const done = async (...args: ReadonlyArray<string>) => {
    const { code, stderr, stdout } = await node.vivim(...args)
    if (code !== 0) throw new Error(`vivim ${args.join(" ")} ended with ${code}:\n${stderr}${stdout}`)
    return stdout
  }
  const events = lines(await done("events", "--json"))
  events.forEach(({ position }, n) => {
    if (position !== n + 1) throw new Error(`position ${n + 1} is missing: after it comes ${position}`)
  })
  if (new Set(events.map(({ id }) => id)).size < events.length) throw new Error("an event is in the log twice")
  const byCommand = new Map(events.map((event) => [event.id, event]))
  for (const { body, receipt } of kept) {
    const event = byCommand.get(body.commandId)
    if (event === undefined) throw new Error(`command ${body.commandId} was answered, and its event is lost`)
    for (const part of ["stream", "version", "position"] as const) {
      if (event[part] !== receipt[part]) throw new Error(`command ${body.commandId}: ${part} is not what was answered`)
    }
  }
  for (const { receipt, ...command } of kept.slice(from).slice(-repeatsMax)) {
    const again = await stormy.attempt(command)
    if (JSON.stringify(again) !== JSON.stringify(receipt)) {
      throw new Error(`command ${command.body.commandId} asked again: ${JSON.stringify(again)}`)
    }
  }
  if (!JSON.parse(await done("audit", "--json")).sound) throw new Error("the log is not sound")
  await done("replay", "--compare", "--json")
  return events.length
}

/** Kills and looks, so many times; answers what was weathered. */
export const storm = async ({ kills, report = () => {}, seed }: Storm): Promise<Weathered> => {
  const scope = Effect.runSync(Scope.make())
  const server: TestServer = await Effect.runPromise(Scope.extend(serverPostgres, scope))
  const url = Redacted.value(await Effect.runPromise(server.newDatabase))
  const stormy = new Stormy(await startNode({ env: { VIVIM_DATABASE_URL: url } }), seed)
  const counted = { node: 0, server: 0 }
  let events = 0
  try {
    await stormy.open()
    for (let n = 0; n < kills; n++) {
      const from = stormy.kept.length
      let goesOn = true
      const writing = Promise.all(Array.from({ length: writers }, (_, writer) => stormy.write(writer, () => goesOn)))
      await pause(100 + stormy.draw(900))
      const what = stormy.draw(3) === 0 ? "server" : "node"
      counted[what]++
      if (what === "node") {
        await stormy.node.kill()
        stormy.node = await stormy.node.again()
      } else {
        await Effect.runPromise(server.kill)
        await pause(stormy.draw(500))
        await Effect.runPromise(server.start)
      }
      await pause(100 + stormy.draw(300))
      goesOn = false
      await writing
      events = await inspect(stormy, from)
      report(
        `kill ${n + 1} of ${kills} (${what}): ${stormy.kept.length} commands kept, ${events} events, all as answered`
      )
    }
    return { kills: counted, commands: stormy.kept.length, askedAgain: stormy.askedAgain, events }
  } finally {
    await stormy.node.stop()
    await Effect.runPromise(Scope.close(scope, Exit.void))
  }
}
