/**
 * The files of an export that hold no conversations, told by their shape: accounts, ratings, links, memories, projects and the like.
 *
 * A1  Each kind in the table is recognised with how many records it holds, whatever its file is called.
 */
import { assetIdOf } from "./Assets.ts"
import { cleanLabel } from "./CleanText.ts"
import { isObject, type JsonObject, listOf, member, wordsOf } from "./Json.ts"
import { Notes } from "./Notes.ts"
import type { Sample } from "./Sample.ts"

export interface AsideKind {
  readonly kind: string
  /** Whether the export's assets are named in it. */
  readonly index: boolean
}

interface Recogniser {
  readonly kind: string
  readonly index?: boolean
  /** A list of records that all have these keys … */
  readonly list?: ReadonlyArray<string>
  /** … or one object that has these. */
  readonly object?: ReadonlyArray<string>
}

const TABLE: ReadonlyArray<Recogniser> = [
  { kind: "ratings of answers", list: ["conversation_id", "rating"] },
  { kind: "shared links", list: ["id", "conversation_id", "is_anonymous"] },
  { kind: "the library of files", index: true, list: ["file_id", "file_name"] },
  { kind: "a manifest of the export", object: ["files", "version"] },
  { kind: "an account", object: ["id", "email"] },
  { kind: "accounts", list: ["uuid", "full_name"] },
  { kind: "settings", list: ["user_id", "settings"] },
  { kind: "settings", object: ["user_id", "settings"] },
  { kind: "group chats, which are not read yet", object: ["chats"] },
  { kind: "comparisons of models", list: ["id", "input", "output"] },
  { kind: "projects, which are not read yet", list: ["uuid", "name", "docs"] },
  { kind: "a project, which is not read yet", object: ["uuid", "name", "docs"] },
  { kind: "memories, which are not read yet", list: ["conversations_memory"] },
  { kind: "a design chat, which is not read yet", object: ["uuid", "messages", "project"] }
]

/** What a file of an export is beside its conversations, or null. */
export const asideKind = (sample: Sample): AsideKind | null => {
  if (sample.mime === "text/html") return { kind: "a web page", index: false }
  if (sample.shape !== "list" && sample.shape !== "object") return null
  if (isEmpty(sample)) return { kind: "nothing", index: false }
  if (sample.listKey !== null) return null
  const [first] = sample.records
  if (!isObject(first)) return null
  if (sample.shape === "object" && isNames(first)) return { kind: "the names of assets", index: true }
  const match = TABLE.find(({ list, object }) =>
    (sample.shape === "list" ? list : object)?.every((key) => Object.hasOwn(first, key)) === true
  )
  return match === undefined ? null : { kind: match.kind, index: match.index === true }
}

const isEmpty = ({ records, shape, text }: Sample): boolean =>
  shape === "list" ? records.length === 0 && /^\s*\[\s*\]\s*$/.test(text) : /^\s*\{\s*\}\s*$/.test(text)

/** `{"file-….dat": "original name"}` */
const isNames = (value: JsonObject): boolean => {
  const pairs = Object.entries(value)
  return pairs.length > 0 && pairs.every(([key, name]) => typeof name === "string" && /^\S+$/.test(key)) &&
    pairs.some(([key]) => assetIdOf(key) !== null || key.endsWith(".dat"))
}

type Names = ReadonlyArray<readonly [key: string, name: string]>

/** What an index file says of original names: `files` by the names they have in the export, `library` by their ids. */
export const assetNames = (index: unknown): { readonly files: Names; readonly library: Names } => {
  const pair = (key: unknown, name: unknown): Names =>
    wordsOf(key) === null || wordsOf(name) === null ? [] : [[key as string, cleanLabel(name as string, new Notes())]]
  return {
    files: isObject(index) ? Object.entries(index).flatMap(([key, name]) => pair(key, name)) : [],
    library: listOf(index).flatMap((file) => pair(member(file, "file_id"), member(file, "file_name")))
  }
}
