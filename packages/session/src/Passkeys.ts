/**
 * Passkeys: credentials of an authenticator that verifies its user, made for this node's own name. One opens a session in a browser that
 * holds no key, and confirms one; it is nobody's account key.
 *
 * W4  A passkey is of one account, and opens nothing else; one that was removed opens nothing.
 * W5  A challenge is answered once; a counter that does not go on opens nothing, and its user's log tells of it.
 */
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import * as SqlClient from "@effect/sql/SqlClient"
import type {
  PasskeyAnswer,
  PasskeyAsked,
  PasskeyChallenge,
  PasskeyDoors,
  PasskeyWanted
} from "@vivim/contract/Passkeys"
import { NotAllowed, NotSignedIn, type Unavailable, type VaultLocked } from "@vivim/contract/Refusal"
import type { Tokens } from "@vivim/contract/SignIn"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import type { Did } from "@vivim/event-schemas/ids"
import { CounterWentBack } from "@vivim/event-schemas/session/index"
import { EventStore } from "@vivim/event-store/EventStore"
import { weatherproof } from "@vivim/projection/Doorway"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type From, notOpened } from "./Opening.ts"
import * as OwnMeans from "./OwnMeans.ts"
import * as PasskeyChallenges from "./PasskeyChallenge.ts"
import * as PasskeyRecord from "./PasskeyRecord.ts"
import { Sessions } from "./Sessions.ts"
import * as Tables from "./SessionTables.ts"
import * as TakenBack from "./TakenBack.ts"
import * as WebAuthn from "./WebAuthn.ts"

type Weather<A, E = never> = Effect.Effect<A, E | Unavailable | VaultLocked>
type Asked<T extends string> = Rpc.Payload<Extract<RpcGroup.Rpcs<typeof PasskeyDoors>, { readonly _tag: T }>>
type Added = Rpc.Success<Extract<RpcGroup.Rpcs<typeof PasskeyDoors>, { readonly _tag: "AddPasskey" }>>
type Use = Omit<PasskeyChallenges.Use, "origin">

export class Passkeys extends Context.Tag("@vivim/session/Passkeys")<Passkeys, {
  readonly challenge: (asked: PasskeyAsked) => Effect.Effect<PasskeyChallenge, NotAllowed>
  readonly begin: (userId: Did, asked: Asked<"BeginPasskey">) => Weather<PasskeyWanted, NotAllowed>
  readonly add: (userId: Did, asked: Asked<"AddPasskey">) => Weather<Added, NotAllowed | NotSignedIn>
  /** Which passkey has answered, and whose it is, if one has; the answer is used up by asking. */
  readonly answered: (
    answer: PasskeyAnswer,
    use: Use
  ) => Weather<{ readonly userId: Did; readonly meansId: string } | null>
  readonly signIn: <E extends { readonly _tag: string }>(
    answer: PasskeyAnswer,
    jkt: string,
    from: From,
    mayOpen: (userId: Did) => Effect.Effect<void, E>
  ) => Weather<Tokens, NotSignedIn | E>
}>() {}

interface Ground extends OwnMeans.MeansGround {
  readonly eventStore: EventStore["Type"]
  readonly sessions: Sessions["Type"]
  readonly challengeMax: Duration.DurationInput
}

type Shape = Passkeys["Type"]

const signIn: Use = { purpose: "sign-in", bound: "" }
const toRegister = (userId: Did): Use => ({ purpose: "register", bound: userId })

const asked = ({ challengeMax, sessions }: Ground, origin: string, use: Use) =>
  Effect.gen(function*() {
    const rpId = sessions.origins.includes(origin) ? WebAuthn.rpIdOf(origin) : null
    if (rpId === null) {
      return yield* new NotAllowed({ message: "passkeys are made for a name: come by the node's own, or by localhost" })
    }
    const expiresAt = (yield* Clock.currentTimeMillis) + Duration.toMillis(challengeMax)
    return { challenge: PasskeyChallenges.make(sessions.key, { ...use, origin }, expiresAt), rpId, expiresAt }
  })

/** Where something was answered, if that was one of the node's own pages, to a challenge made for this that nobody has answered yet. */
const placeOf = Effect.fnUntraced(
  function*({ sessions, sql }: Ground, given: Parameters<typeof WebAuthn.clientOf>[0], use: Use) {
    const client = WebAuthn.clientOf(given)
    if (client === null || !sessions.origins.includes(client.origin)) return null
    const { challenge, origin } = client
    const rpId = WebAuthn.rpIdOf(origin)
    const now = yield* Clock.currentTimeMillis
    const until = PasskeyChallenges.until(sessions.key, challenge, { ...use, origin }, now)
    if (rpId === null || until === null) return null
    return (yield* Tables.spend(sql, `passkey ${challenge}`, until)) ? { challenge, origin, rpId } : null
  }
)

const begin = (ground: Ground): Shape["begin"] => (userId, { origin }) =>
  Effect.gen(function*() {
    const challenge = yield* asked(ground, origin, toRegister(userId))
    const rows = (yield* OwnMeans.of(ground, userId)).filter(({ means }) => means === "passkey")
    const known = yield* Effect.forEach(rows, (row) => Effect.map(OwnMeans.secretOf(ground, row), PasskeyRecord.decode))
    return {
      ...challenge,
      userHandle: PasskeyRecord.userHandleOf(userId),
      algorithms: WebAuthn.algorithms,
      known: known.filter(({ rpId }) => rpId === challenge.rpId).map(({ id }) => id)
    }
  }).pipe((work) => weatherproof("ask for a passkey", work, ["NotAllowed"]))

const add = (ground: Ground): Shape["add"] => (userId, { device, made, name }) =>
  Effect.gen(function*() {
    const place = yield* placeOf(ground, made, toRegister(userId))
    const passkey = place === null ? null : yield* WebAuthn.made(made, place)
    if (passkey === null) return yield* new NotSignedIn({ message: "this is no passkey made for here, just now" })
    const { counter, ...own } = passkey
    const reference = PasskeyRecord.referenceOf(own.id)
    const [taken] = yield* ground.sql`SELECT means_id FROM user_means WHERE reference = ${reference}`
    if (taken !== undefined) return yield* new NotAllowed({ message: "this passkey is somebody's already" })
    const meansId = OwnMeans.newId()
    // Before anybody hears of the passkey: whoever then looks finds both.
    const recoveryCodes = yield* OwnMeans.firstRecoveryCodes(ground, userId)
    yield* OwnMeans.add(ground, {
      userId,
      id: meansId,
      means: "passkey",
      name,
      secret: PasskeyRecord.encode({ ...own, device: device ?? null }),
      counts: true,
      reference,
      step: counter
    })
    return { meansId, recoveryCodes }
  }).pipe((work) => weatherproof("keep the passkey", work, ["NotAllowed", "NotSignedIn"]))

/** Moves the counter on, for whoever comes first. One that has none says 0 for ever. */
const counted = Effect.fnUntraced(function*({ note, sql }: Ground, row: OwnMeans.MeansRow, counter: number) {
  const now = yield* Clock.currentTimeMillis
  const went = yield* sql`
    UPDATE user_means SET step = ${counter}, used_at = ${now}
    WHERE means_id = ${row.means_id} AND (step < ${counter} OR (step = 0 AND ${counter} = 0)) RETURNING step`
  if (went.length === 1) return true
  const { means_id: meansId, user_id: userId } = row
  yield* note(userId, CounterWentBack({ userId, means: "passkey", meansId }))
  return false
})

/** The passkey an answer names; null for one that is not there, or was there before its account was taken back. */
const find = Effect.fnUntraced(function*(ground: Ground, { id }: PasskeyAnswer) {
  const look = ground.sql<OwnMeans.MeansRow>`
    SELECT * FROM user_means WHERE reference = ${PasskeyRecord.referenceOf(id)} AND counts`
  const [found] = yield* look
  if (found === undefined) return null
  // That is done as soon as it is heard of; a process that ended just then has left it to us.
  yield* TakenBack.heed(ground, found.user_id)
  const [row] = yield* look
  if (row === undefined) return null
  return { row, passkey: PasskeyRecord.decode(yield* OwnMeans.secretOf(ground, row)) }
})

const answered = (ground: Ground): Shape["answered"] => (answer, use) =>
  Effect.gen(function*() {
    const place = yield* placeOf(ground, answer, use)
    const found = place === null ? null : yield* find(ground, answer)
    if (place === null || found === null || found.passkey.rpId !== place.rpId) return null
    const { passkey, row } = found
    const own = PasskeyRecord.userHandleOf(row.user_id)
    if ((answer.response.userHandle ?? own) !== own) return null
    const counter = yield* WebAuthn.counterOf(answer, passkey, place)
    return counter !== null && (yield* counted(ground, row, counter))
      ? { userId: row.user_id, meansId: row.means_id }
      : null
  }).pipe((work) => weatherproof("look at the passkey", work))

const open = (ground: Ground): Shape["signIn"] => (answer, jkt, from, mayOpen) =>
  Effect.gen(function*() {
    const own = yield* answered(ground)(answer, signIn)
    if (own === null) return yield* notOpened()
    const handle = yield* weatherproof("look for the account", Tables.handleOf(ground.sql, own.userId))
    if (handle === null) return yield* notOpened()
    yield* mayOpen(own.userId)
    return yield* ground.sessions.open({ ...own, handle, device: null, means: "passkey", jkt, from })
  })

/** `challengeMax`: how long a challenge can be answered. */
export const layer = (
  challengeMax: Duration.DurationInput
): Layer.Layer<Passkeys, never, EventStore | Sessions | SqlClient.SqlClient | PayloadCipher> =>
  Layer.effect(
    Passkeys,
    Effect.gen(function*() {
      const sessions = yield* Sessions
      const ground: Ground = {
        sql: yield* SqlClient.SqlClient,
        cipher: yield* PayloadCipher,
        eventStore: yield* EventStore,
        note: sessions.note,
        sessions,
        challengeMax
      }
      return Passkeys.of({
        challenge: ({ origin, purpose, sessionId }) => asked(ground, origin, { purpose, bound: sessionId ?? "" }),
        begin: begin(ground),
        add: add(ground),
        answered: answered(ground),
        signIn: open(ground)
      })
    })
  )
