/** The keys of this device at work on sealed conversations: what `Sealed.ts` promises, done over the line to the node. */
import { IndexStore } from "@vivim/client/sealed/IndexStore"
import * as Level from "@vivim/client/sealed/Level"
import * as Rewrapping from "@vivim/client/sealed/Rewrapping"
import * as SealedConversation from "@vivim/client/sealed/SealedConversation"
import { SealedFiles } from "@vivim/client/sealed/SealedFiles"
import * as SealedForm from "@vivim/client/sealed/SealedForm"
import * as SealedIndex from "@vivim/client/sealed/SealedIndex"
import * as Sealings from "@vivim/client/sealed/Sealing"
import * as BrowserCryptoSuite from "@vivim/crypto/BrowserCryptoSuite"
import type { CryptoSuite } from "@vivim/crypto/CryptoSuite"
import type { Tag } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import { keys } from "../account/Keys.ts"
import { type AskTag, type CommandTag, type Refusal, Refused, type WatchTag } from "../node/Calls.ts"
import { ask, authorization, command, first } from "../node/Node.ts"
import type { Sealing } from "./Sealed.ts"

type Ground = CryptoSuite | SealedFiles | IndexStore

/** A call of the line, as the library makes it: its refusals are what it fails with. */
const calling = <A>(call: () => Promise<A>) =>
  Effect.tryPromise({
    try: call,
    catch: (error) => error instanceof Refused ? error.refusal : { _tag: "Mistake", message: String(error) }
  })
const asking = (tag: AskTag) => (payload: unknown) => calling(() => ask(tag, payload as never))
const commanding = (tag: CommandTag) => (payload: unknown) => calling(() => command(tag, payload as never))
const watching = (tag: WatchTag) => (payload: unknown) => Stream.fromEffect(calling(() => first(tag, payload as never)))

export const sealedCalls = {
  ReadHead: asking("ReadHead"),
  ReadMessages: asking("ReadMessages"),
  ReadSealed: asking("ReadSealed"),
  WatchConversation: watching("WatchConversation"),
  WatchLibrary: watching("WatchLibrary"),
  SealConversation: commanding("SealConversation"),
  UnsealConversation: commanding("UnsealConversation"),
  AppendSealedMessage: commanding("AppendSealedMessage"),
  ReplaceSealedHead: commanding("ReplaceSealedHead"),
  RewrapSealedKey: commanding("RewrapSealedKey")
} as unknown as Sealings.SealingCalls

const files = SealedFiles.make(location.origin, ({ method, url }) =>
  Effect.map(
    Effect.promise(() => authorization(method, new URL(url).pathname + new URL(url).search)),
    (headers) => Object.entries(headers)
  ))

/** Takes out of this browser what an earlier visit left. */
export const wipe = (): Promise<void> => {
  const runtime = ManagedRuntime.make(IndexStore.layerIndexedDb())
  return runtime.runPromise(Effect.flatMap(IndexStore, ({ clear }) => clear)).finally(() => runtime.dispose())
}

export const machinery = async (): Promise<Sealing> => {
  const keyring = () => keys().then((keys) => keys.keyring())
  let ring = await keyring()
  const runtime = ManagedRuntime.make(
    Layer.mergeAll(BrowserCryptoSuite.layer, Layer.succeed(SealedFiles, files), IndexStore.layerIndexedDb())
  )
  /** What fails is a refusal, to be said like any other. */
  const run = async <A>(work: Effect.Effect<A, { readonly _tag: string }, Ground>): Promise<A> => {
    const outcome = await runtime.runPromise(Effect.either(work))
    if (outcome._tag === "Left") throw new Refused(outcome.left as Refusal)
    return outcome.right
  }
  let index = await run(SealedIndex.make(ring))
  let isWrapped = false
  /** Where the account has another master key now, what is sealed is wrapped under it, and read by it. */
  const renew = async (): Promise<void> => {
    const now = await keyring()
    if (SealedForm.newest(now)?.generation !== SealedForm.newest(ring)?.generation) {
      ring = now
      index = await run(SealedIndex.make(ring))
      isWrapped = false
    }
    if (!isWrapped) await run(Rewrapping.rewrap(sealedCalls, ring))
    isWrapped = true
  }
  return {
    openSummary: async (summary) =>
      SealedConversation.summaryOf(
        summary,
        await run(SealedConversation.openHead(ring, summary.documentId, summary.sealed!))
      ),
    open: async (outline) => {
      const { summary } = outline
      const opened = await run(Sealings.read(sealedCalls, ring, summary.documentId))
      const { head } = opened.head
      return {
        outline: {
          summary: SealedConversation.summaryOf(summary, opened.head),
          project: head.project,
          leaf: head.leaf,
          warnings: head.warnings,
          nodes: opened.nodes
        },
        messages: opened.messages,
        broken: opened.broken.length,
        file: (hash) => run(Sealings.readFile(opened, hash))
      }
    },
    seal: (documentId) => run(Sealings.seal(sealedCalls, ring, documentId)),
    unseal: (documentId) => run(Sealings.unseal(sealedCalls, ring, documentId)),
    relabel: (documentId, { tags, title }) =>
      run(Sealings.relabel(sealedCalls, ring, documentId, {
        ...title === undefined ? {} : { title },
        ...tags === undefined ? {} : { tags: tags as ReadonlyArray<Tag> }
      })),
    bring: (level, how) => run(Level.bring(sealedCalls, ring, level, how)),
    sync: async (onProgress) => {
      await renew()
      return await run(index.sync(sealedCalls, onProgress))
    },
    search: (question) => index.search(question),
    forget: () => run(Effect.flatMap(IndexStore, ({ clear }) => clear)).finally(() => runtime.dispose())
  }
}
