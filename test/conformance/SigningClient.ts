/** A client of a node's sessions made of nothing but keys and fetch, so that it can also do what an honest one would not. */
import { type Answer, signed } from "@vivim/contract/SignIn"
import { fromEd25519 } from "@vivim/crypto/DidKey"
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose"
import * as crypto from "node:crypto"
import type { NodeProcess } from "../e2e/NodeProcess.ts"

/** An account that is one key, and the device that key is. */
export const newDevice = () => {
  const { privateKey, publicKey } = crypto.generateKeyPairSync("ed25519")
  const raw = Buffer.from(publicKey.export({ format: "jwk" }).x!, "base64url")
  const userId = fromEd25519(raw)
  return {
    userId,
    deviceId: userId.slice("did:key:".length) as Answer["deviceId"],
    sign: (bytes: Uint8Array) => crypto.sign(null, bytes, privateKey).toString("base64url")
  }
}
export type Device = ReturnType<typeof newDevice>

/** The key of a client, and the proofs it makes; any part of one may be another. */
export const newClientKey = async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true })
  const jwk = await exportJWK(publicKey)
  return {
    jkt: await calculateJwkThumbprint(jwk),
    prove: (
      htm: string,
      htu: string,
      token?: string,
      other: { readonly iat?: number; readonly jti?: string; readonly typ?: string; readonly jwk?: object } = {}
    ) =>
      new SignJWT({
        htm,
        htu,
        jti: other.jti ?? crypto.randomUUID(),
        ...token === undefined ? {} : { ath: crypto.createHash("sha256").update(token).digest("base64url") }
      })
        .setProtectedHeader({ alg: "ES256", typ: other.typ ?? "dpop+jwt", jwk: (other.jwk ?? jwk) as never })
        .setIssuedAt(other.iat ?? Math.floor(Date.now() / 1_000))
        .sign(privateKey)
  }
}
type ClientKey = Awaited<ReturnType<typeof newClientKey>>

interface Said {
  readonly status: number
  readonly body: any
  readonly text: string
  readonly headers: Headers
}

export const ask = async (
  url: string,
  method: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {}
): Promise<Said> => {
  const response = await fetch(url, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...body === undefined ? {} : { body: JSON.stringify(body) }
  })
  const text = await response.text()
  return { status: response.status, body: parsed(text), text, headers: response.headers }
}

const parsed = (text: string) => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

type Node = Pick<NodeProcess, "origin">

export const challenge = async (
  node: Node,
  device: Pick<Device, "userId" | "deviceId">,
  purpose = "sign-in",
  sessionId?: string
) => {
  const said = await ask(`${node.origin}/api/v1/sign-in/challenge`, "POST", {
    userId: device.userId,
    deviceId: device.deviceId,
    purpose,
    ...sessionId === undefined ? {} : { sessionId }
  })
  if (said.status !== 200) throw new Error(`no challenge: ${said.status} ${said.text}`)
  return said.body
}

/** The answer of a device to a challenge, as it is or as told. */
export const answerTo = (device: Device, challenge: any, other: Partial<Answer> = {}): Answer => {
  const answer = {
    userId: device.userId,
    deviceId: device.deviceId,
    nonce: challenge.nonce,
    origin: challenge.origin,
    expiresAt: challenge.expiresAt,
    ...other
  }
  return { ...answer, signature: other.signature ?? device.sign(signed(answer)) }
}

/** Says something to a door that wants a proof. */
export const withProof = async (node: Node, key: ClientKey, path: string, body: object): Promise<Said> => {
  const url = `${node.origin}/api/v1${path}`
  return ask(url, "POST", body, { dpop: await key.prove("POST", url) })
}

export const signIn = async (node: Node, device: Device, key: ClientKey): Promise<Said> =>
  withProof(node, key, "/sign-in/token", answerTo(device, await challenge(node, device)))

export const signUp = async (node: Node, device: Device, key: ClientKey, handle: string): Promise<Said> =>
  withProof(node, key, "/sign-up", {
    answer: answerTo(device, await challenge(node, device, "sign-up")),
    handle,
    displayName: handle
  })

export const refresh = (node: Node, key: ClientKey, refreshToken: string): Promise<Said> =>
  withProof(node, key, "/sign-in/refresh", { refreshToken })

/** A call of the REST face with a session's token and a fresh proof. */
export const as = async (
  node: Node,
  key: ClientKey,
  accessToken: string,
  method: string,
  path: string,
  body?: object
): Promise<Said> => {
  const url = `${node.origin}/api/v1${path}`
  return ask(url, method, body, {
    authorization: `DPoP ${accessToken}`,
    dpop: await key.prove(method, url, accessToken)
  })
}
