/**
 * Which conversations of a library lie in the trash: since when, and when they go for good.
 *
 * R1  What is put there is in no list, count or search but those that ask for the trash, until it is taken out.
 * R2  What is taken out, or deleted, leaves no trace of having been there.
 */
import type { Database } from "@vivim/user-database/Database"

/** Its key is the conversation's own number, so that asking whether one lies there is one step in a small tree. */
export const tables: ReadonlyArray<string> = [
  `CREATE TABLE trash (
    conversation INTEGER PRIMARY KEY,
    trashed_at INTEGER NOT NULL,
    purge_at INTEGER NOT NULL
  )`
]

export const put = (db: Database, conversation: number, trashedAt: number, purgeAt: number): void => {
  db.run(
    `INSERT INTO trash VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET trashed_at = excluded.trashed_at,
       purge_at = excluded.purge_at`,
    conversation,
    trashedAt,
    purgeAt
  )
}

export const take = (db: Database, conversation: number): void => {
  db.run("DELETE FROM trash WHERE conversation = ?", conversation)
}

/** What a filter says of the trash: without a word, that it is left out. While it is empty there is nothing to leave out. */
export const filter = (db: Database, trashed = false): { readonly trashed?: boolean } =>
  trashed || count(db) > 0 ? { trashed } : {}

export const count = (db: Database): number => db.value<number>("SELECT count(*) FROM trash")!
