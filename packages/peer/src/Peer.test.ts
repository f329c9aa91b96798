/** The law of what is kept of another node. */
import * as Actor from "@vivim/actor/Actor"
import { NoSuchPeer } from "@vivim/contract/Peer"
import { NothingToChange } from "@vivim/contract/Refusal"
import { CommandId, Did, DisplayName, PeerId } from "@vivim/event-schemas/ids"
import { PeerBlocked, PeerDescribed, type PeerEvent, PeerSeen, PeerUnblocked } from "@vivim/event-schemas/peer/index"
import { assert, describe, it } from "vitest"
import { Peer } from "./Peer.ts"

const commandId = CommandId.make("01890000-0000-7000-8000-000000000001")
const peerId = PeerId.make("kyoto")
const by = { at: 1, by: Did.make("did:key:zAda"), device: null, id: commandId }
const after = (...events: ReadonlyArray<PeerEvent>) => Actor.fold(Peer, Peer.initial, events)
const refused = (message: string) => Actor.refuse(new NothingToChange({ message }))

const seen = PeerSeen({ peerId, addresses: ["https://kyoto.example"] })
const described = PeerDescribed({ peerId, name: DisplayName.make("Kyoto"), note: "by the river" })
const blocked = PeerBlocked({ peerId, reason: "noise" })
const unblocked = PeerUnblocked({ peerId })

const see = { commandId, peerId, addresses: ["https://kyoto.example"] }
const describing = { commandId, peerId, name: DisplayName.make("Kyoto"), note: "by the river" }
const block = { commandId, peerId, reason: "noise" }
const itself = { commandId, peerId }

describe("Peer", () => {
  it("N1 a node must have been met before anything else is said of it", () => {
    const nobody = Actor.refuse(new NoSuchPeer({ peerId }))
    assert.deepStrictEqual(Peer.decide.DescribePeer(after(), describing, by), nobody)
    assert.deepStrictEqual(Peer.decide.BlockPeer(after(), block, by), nobody)
    assert.deepStrictEqual(Peer.decide.UnblockPeer(after(), itself, by), nobody)
    assert.deepStrictEqual(Peer.decide.SeePeer(after(), see, by), Actor.accept(seen))
    assert.deepStrictEqual(Peer.decide.SeePeer(after(seen), see, by), Actor.accept(seen), "meeting again is news")
    assert.deepStrictEqual(Peer.decide.DescribePeer(after(seen), describing, by), Actor.accept(described))
    assert.deepStrictEqual(
      Peer.decide.DescribePeer(after(seen, described), describing, by),
      refused("the node is described so already")
    )
  })

  it("N2 blocking and unblocking change something, or are refused", () => {
    assert.deepStrictEqual(Peer.decide.BlockPeer(after(seen), block, by), Actor.accept(blocked))
    assert.deepStrictEqual(
      Peer.decide.BlockPeer(after(seen, blocked, seen), block, by),
      refused("the node is blocked already")
    )
    assert.deepStrictEqual(Peer.decide.UnblockPeer(after(seen, blocked), itself, by), Actor.accept(unblocked))
    for (const state of [after(seen), after(seen, blocked, unblocked)]) {
      assert.deepStrictEqual(Peer.decide.UnblockPeer(state, itself, by), refused("the node is not blocked"))
    }
  })
})
