/**
 * Sessions as an authority: `Authorization: DPoP <access token>`, with a proof that the caller holds the key it is bound to (RFC 9449). Each REST
 * request carries a proof of its own. On an RPC socket the first request of a session does, and the socket is that session's from then on:
 * who could speak on the socket could as well have made the proof.
 *
 * D1  A token without its key opens nothing, on REST and on a socket.
 * D2  A proof made for one session's key on one socket is of no use for another session or on another socket.
 * D3  What a provider says opens a session and shows nothing more: a device or a second factor of the account's own does.
 */
import { NotSignedIn } from "@vivim/contract/Refusal"
import { Session } from "@vivim/contract/Session"
import { factors, type Means } from "@vivim/event-schemas/session/Means"
import type * as LiveSessions from "@vivim/session/LiveSessions"
import { Sessions } from "@vivim/session/Sessions"
import * as Effect from "effect/Effect"
import type { Asker, Authority, Credentials, Surety } from "./Authority.ts"

/** Sockets whose sessions are remembered; one that is forgotten is asked for a proof again. */
const SocketsMax = 100_000

const refused = () => new NotSignedIn({ message: "the session is over, or this is not its key: sign in again" })

const factorsOf = (row: LiveSessions.Row) => (row.factors ?? []).filter((means) => factors.includes(means))

/** When its user last showed who they are; a provider's word for it, which opened the session, is none of it. */
const shownAtOf = ({ means, opened_at, shown_at }: LiveSessions.Row): number | null =>
  means === "provider" && Number(shown_at) <= Number(opened_at) ? null : Number(shown_at)

const unprovenOf = (row: LiveSessions.Row): Pick<Asker, "unproven"> => {
  if (row.means !== "provider") return {}
  const owing = factorsOf(row).length > 0
  return (owing ? row.factor_at : shownAtOf(row)) === null ? { unproven: { owing } } : {}
}

/** What somebody has to show: a second factor where the account has one, else a device's key, or the passkey that opened the session. */
const suretyOf = (row: LiveSessions.Row | null): Surety => {
  if (row === null) return { shownAt: null, means: [] }
  const own = factorsOf(row)
  if (own.length === 0) {
    const means: ReadonlyArray<Means> = [row.means === "provider" ? "device" : row.means]
    return { shownAt: shownAtOf(row), means }
  }
  return { shownAt: row.factor_at === null ? null : Number(row.factor_at), means: [...own, "recovery-code"] }
}

export const make = Effect.map(Sessions, (sessions): Authority => {
  const proven = new Map<string, string>()
  const remember = (place: string, jkt: string) => {
    proven.delete(place)
    if (proven.size >= SocketsMax) proven.delete(proven.keys().next().value!)
    proven.set(place, jkt)
  }

  /** Whether the caller holds the key, by what it shows now or has shown on this socket. */
  const holds = Effect.fnUntraced(function*(given: Credentials, token: string, sessionId: string, jkt: string) {
    const place = `${given.socket} ${sessionId}`
    if (given.socket !== null && given.proof === undefined) return proven.get(place) === jkt
    const proof = yield* sessions.prove(given.proof, { method: given.method, path: given.path, token })
    if (proof === null || proof.jkt !== jkt) return false
    if (given.socket !== null) remember(place, jkt)
    return true
  })

  return {
    recognise: Effect.fnUntraced(function*(given) {
      const token = /^DPoP ([^\s]+)$/i.exec(given.authorization ?? "")?.[1]
      if (token === undefined) return null
      const claims = yield* sessions.read(token)
      if (claims === null || !(yield* holds(given, token, claims.sid, claims.cnf.jkt))) return yield* refused()
      const row = yield* sessions.find(claims.sid)
      if (row === null || row.user_id !== claims.sub || row.jkt !== claims.cnf.jkt) return yield* refused()
      return {
        session: new Session({
          userId: row.user_id,
          handle: row.handle,
          device: row.device_id,
          operator: false,
          sessionId: row.session_id
        }),
        ...unprovenOf(row),
        surety: Effect.map(sessions.find(row.session_id, true), suretyOf)
      } satisfies Asker
    })
  }
})
