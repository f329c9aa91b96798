/** A conversation's title and tags: which of its titles wins, what stands in when there is none, and how they are found. */
import { readable } from "@vivim/contract/ReadableText"
import type { Database } from "@vivim/user-database/Database"
import * as SearchText from "./SearchText.ts"

const derivedMax = 80

/** The first words of a text, without the marks of Markdown they may begin with; null when there are none. */
const firstWords = (text: string): string | null => {
  const line = readable(text.slice(0, 4_000)).split(/[\r\n]+/).map((line) =>
    line.replace(/^[\s#>*`~|=_-]+/, "").replace(/\*\*|__|`/g, "").trim()
  )
    .find((line) => /[\p{L}\p{N}]/u.test(line))
  if (line === undefined) return null
  const words = line.replace(/\s+/g, " ")
  if (words.length <= derivedMax) return words
  const cut = words.slice(0, derivedMax)
  const space = cut.lastIndexOf(" ")
  return `${(space > derivedMax / 2 ? cut.slice(0, space) : cut).replace(/[\ud800-\udbff]$/, "")}…`
}

/** What the owner first said, as far as it is shown. */
const derived = (db: Database, conversation: number): string => {
  const texts = db.each<{ readonly text: string }>(
    `SELECT substr(b.text, 1, 4000) AS text FROM messages m JOIN bodies b USING (number)
     WHERE m.conversation = ? AND m.role = 'user' AND m.hidden IS NULL ORDER BY m.ordinal`,
    conversation
  )
  for (const { text } of texts) {
    const words = firstWords(text)
    if (words !== null) return words
  }
  return ""
}

interface Titles {
  readonly title: string
  readonly given_title: string | null
  readonly source_title: string | null
}

/** Decides the title anew and brings the index of titles up to date. */
export const settle = (db: Database, conversation: number, tagsChanged = false): void => {
  const now = db.get<Titles>(
    "SELECT title, given_title, source_title FROM conversations WHERE number = ?",
    conversation
  )!
  const said = [now.given_title, now.source_title].map((title) => readable(title ?? "")).find((title) =>
    title.trim() !== ""
  )
  const title = said ?? derived(db, conversation)
  db.run(
    "UPDATE conversations SET title = ?, title_derived = ? WHERE number = ?",
    title,
    said === undefined ? 1 : 0,
    conversation
  )
  const indexed = db.value<number>("SELECT 1 FROM titles WHERE rowid = ?", conversation) !== undefined
  if (indexed && title === now.title && !tagsChanged) return
  unindex(db, conversation)
  const tags = db.values<string>("SELECT tag FROM tags WHERE conversation = ? ORDER BY tag", conversation)
  db.run(
    "INSERT INTO titles (rowid, title, tags) VALUES (?, ?, ?)",
    conversation,
    SearchText.indexed(title),
    SearchText.indexed(tags.join("\n"))
  )
}

/** Takes title and tags out of the index. */
export const unindex = (db: Database, conversation: number): void => {
  db.run("DELETE FROM titles WHERE rowid = ?", conversation)
}
