/**
 * Refresh tokens: good once, each for its successor. A token is its session, its number, and a mac over both and the session's salt: nothing
 * that opens a session is kept, not even its hash, and the successor of a token can be answered again to a client that asked twice.
 *
 * R1  A token that was not made here, for this session and number, is none.
 */
import { SessionId } from "@vivim/event-schemas/session/Means"
import * as Schema from "effect/Schema"
import { same, type SessionKey } from "./SessionKey.ts"

export interface Named {
  readonly sessionId: SessionId
  readonly number: number
  readonly mac: Uint8Array
}

const macOf = (key: SessionKey, sessionId: string, number: number, salt: Uint8Array) =>
  key.mac("refresh", sessionId, String(number), salt)

export const make = (key: SessionKey, sessionId: SessionId, number: number, salt: Uint8Array): string =>
  `${sessionId}.${number}.${macOf(key, sessionId, number, salt).toString("base64url")}`

const isSessionId = Schema.is(SessionId)

/** What a token claims to be. */
export const parse = (token: string): Named | null => {
  const [, sessionId, number, mac] = /^([^.]+)\.(\d{1,9})\.([A-Za-z0-9_-]{43})$/.exec(token) ?? []
  return sessionId === undefined || number === undefined || mac === undefined || !isSessionId(sessionId)
    ? null
    : { sessionId, number: Number(number), mac: Buffer.from(mac, "base64url") }
}

/** Whether it is. */
export const isMade = (key: SessionKey, { mac, number, sessionId }: Named, salt: Uint8Array): boolean =>
  same(mac, macOf(key, sessionId, number, salt))
