/**
 * How this node resolves DIDs: accounts by their own logs here, other nodes by their documents, fetched through the guard.
 * No door of a node asks yet: what it shows of its own accounts, and whose signature it takes, it must know of now, not of a while ago.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import * as DidResolver from "@vivim/crypto/did/DidResolver"
import { nodeWire } from "@vivim/crypto/did/NodeWire"
import * as SafeFetch from "@vivim/crypto/did/SafeFetch"
import * as NodeEd25519 from "@vivim/crypto/NodeEd25519"
import * as IdentityView from "@vivim/user/IdentityView"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { NodeConfig } from "../../../effect.config.ts"

const kinds = "application/did+ld+json, application/did+json, application/did, application/json"

export const layer = ({ identity }: Pick<NodeConfig, "identity">): Layer.Layer<
  DidResolver.DidResolver,
  never,
  SqlClient.SqlClient
> =>
  Layer.unwrapEffect(Effect.map(SqlClient.SqlClient, (sql) =>
    DidResolver.layer({
      verify: NodeEd25519.verify,
      operations: (did) =>
        IdentityView.read(did).pipe(
          Effect.map(({ operations }) => operations),
          Effect.catchTag("NoSuchIdentity", () => Effect.succeed(null)),
          Effect.provideService(SqlClient.SqlClient, sql)
        ),
      fetchJson: (url) =>
        SafeFetch.fetchJson(
          nodeWire,
          {
            bytesMax: identity.documentBytesMax,
            timeMax: identity.fetchMax,
            redirectsMax: identity.redirectsMax
          },
          url,
          kinds
        ),
      remembered: { max: identity.resolvedMax, for: identity.rememberedMax, noFor: identity.refusedMax }
    })))
