/** What the full-text index is asked, and within which bounds: every question here costs milliseconds at most. */
import type { Database } from "@vivim/user-database/Database"
import type { Term } from "./SearchQuery.ts"

/** Only what is shown, or hidden messages as well. */
export const within = (match: string, hiddenToo: boolean): string => `{shown${hiddenToo ? " hidden" : ""}} : (${match})`

/** Thirty days, counted from 1970: as a word in the index it finds the newest of very many. */
export const eraOf = (time: number): number => Math.floor(time / 2_592_000_000)

/** Only what was said in one of these eras; they come first, so that the index skips through what is common. */
export const inEras = (match: string, eras: ReadonlyArray<number>): string =>
  `marks : (${eras.map((era) => `"${era}"`).join(" OR ")}) AND (${match})`

/** The mark of a message's role, and of its conversation's provider. A letter before them keeps them apart from each other and from eras. */
const roleMark = (role: string): string => `r${role}`
const providerMark = (provider: string): string => `p${provider.replace(/[^a-z0-9]/g, "0")}`

/** What a message is marked with in the index. */
export const marksOf = (marked: { readonly time: number; readonly role: string; readonly provider: string }): string =>
  `${eraOf(marked.time)} ${roleMark(marked.role)} ${providerMark(marked.provider)}`

/** The marks that filters ask for. */
export interface Marks {
  readonly role?: string | undefined
  readonly provider?: string | undefined
}

/** Only what carries these marks: they come last, they are common. */
export const carrying = (match: string, { provider, role }: Marks): string =>
  [
    `(${match})`,
    ...(role === undefined ? [] : [`marks : "${roleMark(role)}"`]),
    ...(provider === undefined ? [] : [`marks : "${providerMark(provider)}"`])
  ].join(" AND ")

/** How many messages match, counted no further than one past `max`. */
export const count = (db: Database, match: string, max: number): number =>
  db.value<number>("SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)", match, max + 1)!

/**
 * The index finds all words behind a beginning by merging their lists, which grows with the archive: 20 ms for three letters
 * of 100,000 messages, 2 ms for four. So the more there is, the more of a word must be typed before it is completed;
 * a prefix index instead would make imports a third slower.
 */
export const mayBeUnfinished = (db: Database, term: Term): boolean => {
  if (!term.unfinished || term.kind === "run") return false
  const archive = db.value<number>("SELECT messages FROM archive") ?? 0
  const lettersMin = archive <= 10_000 ? 2 : archive <= 30_000 ? 3 : 4
  return [...term.words.at(-1)!].length >= lettersMin
}
