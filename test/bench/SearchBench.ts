/**
 * What a library of 100,000 messages costs: CPU seconds to build its file from events, CPU milliseconds a search takes.
 * The text is synthetic, its words as unevenly frequent as those of a language (Zipf), 600 characters a message.
 * CPU time, not wall time: it hardly depends on what else the machine does. Run alone: `npx tsx test/bench/SearchBench.ts`.
 */
import { LibraryView } from "@vivim/document/LibraryView"
import * as Search from "@vivim/document/Search"
import * as SqliteFile from "@vivim/user-database/SqliteFile"
import type { Fact } from "@vivim/user-database/UserView"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { type Random, randomOf } from "./Random.ts"

export interface SearchMeasured {
  readonly messages: number
  readonly conversations: number
  readonly fileBytes: number
  /** Applying all events: rows, atomic chat units, full-text index. */
  readonly buildCpuSeconds: number
  readonly searches: ReadonlyArray<{
    readonly scenario: string
    readonly count: number
    readonly p50CpuMs: number
    readonly p95CpuMs: number
    readonly maxCpuMs: number
    /** How many of the searches found anything. */
    readonly answered: number
  }>
}

/** Events applied at a time: as many as the node's view runner hands over. */
const batchMax = 256

const syllables =
  "ka lo mi ren tu sha vel dor fin gra no pel qui sto ta ver win zo bra cle dun est gil ham ist or un th ch ea ou ai pre con com pro in de"
    .split(" ")
const endings = ["", "", "", "", "s", "ed", "ing", "er", "ly", "tion"]
const vocabularySize = 40_000

/** Short words first, as in a language. */
const vocabulary = (random: Random): ReadonlyArray<string> => {
  const words = new Set<string>()
  while (words.size < vocabularySize) {
    const parts = 1 + Math.floor(random() * 2) + (words.size > 300 ? 1 : 0) + (words.size > 8_000 ? 1 : 0)
    const root = Array.from({ length: parts }, () => syllables[Math.floor(random() * syllables.length)]!).join("")
    words.add(words.size < 100 ? root : root + endings[Math.floor(random() * endings.length)]!)
  }
  return [...words]
}

/** Draws the n-th word with a frequency of 1/(n + 2.7): the law of Zipf and Mandelbrot. */
const zipf = (words: ReadonlyArray<string>, random: Random) => {
  const sums = new Float64Array(words.length)
  let sum = 0
  words.forEach((_, i) => sums[i] = sum += 1 / (i + 2.7))
  return () => {
    const wanted = random() * sum
    let [low, high] = [0, words.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sums[middle]! < wanted) low = middle + 1
      else high = middle
    }
    return words[low]!
  }
}

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex")

/** A conversation as an import states it: every sixth message a list or code, one in ten hidden. */
const conversation = (index: number, messages: number, word: () => string, random: Random): Fact => {
  let parent: string | null = null
  const started = 1_500_000_000_000 + Math.floor(random() * 2e11)
  const said = Array.from({ length: messages }, (_, i) => {
    const words = Array.from({ length: 8 + Math.floor(-Math.log(1 - random()) * 95) }, word)
    const kind = random()
    const text = kind < 0.08
      ? "```js\n" + words.join(" ") + "\n```"
      : kind < 0.16
      ? words.map((word, i) => i % 9 === 0 ? `\n- ${word}` : word).join(" ")
      : words.map((word, i) => i % 45 === 44 ? `${word}.\n\n` : word).join(" ")
    const id = `${index}-${i}`
    const message = {
      id,
      parent,
      role: i % 2 === 0 ? "user" : "assistant",
      author: null,
      model: null,
      at: started + i * 60_000,
      hidden: random() < 0.1 ? "tool" : null,
      blocks: [{ _tag: "Text", text, citations: [] }],
      hash: hashOf(text)
    }
    parent = id
    return message
  })
  return {
    position: index + 1,
    stream: `document/${index}`,
    version: 1,
    owner: "did:key:zBench",
    at: started,
    event: {
      _tag: "document.ConversationImported",
      documentId: `c${index}`,
      owner: "did:key:zBench",
      importId: "bench",
      provider: ["chatgpt", "claude", "markdown"][index % 3]!,
      chunk: { index: 0, of: 1 },
      counts: { kept: messages, hidden: 0, merged: 0 },
      raw: null,
      sourceId: `c${index}`,
      title: Array.from({ length: 5 }, word).join(" "),
      createdAt: started,
      updatedAt: started + messages * 60_000,
      model: null,
      project: null,
      starred: false,
      archived: false,
      leaf: parent,
      messages: said,
      warnings: []
    }
  }
}

const trashedMax = 50

const trashed = ({ event, ...fact }: Fact, position: number): Fact => ({
  ...fact,
  position,
  event: { _tag: "document.ConversationTrashed", documentId: event["documentId"], purgeAt: 2_000_000_000_000 }
})

const cpuMs = <A>(run: () => A): readonly [ms: number, value: A] => {
  const before = process.cpuUsage()
  const value = run()
  const { system, user } = process.cpuUsage(before)
  return [(system + user) / 1_000, value]
}

/** Words somebody might remember of a message: any but the few that are in every text. */
const remembered = (fact: Fact, random: Random, common: ReadonlySet<string>): ReadonlyArray<string> => {
  const messages = fact.event["messages"] as ReadonlyArray<
    { readonly blocks: ReadonlyArray<{ readonly text: string }> }
  >
  const text = messages[Math.floor(random() * messages.length)]!.blocks[0]!.text
  return [...new Set(text.match(/[a-z]{3,}/g) ?? [])].filter((word) => !common.has(word))
}

const scenarios: Record<string, (words: ReadonlyArray<string>, random: Random) => Omit<Search.Question, "limit">> = {
  "one word": ([one = "x"]) => ({ query: `${one} ` }),
  "two words": (words) => ({ query: `${words.slice(0, 2).join(" ")} ` }),
  "three words": (words) => ({ query: `${words.slice(0, 3).join(" ")} ` }),
  "three words of three messages": (words, random) => ({
    query: `${words[0]} ${words.at(-1)} ${syllables[Math.floor(random() * syllables.length)]}${words[1]} `
  }),
  "a word being typed": ([one = "xxxx"], random) => ({ query: one.slice(0, 2 + Math.floor(random() * one.length)) }),
  "two words, the second being typed": ([one, two = "xxxx"], random) => ({
    query: `${one} ${two.slice(0, 2 + Math.floor(random() * two.length))}`
  }),
  "a phrase": (words) => ({ query: `"${words.slice(0, 2).join(" ")}"` }),
  "two words, filtered": (words) => ({
    query: `${words.slice(0, 2).join(" ")} `,
    provider: "claude",
    role: "assistant"
  })
}

export interface SearchBench {
  readonly messages?: number
  readonly queries?: number
  readonly seed?: number
}

export const run = ({ messages = 100_000, queries = 300, seed = 7 }: SearchBench = {}): SearchMeasured => {
  const random = randomOf(seed)
  const words = vocabulary(random)
  const word = zipf(words, random)
  const facts: Array<Fact> = []
  for (let left = messages; left > 0;) {
    const size = Math.min(left, 3 + Math.floor(random() * 17))
    facts.push(conversation(facts.length, size, word, random))
    left -= size
  }
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-search-"))
  try {
    const file = path.join(directory, "library.sqlite")
    const db = SqliteFile.open(file, { did: "did:key:zBench", view: LibraryView, version: LibraryView.version })
    const [buildMs] = cpuMs(() => {
      for (let i = 0; i < facts.length; i += batchMax) db.apply(LibraryView, facts.slice(i, i + batchMax))
    })
    const common = new Set(words.slice(0, 20))
    const measured = (scenario: string, question: (typeof scenarios)[string]) => {
      let answered = 0
      const times = Array.from({ length: queries }, () => {
        const known = remembered(facts[Math.floor(random() * facts.length)]!, random, common).toSorted(() =>
          random() - 0.5
        )
        const [ms, { hits }] = cpuMs(() => Search.messages(db, { ...question(known, random), limit: 20 }))
        if (hits.length > 0) answered++
        return ms
      }).toSorted((a, b) => a - b)
      const at = (share: number) =>
        Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))]! * 100) / 100
      return { scenario, count: queries, p50CpuMs: at(0.5), p95CpuMs: at(0.95), maxCpuMs: at(1), answered }
    }
    const searches = Object.entries(scenarios).map(([scenario, question]) => measured(scenario, question))
    // What lies there is in no answer: each hit is asked whether it does.
    db.apply(LibraryView, facts.slice(0, trashedMax).map((fact, i) => trashed(fact, facts.length + 1 + i)))
    for (const scenario of ["one word", "two words"]) {
      searches.push(measured(`${scenario}, with a trash in use`, scenarios[scenario]!))
    }
    db.close()
    return {
      messages,
      conversations: facts.length,
      fileBytes: fs.statSync(file).size,
      buildCpuSeconds: Math.round(buildMs / 10) / 100,
      searches
    }
  } finally {
    fs.rmSync(directory, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { searches, ...built } = run({ messages: Number(process.argv[2] ?? 100_000) })
  process.stdout.write(`${JSON.stringify(built)}\n`)
  for (const search of searches) process.stdout.write(`${JSON.stringify(search)}\n`)
}
