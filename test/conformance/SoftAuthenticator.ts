/** An authenticator made of nothing but a key, so that it can also do what an honest one would not: any part of what it says may be another. */
import * as crypto from "node:crypto"

const digest = (bytes: string | Uint8Array) => crypto.createHash("sha256").update(bytes).digest()
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url")

const [present, verified, attested] = [0x01, 0x04, 0x40]

/** What an honest authenticator and browser would say otherwise. */
interface Otherwise {
  readonly origin?: string
  readonly rpId?: string
  readonly crossOrigin?: boolean
  /** Somebody is there, but who it is was not looked at. */
  readonly unverified?: true
  readonly counter?: number
  readonly userHandle?: string
  readonly id?: string
  readonly type?: string
}

interface Asked {
  readonly challenge: string
  readonly rpId: string
}

/** A CBOR byte string, or text, of less than 65,536 bytes: the shortest form of its length, which alone is canonical. */
const cbor = (major: 0x40 | 0x60, bytes: Uint8Array) => {
  const { length } = bytes
  const head = length < 24
    ? [major + length]
    : length < 256
    ? [major + 24, length]
    : [major + 25, length >> 8, length & 255]
  return Buffer.concat([Buffer.from(head), bytes])
}
const text = (words: string) => cbor(0x60, Buffer.from(words))

export const newAuthenticator = (origin: string) => {
  const { privateKey, publicKey } = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" })
  const jwk = publicKey.export({ format: "jwk" })
  const id = crypto.randomBytes(32)
  let counter = 0

  const client = (type: string, { challenge }: Asked, other: Otherwise) =>
    Buffer.from(JSON.stringify({
      type: other.type ?? type,
      challenge,
      origin: other.origin ?? origin,
      crossOrigin: other.crossOrigin ?? false
    }))

  const said = ({ rpId }: Asked, other: Otherwise, more: Uint8Array = Buffer.alloc(0)) => {
    const flags = present | (other.unverified === true ? 0 : verified) | (more.length > 0 ? attested : 0)
    const tail = Buffer.alloc(5)
    tail[0] = flags
    tail.writeUInt32BE(other.counter ?? ++counter, 1)
    return Buffer.concat([digest(other.rpId ?? rpId), tail, more])
  }

  /** COSE: EC2, ES256, P-256. */
  const key = () =>
    Buffer.concat([
      Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]),
      cbor(0x40, Buffer.from(jwk.x!, "base64url")),
      Buffer.from([0x22]),
      cbor(0x40, Buffer.from(jwk.y!, "base64url"))
    ])

  return {
    id: base64url(id),
    make: (asked: Asked, other: Otherwise = {}) => {
      const length = Buffer.from([0, id.length])
      const data = said(asked, other, Buffer.concat([Buffer.alloc(16), length, id, key()]))
      // A certificate that leads elsewhere: nobody is to follow it.
      const statement = Buffer.concat([Buffer.from([0xa1]), text("alg"), Buffer.from([0x26])])
      const attestation = Buffer.concat([
        Buffer.from([0xa3]),
        ...[text("fmt"), text("packed"), text("attStmt"), statement, text("authData"), cbor(0x40, data)]
      ])
      return {
        id: other.id ?? base64url(id),
        response: {
          clientDataJSON: base64url(client("webauthn.create", asked, other)),
          attestationObject: base64url(attestation)
        }
      }
    },
    answer: (asked: Asked, other: Otherwise = {}) => {
      const clientData = client("webauthn.get", asked, other)
      const data = said(asked, other)
      const signature = crypto.sign("sha256", Buffer.concat([data, digest(clientData)]), privateKey)
      return {
        id: other.id ?? base64url(id),
        response: {
          clientDataJSON: base64url(clientData),
          authenticatorData: base64url(data),
          signature: base64url(signature),
          ...other.userHandle === undefined ? {} : { userHandle: other.userHandle }
        }
      }
    }
  }
}
export type Authenticator = ReturnType<typeof newAuthenticator>
