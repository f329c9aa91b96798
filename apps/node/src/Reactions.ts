/** What follows from events by itself, at work: the node's processes, and whom they ask. */
import * as ActorHost from "@vivim/actor/ActorHost"
import { DocumentAddress } from "@vivim/contract/Document"
import { HandleAddress } from "@vivim/contract/Handle"
import { VaultAddress } from "@vivim/contract/Vault"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import * as Processes from "@vivim/process/Processes"
import * as Shredder from "@vivim/vault/Shredder"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { NodeConfig } from "../../../effect.config.ts"
import { processes } from "./Inhabitants.ts"
import * as NodeDatabase from "./NodeDatabase.ts"

/** Processes ask actors by the same door as everybody. On the database a node brings along nobody else is at work. */
export const layer = (config: NodeConfig) =>
  Layer.unwrapEffect(Effect.gen(function*() {
    const { kind } = yield* NodeDatabase.NodeDatabase
    const ask = {
      document: yield* ActorHost.client(DocumentAddress),
      handle: yield* ActorHost.client(HandleAddress),
      vault: yield* Shredder.make(yield* ActorHost.client(VaultAddress))
    }
    const { moves } = yield* PayloadCipher
    const opened = Stream.filterMap(moves, ({ here, owner }) => here ? Option.some(owner) : Option.none())
    return Processes.layer(processes, { ask, limits: config.process, alone: kind === "embedded", opened })
  }))
