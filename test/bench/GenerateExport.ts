/**
 * A ChatGPT export as large as one likes, the same for the same seed: Markdown, code, tables, formulas, branches, tool calls and
 * hidden nodes in the proportions of a busy person's archive. 10,000 conversations are about 115,000 messages and 155 MB.
 *
 * Run by itself it writes a file: `tsx test/bench/GenerateExport.ts <file> [conversations] [seed]`.
 */
import * as Fs from "node:fs"
import * as Url from "node:url"
import { type Random, randomOf } from "./Random.ts"

export interface GenerateExport {
  readonly conversations: number
  readonly seed: number
}

export interface Generated {
  readonly bytes: number
  readonly conversations: number
  /** Nodes with a message. */
  readonly messages: number
  /** All nodes, the roots included. */
  readonly nodes: number
}

const COMMON =
  ("the of and to in a is that for it as was with be by on not he this are or his from at which but have an had they you " +
    "were there one all we can her has more if out so said what up its about into than them only other new some could time these two may " +
    "then do first any my now such like our over man me even most made after also did many before must through years where much your way " +
    "well down should because each just those people how too little state good very make world still own see men work long get here between " +
    "both life being under never day same another know while last might us great old year off come since against go came right used take three")
    .split(" ")

const SYLLABLES = "ka lo mi ren tu sha vel dor fin gra no pel qui sto ta ver win zo bra cle dun est for gil ham ist"
  .split(" ")

const pick = <A>(random: Random, list: ReadonlyArray<A>): A => list[Math.floor(random() * list.length)]!

/** Few words often, many words seldom. */
const word = (random: Random): string => {
  if (random() < 0.55) return pick(random, COMMON)
  const rank = Math.floor(8_000 ** random())
  const make = randomOf(rank * 7_919)
  return Array.from({ length: 2 + Math.floor(make() * 3) }, () => pick(make, SYLLABLES)).join("")
}

const words = (random: Random, count: number): string => Array.from({ length: count }, () => word(random)).join(" ")

const sentence = (random: Random): string => {
  const text = words(random, 6 + Math.floor(random() * 14))
  return text[0]!.toUpperCase() + text.slice(1) + pick(random, [".", ".", ".", "?", "!"])
}

const paragraph = (random: Random, sentences: number): string =>
  Array.from({ length: sentences }, () => sentence(random)).join(" ")

const code = (random: Random): string => {
  const language = pick(random, ["ts", "python", "sql", "rust", "bash", "json"])
  const lines = Array.from(
    { length: 3 + Math.floor(random() * 12) },
    (_, i) =>
      `${"  ".repeat(i % 3)}const ${word(random)}_${i} = ${word(random)}("${words(random, 2)}", ${
        Math.floor(random() * 1_000)
      })`
  )
  return `\`\`\`${language}\n${lines.join("\n")}\n\`\`\``
}

const table = (random: Random): string => {
  const row = () => `| ${word(random)} | ${Math.floor(random() * 10_000)} | ${words(random, 3)} |`
  return [
    "| name | value | note |",
    "| --- | ---: | --- |",
    ...Array.from({ length: 3 + Math.floor(random() * 5) }, row)
  ].join("\n")
}

const block = (random: Random): string => {
  const kind = random()
  if (kind < 0.62) return paragraph(random, 1 + Math.floor(random() * 4))
  if (kind < 0.74) return code(random)
  if (kind < 0.8) return table(random)
  if (kind < 0.92) {
    return Array.from({ length: 2 + Math.floor(random() * 4) }, () => `- **${word(random)}**: ${sentence(random)}`)
      .join("\n")
  }
  if (kind < 0.96) return `$$\\int_0^{${Math.floor(random() * 9)}} x^${Math.floor(random() * 9)}\\,dx$$`
  return pick(random, [
    "Très bien — c’est noté. ☕",
    "日本語の段落です。読めますか。",
    "Хорошо, продолжим позже.",
    "🐈‍⬛ done"
  ])
}

const hex = (random: Random, length: number): string =>
  Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join("")

const uuid = (random: Random): string =>
  `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-a${hex(random, 3)}-${hex(random, 12)}`

interface Node {
  readonly id: string
  readonly message: object | null
  readonly parent: string | null
  readonly children: Array<string>
}

/** One conversation's tree while it grows. */
class Thread {
  readonly mapping: Record<string, Node> = {}
  readonly #random: Random
  #at: number
  last: string

  constructor(random: Random, at: number) {
    this.#random = random
    this.#at = at
    this.last = this.#put(null, null)
  }

  get time(): number {
    return this.#at
  }

  #put(parent: string | null, message: object | null): string {
    const id = message === null ? uuid(this.#random) : (message as { readonly id: string }).id
    this.mapping[id] = { id, message, parent, children: [] }
    if (parent !== null) this.mapping[parent]!.children.push(id)
    return id
  }

  say(role: string, content: object, more: { readonly [key: string]: unknown } = {}, parent = this.last): string {
    this.#at += 3 + this.#random() * 240
    const model = role === "assistant" ? { model_slug: "gpt-5", default_model_slug: "gpt-5", message_type: "next" } : {}
    const { author, metadata, ...rest } = more as { readonly author?: string; readonly metadata?: object }
    this.last = this.#put(parent, {
      id: uuid(this.#random),
      author: { role, name: author ?? null, metadata: {} },
      create_time: role === "system" ? null : Math.round(this.#at * 1e6) / 1e6,
      update_time: null,
      content,
      status: "finished_successfully",
      end_turn: role === "assistant" ? true : null,
      weight: 1,
      metadata: {
        ...model,
        request_id: uuid(this.#random),
        timestamp_: "absolute",
        parent_id: parent,
        finish_details: { type: "stop", stop_tokens: [200_002] },
        is_complete: true,
        citations: [],
        content_references: [],
        ...metadata
      },
      recipient: "all",
      channel: null,
      ...rest
    })
    return this.last
  }
}

const text = (said: string) => ({ content_type: "text", parts: [said] })

const question = (random: Random): string => paragraph(random, 1 + Math.floor(random() * 2))
const answer = (random: Random): string =>
  Array.from({ length: 1 + Math.floor(random() * 7.5) }, () => block(random)).join("\n\n")

const toolRound = (random: Random, thread: Thread): void => {
  const call = { content_type: "code", language: "python", text: `print(${words(random, 3).replaceAll(" ", "+")})` }
  thread.say("assistant", call, { recipient: "python", channel: "commentary" })
  const output = { content_type: "execution_output", text: words(random, 20) }
  thread.say("tool", output, { author: "python", metadata: { aggregate_result: { status: "success", messages: [] } } })
}

const thoughts = (random: Random, thread: Thread): void => {
  const thought = () => ({ summary: words(random, 4), content: paragraph(random, 2), chunks: [], finished: true })
  thread.say("assistant", { content_type: "thoughts", thoughts: [thought(), thought()] })
  thread.say("assistant", { content_type: "reasoning_recap", content: "Thought for 9s" }, {
    metadata: { finished_duration_sec: 9 }
  })
}

const converse = (random: Random, index: number): { readonly json: string; readonly nodes: number } => {
  const thread = new Thread(random, 1_680_000_000 + index * 7_000)
  const begun = thread.time
  const hidden = { weight: 0, metadata: { is_visually_hidden_from_conversation: true } }
  const root = thread.say("system", text(""), hidden)
  const rounds = 1 + Math.floor(random() ** 2 * 11.4)
  let above = root
  for (let round = 0; round < rounds; round++) {
    const asked = thread.say("user", text(question(random)), {}, above)
    if (random() < 0.1) thoughts(random, thread)
    if (random() < 0.08) toolRound(random, thread)
    above = thread.say("assistant", text(answer(random)), { channel: "final" })
    // Asked again, or answered again: a branch.
    if (random() < 0.05) above = thread.say("assistant", text(answer(random)), {}, asked)
  }
  const id = uuid(random)
  const json = JSON.stringify({
    title: words(random, 4),
    create_time: begun,
    update_time: thread.time,
    mapping: thread.mapping,
    moderation_results: [],
    current_node: above,
    plugin_ids: null,
    conversation_id: id,
    conversation_template_id: null,
    gizmo_id: null,
    is_archived: random() < 0.05,
    is_starred: null,
    safe_urls: [],
    blocked_urls: [],
    default_model_slug: "gpt-5",
    id
  })
  return { json, nodes: Object.keys(thread.mapping).length }
}

/** The export's bytes, one conversation at a time. */
function* generateExport(
  { conversations, seed }: GenerateExport
): Generator<{ readonly json: string; readonly nodes: number }> {
  const random = randomOf(seed)
  for (let index = 0; index < conversations; index++) {
    const { json, nodes } = converse(random, index)
    yield { json: `${index === 0 ? "[" : ", "}${json}${index === conversations - 1 ? "]" : ""}`, nodes }
  }
}

/** Writes the export to a file. */
export const writeExport = (path: string, plan: GenerateExport): Generated => {
  const file = Fs.openSync(path, "w")
  let bytes = 0
  let nodes = 0
  try {
    for (const part of generateExport(plan)) {
      bytes += Fs.writeSync(file, part.json)
      nodes += part.nodes
    }
  } finally {
    Fs.closeSync(file)
  }
  return { bytes, nodes, conversations: plan.conversations, messages: nodes - plan.conversations }
}

const [, script, path, conversations = "10000", seed = "1"] = process.argv
if (script !== undefined && path !== undefined && script === Url.fileURLToPath(import.meta.url)) {
  process.stdout.write(
    `${JSON.stringify(writeExport(path, { conversations: Number(conversations), seed: Number(seed) }))}\n`
  )
}
