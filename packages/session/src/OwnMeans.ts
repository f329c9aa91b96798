/**
 * The means of a user to show who they are, beside the keys of devices. Secrets are sealed as everything private is; a means counts once it was
 * shown to work.
 *
 * M1  Of a user's means, those count that were confirmed; a code or recovery code is of use to nobody else, and once.
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import { NotSignedIn } from "@vivim/contract/Refusal"
import { NoSuchMeans } from "@vivim/contract/Sessions"
import type { Cipher } from "@vivim/crypto/Cipher"
import { type Did, DisplayName, nodeItself } from "@vivim/event-schemas/ids"
import { MeansAdded, MeansRemoved } from "@vivim/event-schemas/session/index"
import type { Means } from "@vivim/event-schemas/session/Means"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { randomBytes } from "node:crypto"
import type { Note } from "./Opening.ts"
import * as PasskeyRecord from "./PasskeyRecord.ts"
import * as Tables from "./SessionTables.ts"
import * as Totp from "./Totp.ts"

export interface MeansRow {
  readonly means_id: string
  readonly user_id: Did
  readonly means: Means
  readonly secret: Uint8Array
  readonly name: Uint8Array
  readonly added_at: string
  readonly used_at: string | null
  readonly counts: boolean
  readonly step: string
}

export interface MeansGround {
  readonly sql: SqlClient.SqlClient
  readonly cipher: Cipher
  readonly note: Note
}

/** The node compares codes itself, also for a user whose vault is locked: under a key of its own. */
const subjectOf = (userId: Did) => ({ owner: nodeItself, stream: `session/${userId}` })
const bytes = (words: string) => new TextEncoder().encode(words)
const words = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

const seal = ({ cipher }: MeansGround, userId: Did, id: string, plain: Uint8Array) =>
  cipher.seal(subjectOf(userId), bytes(`means ${id}`), plain)
const open = ({ cipher }: MeansGround, { means_id, user_id }: MeansRow, sealed: Uint8Array) =>
  cipher.open(subjectOf(user_id), bytes(`means ${means_id}`), sealed)

/** What is kept of a means, opened. */
export const secretOf = (ground: MeansGround, row: MeansRow) => open(ground, row, row.secret)

export const newId = (): string => randomBytes(16).toString("base64url")

/** A means as it is to be kept; `reference` is what somebody else knows it by, and is nobody else's. */
interface NewMeans {
  readonly userId: Did
  readonly id: string
  readonly means: Means
  readonly name: string
  readonly secret: Uint8Array
  readonly counts: boolean
  readonly reference?: string
  /** What only grows: the next answer must be beyond it. */
  readonly step?: number
}

const noteAdded = ({ note }: MeansGround, userId: Did, means: Means, meansId: string, name: string) =>
  note(userId, MeansAdded({ userId, means, meansId, name: DisplayName.make(name) }))

/** What the log does not tell does not count. */
const undo = ({ sql }: MeansGround, { id, userId }: NewMeans) =>
  Effect.ignore(Effect.zipRight(sql`DELETE FROM user_means WHERE means_id = ${id}`, Tables.dropSpareCodes(sql, userId)))

export const add = Effect.fnUntraced(function*(ground: MeansGround, added: NewMeans) {
  const { counts, id, means, name, userId } = added
  yield* ground.sql`INSERT INTO user_means ${
    ground.sql.insert({
      means_id: id,
      user_id: userId,
      means,
      secret: yield* seal(ground, userId, id, added.secret),
      name: yield* seal(ground, userId, id, bytes(name)),
      added_at: yield* Clock.currentTimeMillis,
      counts,
      reference: added.reference ?? null,
      step: added.step ?? 0
    })
  }`
  if (counts) yield* noteAdded(ground, userId, means, id, name)
}, (work, ground, added) => Effect.onError(work, () => undo(ground, added)))

export const of = ({ sql }: MeansGround, userId: Did) =>
  sql<MeansRow>`SELECT * FROM user_means WHERE user_id = ${userId} ORDER BY added_at, means_id`

/** Uses a code up: the step moves on, for whoever comes first. */
const takeCode = Effect.fnUntraced(function*(ground: MeansGround, row: MeansRow, code: string) {
  const now = yield* Clock.currentTimeMillis
  const step = Totp.stepOf(yield* open(ground, row, row.secret), code, now)
  if (step === null) return false
  const taken = yield* ground.sql`
    UPDATE user_means SET step = ${step}, used_at = ${now} WHERE means_id = ${row.means_id} AND step < ${step} RETURNING step`
  return taken.length === 1
})

const takeTotp = Effect.fnUntraced(function*(ground: MeansGround, userId: Did, code: string) {
  const rows = (yield* of(ground, userId)).filter(({ counts, means }) => counts && means === "totp")
  for (const row of rows) if (yield* takeCode(ground, row, code)) return true
  return false
})

const takeRecoveryCode = ({ sql }: MeansGround, userId: Did, code: string) =>
  Effect.map(
    sql`DELETE FROM user_recovery_code WHERE user_id = ${userId} AND hash = ${Totp.hashOf(code)} RETURNING user_id`,
    (rows) => rows.length === 1
  )

const recoveryCodesLeft = ({ sql }: MeansGround, userId: Did) =>
  Effect.map(
    sql<{ readonly left: number }>`
      SELECT count(*)::integer AS left FROM user_recovery_code WHERE user_id = ${userId}`,
    ([row]) => row!.left
  )

const newRecoveryCodes = ({ sql }: MeansGround, userId: Did) => {
  const codes = Totp.newRecoveryCodes()
  const rows = codes.map((code) => ({ user_id: userId, hash: Totp.hashOf(code) }))
  return Effect.as(
    sql.withTransaction(Effect.zipRight(
      sql`DELETE FROM user_recovery_code WHERE user_id = ${userId}`,
      sql`INSERT INTO user_recovery_code ${sql.insert(rows)}`
    )),
    codes
  )
}

/** Recovery codes for who has none: whoever has a factor can lose it. */
export const firstRecoveryCodes = (ground: MeansGround, userId: Did) =>
  Effect.flatMap(
    recoveryCodesLeft(ground, userId),
    (left) => left === 0 ? newRecoveryCodes(ground, userId) : Effect.succeed([])
  )

/** Makes an authenticator's secret. It counts once a code has shown that it is kept. */
export const beginTotp = Effect.fnUntraced(function*(ground: MeansGround, userId: Did, name: string, label: string) {
  const secret = Totp.newSecret()
  const meansId = newId()
  yield* add(ground, { userId, id: meansId, means: "totp", name, secret, counts: false })
  return { meansId, uri: Totp.uriOf(secret, label) }
})

export const confirmTotp = Effect.fnUntraced(
  function*(ground: MeansGround, userId: Did, meansId: string, code: string) {
    const row = (yield* of(ground, userId)).find((row) =>
      row.means_id === meansId && row.means === "totp" && !row.counts
    )
    if (row === undefined) return yield* new NoSuchMeans({ meansId })
    if (!(yield* takeCode(ground, row, code))) {
      return yield* new NotSignedIn({ message: "the code is not the one of this minute" })
    }
    yield* ground.sql`UPDATE user_means SET counts = true WHERE means_id = ${meansId}`
    yield* noteAdded(ground, userId, "totp", meansId, words(yield* open(ground, row, row.name)))
    return { recoveryCodes: yield* newRecoveryCodes(ground, userId) }
  }
)

export const remove = Effect.fnUntraced(function*(ground: MeansGround, userId: Did, meansId: string) {
  const { note, sql } = ground
  const [row] = yield* sql<
    MeansRow
  >`DELETE FROM user_means WHERE means_id = ${meansId} AND user_id = ${userId} RETURNING *`
  if (row === undefined) return yield* new NoSuchMeans({ meansId })
  if (row.counts) yield* note(userId, MeansRemoved({ userId, means: row.means, meansId }))
  yield* Tables.dropSpareCodes(sql, userId)
  return { removed: true }
})

/** Whether this shows who the user is; a code is used up by it. */
export const show = (ground: MeansGround, userId: Did, means: "totp" | "recovery-code", code: string) =>
  means === "totp" ? takeTotp(ground, userId, code) : takeRecoveryCode(ground, userId, code)

export const list = Effect.fnUntraced(function*(ground: MeansGround, userId: Did) {
  const rows = (yield* of(ground, userId)).filter(({ counts }) => counts)
  const means = yield* Effect.forEach(
    rows,
    (row) =>
      Effect.map(Effect.all([open(ground, row, row.name), secretOf(ground, row)]), ([name, secret]) => ({
        meansId: row.means_id,
        means: row.means,
        name: words(name),
        addedAt: Number(row.added_at),
        usedAt: row.used_at === null ? null : Number(row.used_at),
        device: row.means === "passkey" ? PasskeyRecord.decode(secret).device : null
      }))
  )
  return { means, recoveryCodesLeft: yield* recoveryCodesLeft(ground, userId) }
})
