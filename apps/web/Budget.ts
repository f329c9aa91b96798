/** Weighs what was built, prints it, and fails the build when a part has grown past what it may weigh over the wire. */
import * as path from "node:path"
import { gzipSync } from "node:zlib"

interface Budget {
  /** The page, its style sheet, and the code that runs before anything is asked of the node. */
  readonly shellKb: number
  /** A screen or a part of one, with what is not there before it. */
  readonly screenKb: number
  /** The line to the node, loaded after the first paint. */
  readonly lineKb: number
  /** What makes and uses keys, loaded by who signs up or in, by a device or a provider: with the parts it has in common with the line. */
  readonly keysKb: number
  /** What runs beside the page, with all it needs: age with its own cryptography, loaded by who gives a passphrase and by nobody else. */
  readonly workerKb: number
  /** Folders of what is loaded only for messages that need it. */
  readonly free: ReadonlyArray<string>
}

const kb = (content: string | Uint8Array): number => gzipSync(content, { level: 9 }).length / 1024

/** As much of what a bundler made as is weighed here. */
interface Chunk {
  readonly type: "chunk"
  readonly name: string
  readonly fileName: string
  readonly code: string
  readonly isEntry: boolean
  readonly isDynamicEntry: boolean
  readonly imports: ReadonlyArray<string>
  readonly dynamicImports: ReadonlyArray<string>
}
interface Asset {
  readonly type: "asset"
  readonly fileName: string
  readonly source: string | Uint8Array
}
/** Where workers are put. */
const workers = "assets/workers/"
type Bundle = Readonly<Record<string, Chunk | Asset>>

/** Who a plugin speaks through while a bundle is written. */
interface Speaker {
  readonly info: (message: string) => void
  readonly error: (message: string) => never
}

const chunksOf = (bundle: Bundle): ReadonlyArray<Chunk> =>
  Object.values(bundle).filter((file): file is Chunk => file.type === "chunk")

/** A chunk with all it imports before it can run. */
const closureOf = (bundle: Bundle, chunk: Chunk): ReadonlySet<Chunk> => {
  const found = new Set([chunk])
  for (const one of found) {
    for (const name of one.imports) {
      const imported = bundle[name]
      if (imported?.type === "chunk") found.add(imported)
    }
  }
  return found
}

/** What is there already when a chunk is asked for: the shell, and all that every chunk that asks for it needed itself. */
const presentFor = (bundle: Bundle, chunk: Chunk, shell: ReadonlySet<Chunk>): ReadonlySet<Chunk> => {
  const [first, ...others] = chunksOf(bundle).filter(({ dynamicImports }) => dynamicImports.includes(chunk.fileName))
    .map((asking) => closureOf(bundle, asking))
  const shared = [...first ?? []].filter((one) => others.every((closure) => closure.has(one)))
  return new Set([...shell, ...shared])
}

const sum = (chunks: Iterable<Chunk>): number => [...chunks].reduce((total, { code }) => total + kb(code), 0)

const weigh = (
  bundle: Bundle,
  budget: Budget
): ReadonlyArray<{ readonly name: string; readonly kb: number; readonly max: number }> => {
  const chunks = chunksOf(bundle)
  const entry = chunks.find(({ isEntry }) => isEntry)
  if (entry === undefined) return []
  const shell = closureOf(bundle, entry)
  const assets = Object.values(bundle).filter((file) => file.type === "asset")
  const styles = assets.filter(({ fileName }) => /^assets\/[^/]+\.css$/.test(fileName))
  const page = assets.find(({ fileName }) => fileName === "index.html")
  const rest = [...styles, ...(page === undefined ? [] : [page])].reduce((total, { source }) => total + kb(source), 0)
  const lazy = chunks.filter((chunk) =>
    chunk.isDynamicEntry && !budget.free.some((folder) => chunk.fileName.startsWith(folder))
  )
  const beside = assets.filter(({ fileName }) => fileName.startsWith(workers) && fileName.endsWith(".js"))
  return [
    ...beside.map(({ fileName, source }) => ({ name: path.basename(fileName), kb: kb(source), max: budget.workerKb })),
    { name: "shell", kb: sum(shell) + rest, max: budget.shellKb },
    ...lazy.map((chunk) => {
      const present = presentFor(bundle, chunk, shell)
      return {
        name: chunk.name,
        kb: sum([...closureOf(bundle, chunk)].filter((one) => !present.has(one))),
        max: chunk.name === "Link"
          ? budget.lineKb
          : /^(Machinery|Visits)$/.test(chunk.name)
          ? budget.keysKb
          : budget.screenKb
      }
    }).toSorted((a, b) => b.kb - a.kb)
  ]
}

export const budget = (limits: Budget) => ({
  name: "vivim:budget",
  apply: "build" as const,
  enforce: "post" as const,
  generateBundle: {
    order: "post" as const,
    handler(this: Speaker, _options: unknown, bundle: object) {
      const parts = weigh(bundle as Bundle, limits)
      const lines = parts.map(({ name, kb, max }) => `  ${name.padEnd(20)} ${kb.toFixed(1).padStart(6)} KB of ${max}`)
      this.info(`over the wire, gzip, each with what is not there before it:\n${lines.join("\n")}`)
      const heavy = parts.filter(({ kb, max }) => kb > max).map(({ name }) => path.basename(name))
      if (heavy.length > 0) this.error(`Too heavy: ${heavy.join(", ")}`)
    }
  }
})
