/**
 * `vivim audit head`, `inclusion` and `consistency`: what the node can show of its log. The proofs are verified here, by whoever asks,
 * and not believed.
 */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Checkpoint from "@vivim/audit/Checkpoint"
import { leafHash, verifyConsistency, verifyInclusion } from "@vivim/audit/MerkleTree"
import { readKey } from "@vivim/audit/SignedNote"
import { VivimClient } from "@vivim/client/VivimClient"
import type { ConsistencyProof, InclusionProof, SignedTreeHead } from "@vivim/contract/Audit"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { couldNot, print, printJson, refused } from "./Ended.ts"
import { withNode } from "./NodeConnection.ts"
import { json } from "./Switches.ts"

const bytes = (text: string) => Buffer.from(text, "base64")

/** What a head says, when its own signature vouches for it. */
export const checkpointOf = ({ key, note, number }: SignedTreeHead) => {
  const noteKey = readKey(key)
  const checkpoint = noteKey === null ? null : Checkpoint.opened(note, noteKey)
  return checkpoint === null
    ? couldNot(`Head ${number} is not signed by the key it names.`)
    : Effect.succeed(checkpoint)
}

/** Refusals of the audit, as sentences. */
export const explained = <A, E extends { readonly _tag: string }, R>(work: Effect.Effect<A, E, R>) =>
  Effect.mapError(work, (error: any) => {
    switch (error._tag) {
      case "NoSuchHead":
        return refused(`There is no head ${error.number}: \`vivim audit head\` says which is the newest.`)
      case "NoSuchEntry":
        return refused(`The node cannot prove that: ${error.message}.`)
      case "LogDisagrees":
        return couldNot(`The node's log, tree and heads do not agree: ${error.message}. Run \`vivim audit\`.`)
      default:
        return error as E
    }
  })

const headPage = ({ at, key, note, number }: SignedTreeHead) =>
  `${note}\nHead ${number}, signed ${DateTime.formatIso(DateTime.unsafeMake(at))} (says the node).\nKey: ${key}`

export const headCommand = Command.make(
  "head",
  { kept: Options.boolean("kept").pipe(Options.withDescription("The newest one that is kept, without signing")), json },
  (given) =>
    withNode(undefined, () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const head = given.kept ? (yield* node.ListTreeHeads({}))[0] : yield* explained(node.SignTreeHead({}))
        if (head === undefined) return yield* refused("No head was signed yet.")
        yield* checkpointOf(head)
        yield* given.json ? printJson(head) : print(headPage(head))
      }))
).pipe(Command.withDescription("Sign a tree head over all that is committed, and print it"))

const number = (name: string, description: string) =>
  Options.integer(name).pipe(Options.withDescription(description), Options.optional)

const mustInclude = (proof: InclusionProof) =>
  Effect.gen(function*() {
    const { root, size } = yield* checkpointOf(proof.head)
    const leaf = leafHash(Buffer.from(proof.hash, "hex"))
    if (!verifyInclusion(leaf, proof.position - 1, size, proof.path.map(bytes), root)) {
      return yield* couldNot("The node's proof does not hold: run `vivim audit`.")
    }
  })

export const inclusionCommand = Command.make(
  "inclusion",
  {
    event: Args.text({ name: "event" }).pipe(Args.withDescription("An event's id, or its position in the log")),
    head: number("head", "Prove it to the head with this number"),
    json
  },
  (given) =>
    withNode(undefined, () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const position = Number(given.event)
        const proof = yield* explained(node.ProveInclusion({
          ...Number.isSafeInteger(position) && position > 0 ? { position } : { event: given.event },
          ...Option.match(given.head, { onNone: () => ({}), onSome: (head) => ({ head }) })
        }))
        yield* mustInclude(proof)
        yield* given.json ? printJson(proof) : print(
          `Proven: event ${proof.event} (${proof.stream}@${proof.version}) is at position ${proof.position} of the ` +
            `${proof.head.size} events of head ${proof.head.number}, by ${proof.path.length} hashes.`
        )
      }))
).pipe(Command.withDescription("Prove an event to be in the signed log"))

/** Whether the proof holds between the two heads it brings along, both of them signed. */
export const mustContinue = (proof: ConsistencyProof) =>
  Effect.gen(function*() {
    const [from, to] = [yield* checkpointOf(proof.from), yield* checkpointOf(proof.to)]
    if (from.origin !== to.origin || !verifyConsistency(from, to, proof.path.map(bytes))) {
      return yield* couldNot(
        `Head ${proof.to.number} does not continue head ${proof.from.number}: run \`vivim audit\`.`
      )
    }
  })

export const consistencyCommand = Command.make(
  "consistency",
  {
    from: Args.integer({ name: "from" }).pipe(Args.withDescription("The number of the older head")),
    to: Args.integer({ name: "to" }).pipe(
      Args.withDescription("The number of the newer head; a new one if left out"),
      Args.optional
    ),
    json
  },
  (given) =>
    withNode(undefined, () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const proof = yield* explained(node.ProveConsistency({
          from: given.from,
          ...Option.match(given.to, { onNone: () => ({}), onSome: (to) => ({ to }) })
        }))
        yield* mustContinue(proof)
        yield* given.json ? printJson(proof) : print(
          `Proven: head ${proof.to.number} (${proof.to.size} events) continues head ${proof.from.number} ` +
            `(${proof.from.size} events), by ${proof.path.length} hashes.`
        )
      }))
).pipe(Command.withDescription("Prove that the log of one head continues that of another"))
