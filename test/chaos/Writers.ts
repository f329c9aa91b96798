/**
 * Writers of a node that goes away under them, and what must be true of its log whenever it is back.
 *
 * Each command has an id of its own and is asked again with the same id until it is answered, as callers of a node should.
 * Some conversations are shared by all writers, so that commands of one actor travel together.
 */
import { createHash } from "node:crypto"
import { randomOf } from "../bench/Random.ts"
import type { NodeProcess } from "../e2e/NodeProcess.ts"
import { said } from "../integration/Said.ts"

/** A command that was answered: what was asked, and the receipt. */
interface Kept {
  readonly method: string
  readonly at: string
  readonly body: { readonly commandId: string; readonly [field: string]: unknown }
  readonly receipt: { readonly stream: string; readonly version: number; readonly position: number }
}

const callers = 12
const shared = 3
export type Command = Omit<Kept, "receipt">

/** Receipts of each calm that are asked for once more. */
const repeatsMax = 40

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

export class Writers {
  node: NodeProcess
  /** Where the node is asked; another door than its own when answers are to be lost on the way. */
  origin: string
  readonly kept: Array<Kept> = []
  askedAgain = 0
  /** What was answered instead of a receipt, and how often: a sentence, or nothing at all. */
  readonly putOff = new Map<string, number>()
  private readonly random: () => number
  private readonly run: string
  private serial = 0

  constructor(node: NodeProcess, seed: number) {
    this.node = node
    this.origin = node.origin
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
  private command(writer: number): Command {
    if (this.draw(3) === 0) return this.newConversation(`own-${writer}-${this.serial + 1}`)
    const commandId = this.commandId()
    const at = `/conversations/shared-${this.draw(shared)}`
    return this.draw(2) === 0
      ? { method: "PATCH", at, body: { commandId, title: `Name ${this.serial}` } }
      : { method: "POST", at: `${at}/tags`, body: { commandId, tag: `t${this.serial}` } }
  }

  /** Begins a conversation. */
  newConversation(documentId: string): Command {
    return {
      method: "POST",
      at: "/conversations",
      body: { commandId: this.commandId(), documentId, title: documentId }
    }
  }

  /** One attempt: the answer, or null when the node or its database was not there to give one. */
  async attempt({ at, body, method }: Command): Promise<any> {
    try {
      const response = await fetch(`${this.origin}/api/v1${at}`, {
        method,
        headers: { authorization: `Bearer ${this.node.token()}`, "content-type": "application/json" },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(20_000)
      })
      const answer = JSON.parse(await response.text())
      if (response.ok) return answer
      if (response.status < 500 && answer._tag !== "Unavailable") {
        throw new Error(`${method} ${at} was refused: ${JSON.stringify(answer)}`)
      }
      return this.wasPutOff(`${response.status} ${answer.message}`)
    } catch (error) {
      if (error instanceof Error && error.message.includes("was refused")) throw error
      return this.wasPutOff("no answer")
    }
  }

  /** Asks again until there is an answer. */
  async answerTo(command: Command): Promise<Kept["receipt"]> {
    for (let again = 0;; again++) {
      const receipt = await this.attempt(command)
      if (receipt !== null) return receipt
      if (again === 0) this.askedAgain++
      await pause(25 + this.draw(100))
    }
  }

  private wasPutOff(instead: string): null {
    this.putOff.set(instead, (this.putOff.get(instead) ?? 0) + 1)
    return null
  }

  /** Writes with many callers until this is over; all are answered before it comes back. */
  async during(happens: () => Promise<void>): Promise<void> {
    let goesOn = true
    const over = happens().finally(() => {
      goesOn = false
    })
    await Promise.all([over, ...Array.from({ length: callers }, (_, caller) => this.write(caller, () => goesOn))])
  }

  /** Says something long in each of the shared conversations, and asks once only: what is not answered may or may not have been said. */
  async large(): Promise<void> {
    const commands = Array.from({ length: shared }, (_, n): Command => {
      const commandId = this.commandId()
      const text = createHash("sha512").update(commandId).digest("hex").repeat(4_000)
      const message = said(commandId, text)
      return { method: "POST", at: `/conversations/shared-${n}/messages`, body: { commandId, message } }
    })
    const answers = await Promise.all(commands.map((command) => this.attempt(command)))
    this.kept.push(
      ...commands.flatMap((command, n) => answers[n] === null ? [] : [{ ...command, receipt: answers[n] }])
    )
  }

  /** Asks until it is answered, or until nobody wants to know any more. */
  private async write(writer: number, goesOn: () => boolean): Promise<void> {
    while (goesOn()) {
      const command = this.command(writer)
      const receipt = await this.answerTo(command)
      this.kept.push({ ...command, receipt })
    }
  }

  /** Begins the conversations that all write to. */
  async open(): Promise<void> {
    for (let n = 0; n < shared; n++) {
      const command = this.newConversation(`shared-${n}`)
      this.kept.push({ ...command, receipt: await this.answerTo(command) })
    }
  }
}

const lines = (text: string) => text.trim().split("\n").map((line) => JSON.parse(line))

/** What must be true whenever the weather is calm. Throws with the first thing that is not. */
export const inspect = async (writers: Writers, from: number) => {
  const { kept, node } = writers
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
    const again = await writers.attempt(command)
    if (JSON.stringify(again) !== JSON.stringify(receipt)) {
      throw new Error(`command ${command.body.commandId} asked again: ${JSON.stringify(again)}`)
    }
  }
  if (!JSON.parse(await done("audit", "--json")).sound) throw new Error("the log is not sound")
  await done("replay", "--compare", "--json")
  return events.length
}
