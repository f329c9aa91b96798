/**
 * The means of a user to show who they are, beside the keys of devices. Secrets are sealed as everything private is; a means counts once it was
 * shown to work.
 *
 * M1  Of a user's means, those count that were confirmed; a code or recovery code is of use to nobody else, and once.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import { NotSignedIn } from "@vivim/contract/Refusal"
import { NoSuchMeans } from "@vivim/contract/Sessions"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import { type Did, DisplayName } from "@vivim/event-schemas/ids"
import { MeansAdded, MeansRemoved } from "@vivim/event-schemas/session/index"
import type { Means } from "@vivim/event-schemas/session/Means"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { randomBytes } from "node:crypto"
import type { Note } from "./Sessions.ts"
import * as Totp from "./Totp.ts"

interface Row {
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

const subjectOf = (userId: Did) => ({ owner: userId, stream: `session/${userId}` })
const text = (words: string) => new TextEncoder().encode(words)

export const newId = () => randomBytes(16).toString("base64url")

export const make = Effect.fnUntraced(function*(note: Note) {
  const sql = yield* SqlClient.SqlClient
  const cipher = yield* PayloadCipher
  const seal = (userId: Did, id: string, plain: Uint8Array) =>
    cipher.seal(subjectOf(userId), text(`means ${id}`), plain)
  const open = (userId: Did, id: string, sealed: Uint8Array) =>
    cipher.open(subjectOf(userId), text(`means ${id}`), sealed)

  const add = Effect.fnUntraced(function*(
    means: {
      readonly userId: Did
      readonly id: string
      readonly means: Means
      readonly name: string
      readonly secret: Uint8Array
      readonly counts: boolean
      readonly reference?: string
    }
  ) {
    const { id, userId } = means
    yield* sql`INSERT INTO user_means ${
      sql.insert({
        means_id: id,
        user_id: userId,
        means: means.means,
        secret: yield* seal(userId, id, means.secret),
        name: yield* seal(userId, id, text(means.name)),
        added_at: yield* Clock.currentTimeMillis,
        counts: means.counts,
        reference: means.reference ?? null
      })
    }`
    if (means.counts) {
      yield* note(userId, MeansAdded({ userId, means: means.means, meansId: id, name: DisplayName.make(means.name) }))
    }
  })

  const of = (userId: Did) => sql<Row>`SELECT * FROM user_means WHERE user_id = ${userId} ORDER BY added_at, means_id`

  /** Uses a code up: the step moves on, for whoever comes first. */
  const takeCode = Effect.fnUntraced(function*(row: Row, code: string) {
    const now = yield* Clock.currentTimeMillis
    const step = Totp.stepOf(yield* open(row.user_id, row.means_id, row.secret), code, now)
    if (step === null) return false
    const taken = yield* sql`
      UPDATE user_means SET step = ${step}, used_at = ${now} WHERE means_id = ${row.means_id} AND step < ${step} RETURNING step`
    return taken.length === 1
  })

  const takeTotp = Effect.fnUntraced(function*(userId: Did, code: string) {
    const rows = (yield* of(userId)).filter(({ counts, means }) => counts && means === "totp")
    for (const row of rows) if (yield* takeCode(row, code)) return true
    return false
  })

  const takeRecoveryCode = (userId: Did, code: string) =>
    Effect.map(
      sql`DELETE FROM user_recovery_code WHERE user_id = ${userId} AND hash = ${Totp.hashOf(code)} RETURNING user_id`,
      (rows) => rows.length === 1
    )

  const newRecoveryCodes = (userId: Did) => {
    const codes = Totp.newRecoveryCodes()
    return Effect.as(
      sql.withTransaction(Effect.zipRight(
        sql`DELETE FROM user_recovery_code WHERE user_id = ${userId}`,
        sql`INSERT INTO user_recovery_code ${
          sql.insert(codes.map((code) => ({ user_id: userId, hash: Totp.hashOf(code) })))
        }`
      )),
      codes
    )
  }

  return {
    add,
    beginTotp: Effect.fnUntraced(function*(userId: Did, name: string, label: string) {
      const id = newId()
      const secret = Totp.newSecret()
      yield* add({ userId, id, means: "totp", name, secret, counts: false })
      return { meansId: id, uri: Totp.uriOf(secret, label) }
    }),
    confirmTotp: Effect.fnUntraced(function*(userId: Did, meansId: string, code: string) {
      const row = (yield* of(userId)).find((row) => row.means_id === meansId && row.means === "totp" && !row.counts)
      if (row === undefined) return yield* new NoSuchMeans({ meansId })
      if (!(yield* takeCode(row, code))) {
        return yield* new NotSignedIn({ message: "the code is not the one of this minute" })
      }
      yield* sql`UPDATE user_means SET counts = true WHERE means_id = ${meansId}`
      const name = new TextDecoder().decode(yield* open(userId, meansId, row.name))
      yield* note(userId, MeansAdded({ userId, means: "totp", meansId, name: DisplayName.make(name) }))
      return { recoveryCodes: yield* newRecoveryCodes(userId) }
    }),
    remove: Effect.fnUntraced(function*(userId: Did, meansId: string) {
      const [row] = yield* sql<
        Row
      >`DELETE FROM user_means WHERE means_id = ${meansId} AND user_id = ${userId} RETURNING *`
      if (row === undefined) return yield* new NoSuchMeans({ meansId })
      if (row.counts) yield* note(userId, MeansRemoved({ userId, means: row.means, meansId }))
      if (!(yield* of(userId)).some(({ counts, means }) => counts && means === "totp")) {
        yield* sql`DELETE FROM user_recovery_code WHERE user_id = ${userId}`
      }
      return { removed: true }
    }),
    /** Whether this shows who the user is; a code is used up by it. */
    show: (userId: Did, means: "totp" | "recovery-code", code: string) =>
      means === "totp" ? takeTotp(userId, code) : takeRecoveryCode(userId, code),
    list: Effect.fnUntraced(function*(userId: Did) {
      const rows = (yield* of(userId)).filter(({ counts }) => counts)
      const [left] = yield* sql<{ readonly left: number }>`
        SELECT count(*)::integer AS left FROM user_recovery_code WHERE user_id = ${userId}`
      const means = yield* Effect.forEach(rows, (row) =>
        Effect.map(open(userId, row.means_id, row.name), (name) => ({
          meansId: row.means_id,
          means: row.means,
          name: new TextDecoder().decode(name),
          addedAt: Number(row.added_at),
          usedAt: row.used_at === null ? null : Number(row.used_at)
        })))
      return { means, recoveryCodesLeft: left!.left }
    })
  }
})

export type OwnMeans = Effect.Effect.Success<ReturnType<typeof make>>
