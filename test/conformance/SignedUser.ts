/** The law of accounts in a world where operations are signed: those of one log, in any order, brought by anyone. */
import type * as Actor from "@vivim/actor/Actor"
import { KemKey, SignedOperation } from "@vivim/contract/IdentityBytes"
import { UserAddress } from "@vivim/contract/User"
import { device, genesis, holder, next } from "@vivim/crypto/did/LogExample"
import * as Operation from "@vivim/crypto/did/Operation"
import * as NodeEd25519 from "@vivim/crypto/NodeEd25519"
import { Did } from "@vivim/event-schemas/ids"
import { userOf } from "@vivim/user/User"
import * as Schema from "effect/Schema"

const key = new Uint8Array(1_216)
const keyed = (name: string) => ({ ...holder(name), kem: Operation.hashOf(key) })
const [kit, phone, laptop] = [holder("kit"), keyed("phone"), keyed("laptop")]
const { bytes: first, did } = genesis([kit], phone, 1_000)
const second = next(first, phone, 2_000, { devices: { ...device(phone, 1), ...device(laptop, 0) } })
const rival = next(first, phone, 2_000, { devices: device(laptop, 1) })
const back = next(first, kit, 3_000, { devices: device(laptop, 2) })

const few = <A, I>(schema: Schema.Schema<A, I>, ...values: ReadonlyArray<A>) =>
  schema.annotations({ arbitrary: () => (fc: any) => fc.constantFrom(...values) })
const brought = {
  operation: few(SignedOperation, first, second, rival, back),
  kemKeys: few(Schema.Array(KemKey), [], [key])
}

/** One account with a log, one without. */
const account = few(Did, did, Did.make("did:key:zAda"))

/** The commands, with what is signed drawn from that log. */
const drawn = (rpc: any): any => {
  const operation = rpc._tag === "StateOperation" ? brought : {}
  return rpc.setPayload(Schema.Struct({ ...rpc.payloadSchema.fields, userId: account, ...operation }))
}

const lawful = userOf({ verify: NodeEd25519.verify, skewMsMax: Infinity, forksMax: 2 })
const drawnAll = [...UserAddress.commands.requests].map(([tag, rpc]) => [tag, drawn(rpc)] as const)
/** Operations are brought several times as often as anything else is asked: a log forks only where two meet. */
const operations = drawnAll.filter(([tag]) => tag === "StateOperation")
const requests = new Map([
  ...drawnAll,
  ...[1, 2, 3].flatMap((n) => operations.map(([tag, rpc]) => [`${tag} ${n}`, rpc] as const))
])

/** One of the people of these worlds is the account's own; who has a log brings its beginning along. */
const decide = Object.fromEntries(
  Object.entries<any>(lawful.decide).map(([tag, decide]) => [
    tag,
    (state: unknown, { genesis: _, ...command }: any, how: Actor.Circumstance) =>
      decide(
        state,
        tag === "RegisterUser" && command.userId === did
          ? { ...command, genesis: { operation: first, kemKeys: [key] } }
          : command,
        { ...how, by: Operation.isDidVivim(how.by) ? did : how.by }
      )
  ])
)

export const SignedUser = {
  ...lawful,
  decide,
  address: { ...lawful.address, commands: { requests } }
} as unknown as Actor.Any
