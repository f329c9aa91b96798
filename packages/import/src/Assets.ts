/**
 * The files an export's conversations point at: found by their ids, stored once, at the first conversation that shows them.
 *
 * F1  A pointer of either generation finds its file, whatever the file is called, and its original name.
 * F2  A file is stored once however often it is shown; one that cannot be read is told, and stays a reference.
 * F3  Files the export names and does not hold, and files nobody points at, are listed.
 */
import type { ContentRef } from "@vivim/event-schemas/document/Message"
import * as Effect from "effect/Effect"
import { EntryBroken, type SourceFailed } from "./ImportRefused.ts"
import { sniffMime } from "./Mime.ts"
import type { Keep } from "./Reader.ts"
import { type Entry, head } from "./Source.ts"

/** One file of the export that is not read as conversations. */
interface AssetFile {
  readonly entry: Entry
  readonly name: string | null
  /** Undefined until it was asked for. */
  content: ContentRef | null | undefined
  failure: string | null
  pointedAt: boolean
}

/** What a pointer leads to. */
export interface Asset {
  /** The name its owner gave it, if the export tells. */
  readonly name: string | null
  readonly content: ContentRef | null
}

const SNIFF_BYTES = 4_096

/** `file-AbC…` and `file_0000…`: how ChatGPT names what was uploaded and drawn, in pointers and in file names. */
const ASSET_ID = /file[-_][A-Za-z0-9]{8,}/

const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1)

/** The id inside a pointer or at the beginning of a file's name, or null. */
export const assetIdOf = (text: string): string | null => ASSET_ID.exec(text)?.[0] ?? null

/** A pointer without its scheme and query: `sediment://file_0?x` is `file_0`. */
const bare = (pointer: string): string => pointer.replace(/^[a-z-]+:\/\//, "").replace(/[?#].*$/s, "")

export class Assets {
  readonly #files: Array<AssetFile> = []
  readonly #byId = new Map<string, AssetFile>()
  readonly #byBaseName = new Map<string, AssetFile>()
  readonly #promised: ReadonlyMap<string, string>
  readonly #keep: Keep

  /** `promised`: original names of the files the export says it holds; `library`: of files by their ids, here or not. */
  constructor(
    entries: ReadonlyArray<Entry>,
    promised: ReadonlyMap<string, string>,
    library: ReadonlyMap<string, string>,
    keep: Keep
  ) {
    this.#promised = promised
    this.#keep = keep
    for (const entry of entries) {
      const base = baseName(entry.name)
      const id = base.startsWith("file") ? assetIdOf(base) : null
      const name = promised.get(base) ?? (id === null ? undefined : library.get(id)) ?? null
      const file: AssetFile = { entry, name, content: undefined, failure: null, pointedAt: false }
      this.#files.push(file)
      if (id !== null && !this.#byId.has(id)) this.#byId.set(id, file)
      if (!this.#byBaseName.has(base)) this.#byBaseName.set(base, file)
      const plain = base.replace(/\.dat$/, "")
      if (!this.#byId.has(plain)) this.#byId.set(plain, file)
    }
  }

  /** A desk for one conversation: what it points at, and what of that must still be stored. */
  desk(): AssetDesk {
    return new AssetDesk(this)
  }

  find(pointer: string): AssetFile | null {
    const plain = bare(pointer)
    const id = assetIdOf(plain)
    return this.#byId.get(plain) ?? (id === null ? undefined : this.#byId.get(id)) ??
      this.#byBaseName.get(baseName(plain)) ?? null
  }

  /** Stores what a conversation points at and was not stored before. */
  store(files: ReadonlySet<AssetFile>): Effect.Effect<void, SourceFailed> {
    return Effect.forEach(files, (file) => this.#store(file), { discard: true })
  }

  #store(file: AssetFile): Effect.Effect<void, SourceFailed> {
    return head(file.entry, SNIFF_BYTES).pipe(
      Effect.flatMap((bytes) =>
        this.#keep(file.entry.bytes, { name: file.name ?? baseName(file.entry.name), mime: sniffMime(bytes) })
      ),
      Effect.map((content) => {
        file.content = content
      }),
      Effect.catchTag("EntryBroken", ({ reason }: EntryBroken) =>
        Effect.sync(() => {
          file.content = null
          file.failure = reason
        }))
    )
  }

  /** Files no conversation pointed at, to be asked when all are read. */
  unused(): ReadonlyArray<{ readonly name: string; readonly title: string | null }> {
    return this.#files.filter((file) => !file.pointedAt).map((file) => ({ name: file.entry.name, title: file.name }))
  }

  /** Files that conversations pointed at so far. */
  pointedAt(): ReadonlySet<Entry> {
    return new Set(this.#files.flatMap((file) => file.pointedAt ? file.entry : []))
  }

  /** Of the files the export's index names: how many it holds, and which it does not. */
  named(): {
    readonly resolved: number
    readonly missing: ReadonlyArray<{ readonly name: string; readonly title: string }>
  } {
    const all = [...this.#promised].map(([name, title]) => ({ name, title }))
    const missing = all.filter(({ name }) => this.find(name) === null)
    return { resolved: all.length - missing.length, missing }
  }
}

/** Looks pointers up while one conversation is read. */
export class AssetDesk {
  readonly #assets: Assets
  readonly #seen = new Map<string, boolean>()
  /** Files that are there and not stored yet. */
  readonly wanted = new Set<AssetFile>()
  readonly failures = new Set<string>()

  constructor(assets: Assets) {
    this.#assets = assets
  }

  /** `spare`: its words are in the export, so that the file itself is not missed. */
  look(pointer: string, spare = false): Asset {
    const file = this.#assets.find(pointer)
    if (file === null && spare) return { name: null, content: null }
    this.#seen.set(bare(pointer), file !== null && file.content !== null)
    if (file === null) return { name: null, content: null }
    file.pointedAt = true
    if (file.content === undefined) this.wanted.add(file)
    if (file.failure !== null) this.failures.add(`${file.name ?? file.entry.name}: ${file.failure}`)
    return { name: file.name, content: file.content ?? null }
  }

  counts(): { readonly resolved: number; readonly missing: number } {
    const resolved = [...this.#seen.values()].filter(Boolean).length
    return { resolved, missing: this.#seen.size - resolved }
  }
}
