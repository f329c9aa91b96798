/**
 * The record of each account in a browser (IndexedDB): an AES key that the browser holds and does not give out (WebCrypto, not extractable),
 * secrets sealed under it, keys that the browser keeps itself, and the session. A copy of the profile's files is then not enough for who
 * cannot run that browser; a script of the same origin is.
 */
import { asked, opened } from "../IndexedDb.ts"
import * as EarlierRecords from "./EarlierRecords.ts"
import { newSealingKey, type Record, type SealingKey } from "./SealedRecord.ts"

const [database, table] = ["vivim", "keys"]

/** A record changes as a whole, in one transaction: nobody else's change comes in between. Null takes the record away. */
const changeRaw = (account: string, to: (raw: unknown) => unknown): Promise<void> =>
  opened(database, table).then((db) =>
    new Promise<void>((resolve, reject) => {
      const transaction = db.transaction(table, "readwrite")
      const store = transaction.objectStore(table)
      const getting = store.get(account)
      getting.addEventListener("success", () => {
        const now = to(getting.result)
        if (now === null) store.delete(account)
        else if (now !== undefined) store.put(now, account)
      })
      transaction.addEventListener("complete", () => resolve())
      for (const end of ["abort", "error"] as const) {
        transaction.addEventListener(end, () => reject(transaction.error))
      }
    }).finally(() => db.close())
  )

const readRaw = (account: string): Promise<unknown> =>
  opened(database, table).then((db) =>
    asked(db.transaction(table).objectStore(table).get(account)).finally(() => db.close())
  )

/** Written anew where it is of an earlier form; undefined where there is none. */
export const read = (account: string): Promise<Record | undefined> =>
  readRaw(account).then((raw) =>
    EarlierRecords.is(raw)
      ? EarlierRecords.convert(account, raw).then((now) =>
        changeRaw(account, (raw) => EarlierRecords.is(raw) ? { ...now, session: raw.session } : undefined)
          .then(() => read(account))
      )
      : raw as Record | undefined
  )

/** The record's key, made by whoever comes first. */
export const sealingKey = (account: string): Promise<SealingKey> =>
  read(account).then((record) =>
    record?.sealing ??
      newSealingKey().then((sealing) =>
        changeRaw(account, (raw) => raw === undefined ? empty(sealing) : undefined).then(() => sealingKey(account))
      )
  )

const empty = (sealing: SealingKey): Record => ({ form: 2, sealing, secrets: {}, held: {}, session: null })

/** Changes the record, which is made where there is none. */
export const change = (account: string, to: (record: Record) => Record): Promise<void> =>
  sealingKey(account).then(() => {
    let isDone = false
    return changeRaw(account, (raw) => {
      isDone = raw !== undefined && !EarlierRecords.is(raw)
      return isDone ? to(raw as Record) : undefined
    }).then(() => isDone ? undefined : change(account, to))
  })

/** Takes all that is kept of an account out of this browser. */
export const wipe = (account: string): Promise<void> => changeRaw(account, () => null)
