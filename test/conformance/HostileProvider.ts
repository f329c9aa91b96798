/** An OpenID provider that says whatever a test has it say: its documents are in order, and its tokens are what is tried. */
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose"
import * as http from "node:http"
import type * as net from "node:net"

/** What it and the node know of each other, as those who sign by it would have it. */
export const clientSecret = "s".repeat(32)

type Said = { readonly status: number; readonly body: object }

export const hostileProvider = async (port = 0) => {
  const { privateKey, publicKey } = await generateKeyPair("RS256")
  const jwk = { ...await exportJWK(publicKey), alg: "RS256", use: "sig", kid: "one" }
  const asked: Array<URLSearchParams> = []
  let said: Said = { status: 400, body: { error: "invalid_grant" } }
  let named: string | undefined
  const issuer = () => `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`
  const documents: Readonly<Record<string, () => object>> = {
    "/.well-known/openid-configuration": () => ({
      issuer: named ?? issuer(),
      authorization_endpoint: `${issuer()}/auth`,
      token_endpoint: `${issuer()}/token`,
      jwks_uri: `${issuer()}/keys`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      // It would have anything taken.
      id_token_signing_alg_values_supported: ["RS256", "HS256", "none"],
      authorization_response_iss_parameter_supported: true
    }),
    "/keys": () => ({ keys: [jwk] })
  }
  const server = http.createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => {
      const document = documents[request.url ?? ""]
      if (document === undefined) asked.push(new URLSearchParams(Buffer.concat(chunks).toString()))
      const { body, status } = document === undefined ? said : { status: 200, body: document() }
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve))
  return {
    issuer: issuer(),
    publicKey,
    privateKey,
    /** What the node has asked for tokens. */
    asked,
    answer: (status: number, body: object) => {
      said = { status, body }
    },
    /** Signs what a good provider would, unless told otherwise. */
    idToken: (claims: JWTPayload, by: Parameters<SignJWT["sign"]>[0] = privateKey, alg = "RS256") => {
      const now = Math.floor(Date.now() / 1_000)
      const good = { iss: issuer(), aud: "vivim", sub: "mallory", iat: now, exp: now + 300 }
      return new SignJWT({ ...good, ...claims }).setProtectedHeader({ alg, kid: "one" }).sign(by)
    },
    /** Its documents say that it is another. */
    call: (issuer: string) => {
      named = issuer
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve()))
  }
}
export type HostileProvider = Awaited<ReturnType<typeof hostileProvider>>
