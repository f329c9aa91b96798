/**
 * Who the node is to others: a `did:web` by its public origin, and a key that it signs with as itself.
 * It shows one document, under the name its origin gives it.
 */
import * as DidDocument from "@vivim/crypto/did/DidDocument"
import * as DidWeb from "@vivim/crypto/did/DidWeb"
import * as SigningKey from "@vivim/crypto/SigningKey"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Folders } from "./Folders.ts"

export class NodeIdentity extends Context.Tag("@vivim/node/NodeIdentity")<NodeIdentity, {
  readonly did: string
  /** Where the node is reached, without a path. */
  readonly origin: string
  readonly key: SigningKey.SigningKey
  readonly document: DidDocument.DidDocument
}>() {}

/** A node nobody else reaches goes by its own address, so that what is tried out on one machine is as it will be. */
const localOrigin = (host: string, port: number) => `http://${host.includes(":") ? "localhost" : host}:${port}`

/**
 * Unlike the audit's key this one may be lost: others believe the host that shows it, and ask again. It is a key of its own, for a head
 * of the log must not be taken for a word to another node, nor what witnesses hold the audit to change when this one does.
 */
export const layer = (
  at: Pick<Folders, "instanceKey">,
  node: { readonly origin: string; readonly host: string; readonly port: number }
): Layer.Layer<NodeIdentity, SigningKey.SigningKeyError> =>
  Layer.effect(
    NodeIdentity,
    Effect.map(SigningKey.open(at.instanceKey, true), (key) => {
      const origin = node.origin === "" ? localOrigin(node.host, node.port) : node.origin
      const did = DidWeb.ofOrigin(origin) ?? "did:web:localhost"
      const service = [{ id: `${did}#vivim`, type: "VivimNode", serviceEndpoint: origin }]
      return { did, origin, key, document: DidDocument.ofKey(did, key.publicKey, { service }) }
    })
  )
