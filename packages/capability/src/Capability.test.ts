/** The law of what an owner lets others do. */
import * as Actor from "@vivim/actor/Actor"
import { CapabilityClosed, NotDelegable } from "@vivim/contract/Capability"
import { NotAllowed, NothingToChange } from "@vivim/contract/Refusal"
import {
  type CapabilityEvent,
  CapabilityMinted,
  CapabilityRevoked,
  CapabilityUsed,
  EpochAdvanced
} from "@vivim/event-schemas/capability/index"
import { Cid, CommandId, Did, StreamName } from "@vivim/event-schemas/ids"
import { assert, describe, it } from "vitest"
import { Capability, UseLifeMs } from "./Capability.ts"

const commandId = CommandId.make("01890000-0000-7000-8000-000000000001")
const [ada, bo, cy] = [Did.make("did:key:zAda"), Did.make("did:key:zBo"), Did.make("did:key:zCy")]
const cidOf = (letter: string) => Cid.make(`bafyrei${letter.repeat(52)}`)
const [root, link, other] = [cidOf("a"), cidOf("b"), cidOf("c")]
const [d1, d2] = [StreamName.make("document/d1"), StreamName.make("document/d2")]
const as = (by: Did, at = 1_000) => ({ at, by, device: null, id: commandId })
const after = (...events: ReadonlyArray<CapabilityEvent>) => Actor.fold(Capability, Capability.initial, events)

const given = {
  audience: bo,
  resource: d1,
  right: "/content/share",
  expiresAt: 1e9,
  usesMax: null,
  delegation: "x",
  label: ""
}
const record = { commandId, ownerId: ada, cid: root, epoch: 0, ...given }
const minted = CapabilityMinted({ owner: ada, cid: root, epoch: 0, ...given })

let serial = 0
const letters = "abcdefghijklmnopqrstuvwxyz"
const invocation = () => {
  const n = serial++
  return Cid.make(
    `bafyrei${letters[n % 26]}${letters[Math.floor(n / 26) % 26]}${letters[Math.floor(n / 676)]}${"q".repeat(49)}`
  )
}

const use = (more: object = {}) => ({
  commandId,
  ownerId: ada,
  links: [{ cid: root, usesMax: null }] as [{ cid: Cid; usesMax: number | null }],
  holder: bo,
  resource: d1,
  call: "ReadMessages",
  invocation: invocation(),
  until: 60_000,
  ...more
})
/** The reason a use is not let for, or null and what it leaves behind. */
const used = (state: typeof Capability.initial, asked: ReturnType<typeof use>, at = 1_000) => {
  const decision = Capability.decide.CountUse(state, asked, as(asked.holder, at))
  if (decision._tag === "Refuse") return { why: (decision.refusal as CapabilityClosed).reason, state }
  return { why: null, state: Actor.fold(Capability, state, decision.events) }
}
const why = (state: typeof Capability.initial, asked = use(), at = 1_000) => used(state, asked, at).why

describe("Capability", () => {
  it("G1 only the owner records, once, of the present epoch, and not what was taken back", () => {
    const { AdvanceEpoch, RecordCapability } = Capability.decide
    const notOwner = Actor.refuse(new NotAllowed({ message: "what an owner lets others do is the owner's to say" }))
    assert.deepStrictEqual(RecordCapability(after(), record, as(ada)), Actor.accept(minted))
    assert.deepStrictEqual(RecordCapability(after(), record, as(bo)), notOwner)
    assert.deepStrictEqual(
      RecordCapability(after(minted), record, as(ada)),
      Actor.refuse(new NothingToChange({ message: "it is recorded already" }))
    )
    const revoked = CapabilityRevoked({ owner: ada, cid: root, by: ada, until: 1e9 })
    assert.deepStrictEqual(
      RecordCapability(after(revoked), record, as(ada)),
      Actor.refuse(new NotDelegable({ message: "it was taken back before" }))
    )
    const advanced = EpochAdvanced({ owner: ada, resource: d1, epoch: 1 })
    assert.deepStrictEqual(
      AdvanceEpoch(after(), { commandId, ownerId: ada, resource: d1 }, as(ada)),
      Actor.accept(advanced)
    )
    assert.deepStrictEqual(AdvanceEpoch(after(), { commandId, ownerId: ada, resource: d1 }, as(bo)), notOwner)
    assert.deepStrictEqual(
      RecordCapability(after(advanced), record, as(ada)),
      Actor.refuse(new NotDelegable({ message: "document/d1 is at epoch 1" }))
    )
    assert.strictEqual(RecordCapability(after(advanced), { ...record, epoch: 1 }, as(ada))._tag, "Accept")
  })

  it("G2 a use is let under what is recorded, for that very thing, of its epoch, with no link taken back", () => {
    const chain = [{ cid: root, usesMax: null }, { cid: link, usesMax: null }]
    assert.isNull(why(after(minted)))
    assert.isNull(why(after(minted), use({ links: chain })))
    assert.match(why(after())!, /is not recorded here/)
    assert.match(why(after(minted), use({ links: [{ cid: other, usesMax: null }] }))!, /is not recorded here/)
    assert.match(why(after(minted), use({ resource: d2 }))!, /is for document\/d1/)
    const bumped = after(minted, EpochAdvanced({ owner: ada, resource: d1, epoch: 1 }))
    assert.match(why(bumped)!, /of epoch 0 were taken back/)
    assert.isNull(why(Actor.fold(Capability, bumped, [{ ...minted, epoch: 1 }])), "one of the present epoch")
    assert.isNull(why(after(minted, EpochAdvanced({ owner: ada, resource: d2, epoch: 1 }))), "another thing's epoch")
    const middle = after(minted, CapabilityRevoked({ owner: ada, cid: link, by: bo, until: 1e9 }))
    assert.match(why(middle, use({ links: chain }))!, /was taken back/)
    assert.isNull(why(middle), "what it hangs on stays")
  })

  it("G3 no link is used more often than it may, and a use counts for every link", () => {
    const bounded = [{ cid: root, usesMax: 3 }, { cid: link, usesMax: 2 }]
    const beside = [{ cid: root, usesMax: 3 }, { cid: other, usesMax: 2 }]
    let state = after(minted)
    const uses = [bounded, bounded, bounded, beside, beside].map((links) => {
      const found = used(state, use({ links }))
      state = found.state
      return found.why
    })
    assert.deepStrictEqual(uses.map((one) => one === null), [true, true, false, true, false])
    assert.match(uses[2]!, /b{52} was used 2 times/)
    assert.match(uses[4]!, /a{52} was used 3 times/)
  })

  it("G4 what a holder signed is good once, for a short time, also when clocks step back", () => {
    const once = use({ until: 1_000 + UseLifeMs })
    const { state, why: first } = used(after(minted), once)
    assert.isNull(first)
    assert.match(why(state, once)!, /was used before/)
    assert.match(why(after(minted), use({ until: 1_001 + UseLifeMs }))!, /lasts too long/)
    assert.match(why(after(minted), use({ until: 1_000 }))!, /has ended/)
    // Remembered as long as it is good, however many come between; then refused for its end.
    let later = state
    for (let at = 2_000; at < 1_000 + UseLifeMs; at += 9_000) {
      later = used(later, use({ until: at + 1_000 }), at).state
      assert.match(why(later, once, at)!, /was used before/, String(at))
    }
    later = used(later, use({ until: 5e5 }), 4e5).state
    later = used(later, use({ until: 7e5 }), 6e5).state
    assert.match(why(later, once, 1_000)!, /has ended/, "a clock that stepped back")
  })

  it("G5 what has ended is forgotten, and opens nothing for that", () => {
    const short = CapabilityMinted({ ...given, owner: ada, cid: other, epoch: 0, expiresAt: 5_000 })
    const taken = CapabilityRevoked({ owner: ada, cid: link, by: ada, until: 5_000 })
    const counted = CapabilityUsed({
      owner: ada,
      root: other,
      cid: other,
      counted: [other],
      holder: bo,
      resource: d1,
      call: "x",
      invocation: invocation(),
      until: 5_500,
      usedAt: 4_000
    })
    const before = after(short, taken, counted)
    assert.isNull(why(before, use({ links: [{ cid: other, usesMax: null }] }), 4_500))
    const late = after(short, taken, counted, { ...counted, usedAt: 6_000, counted: [] }, minted)
    assert.deepStrictEqual([late.recorded, late.revoked, late.used].map((map) => [...map].length), [1, 0, 0])
    assert.match(why(late, use({ links: [{ cid: other, usesMax: null }] }), 4_500)!, /is not recorded here/)
    assert.match(why(before, use({ links: [{ cid: other, usesMax: null }] }), 5_000)!, /has ended/)
    assert.strictEqual(Capability.owner(late, cy), ada)
  })
})
