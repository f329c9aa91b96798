/** The law of a circle. */
import * as Actor from "@vivim/actor/Actor"
import { CircleClosed, CircleTaken, FounderStays, NoSuchCircle, NotAMember } from "@vivim/contract/Circle"
import { NotAllowed, NothingToChange } from "@vivim/contract/Refusal"
import {
  CircleArchived,
  CircleCreated,
  type CircleEvent,
  CircleRenamed,
  MemberAdded,
  MemberRemoved
} from "@vivim/event-schemas/circle/index"
import { CircleId, CircleName, CommandId, Did } from "@vivim/event-schemas/ids"
import { assert, describe, it } from "vitest"
import { Circle } from "./Circle.ts"

const commandId = CommandId.make("01890000-0000-7000-8000-000000000001")
const circleId = CircleId.make("lanterns")
const [ada, bo, cy] = [Did.make("did:key:zAda"), Did.make("did:key:zBo"), Did.make("did:key:zCy")]
const [lanterns, tea] = [CircleName.make("Lanterns"), CircleName.make("Tea")]

const as = (by: Did) => ({ at: 1, by, device: null, id: commandId })
const after = (...events: ReadonlyArray<CircleEvent>) => Actor.fold(Circle, Circle.initial, events)
const created = CircleCreated({ circleId, founder: ada, name: lanterns })
const boAdded = MemberAdded({ circleId, member: bo, addedBy: ada })
const circle = after(created, boAdded)

const create = { commandId, circleId, name: lanterns }
const rename = { commandId, circleId, name: tea }
const itself = { commandId, circleId }
const about = (member: Did) => ({ commandId, circleId, member })

describe("Circle", () => {
  it("C1 a circle is drawn once, and its founder is its first member", () => {
    assert.deepStrictEqual(Circle.decide.CreateCircle(after(), create, as(ada)), Actor.accept(created))
    assert.deepStrictEqual(after(created).members, new Set([ada]))
    for (const by of [ada, bo]) {
      assert.deepStrictEqual(
        Circle.decide.CreateCircle(circle, create, as(by)),
        Actor.refuse(new CircleTaken({ circleId }))
      )
    }
  })

  it("C2 only a member changes it; to anyone else it does not exist", () => {
    const unseen = Actor.refuse(new NoSuchCircle({ circleId }))
    for (const state of [circle, after(), after(created, CircleArchived({ circleId }))]) {
      assert.deepStrictEqual(Circle.decide.RenameCircle(state, rename, as(cy)), unseen)
      assert.deepStrictEqual(Circle.decide.AddMember(state, about(cy), as(cy)), unseen)
      assert.deepStrictEqual(Circle.decide.RemoveMember(state, about(bo), as(cy)), unseen)
      assert.deepStrictEqual(Circle.decide.ArchiveCircle(state, itself, as(cy)), unseen)
    }
    const renamed = CircleRenamed({ circleId, name: tea })
    assert.deepStrictEqual(Circle.decide.RenameCircle(circle, rename, as(bo)), Actor.accept(renamed))
    assert.deepStrictEqual(
      Circle.decide.RenameCircle(after(created, renamed), rename, as(ada)),
      Actor.refuse(new NothingToChange({ message: "the circle has that name already" }))
    )
  })

  it("C3 whoever is in cannot be brought in again; whoever is not in cannot be let go", () => {
    assert.deepStrictEqual(
      Circle.decide.AddMember(circle, about(cy), as(bo)),
      Actor.accept(MemberAdded({ circleId, member: cy, addedBy: bo }))
    )
    assert.deepStrictEqual(
      Circle.decide.AddMember(circle, about(bo), as(ada)),
      Actor.refuse(new NothingToChange({ message: `${bo} is in the circle already` }))
    )
    assert.deepStrictEqual(
      Circle.decide.RemoveMember(circle, about(cy), as(ada)),
      Actor.refuse(new NotAMember({ member: cy }))
    )
    const left = after(created, boAdded, MemberRemoved({ circleId, member: bo, removedBy: bo }))
    assert.strictEqual(Circle.decide.AddMember(left, about(bo), as(ada))._tag, "Accept")
  })

  it("C4 a member may leave, the founder may let anyone go; the founder stays", () => {
    const three = after(created, boAdded, MemberAdded({ circleId, member: cy, addedBy: bo }))
    for (const by of [ada, bo]) {
      assert.deepStrictEqual(
        Circle.decide.RemoveMember(three, about(bo), as(by)),
        Actor.accept(MemberRemoved({ circleId, member: bo, removedBy: by }))
      )
    }
    assert.deepStrictEqual(
      Circle.decide.RemoveMember(three, about(bo), as(cy)),
      Actor.refuse(new NotAllowed({ message: "only the founder lets others go" }))
    )
    for (const by of [ada, bo, cy]) {
      assert.deepStrictEqual(
        Circle.decide.RemoveMember(three, about(ada), as(by)),
        Actor.refuse(new FounderStays({ founder: ada }))
      )
    }
    assert.deepStrictEqual(
      Circle.decide.ArchiveCircle(three, itself, as(bo)),
      Actor.refuse(new NotAllowed({ message: "only the founder closes the circle" }))
    )
  })

  it("C5 an archived circle changes no more", () => {
    const closed = Actor.refuse(new CircleClosed({ circleId }))
    const archived = CircleArchived({ circleId })
    assert.deepStrictEqual(Circle.decide.ArchiveCircle(circle, itself, as(ada)), Actor.accept(archived))
    const state = after(created, boAdded, archived)
    assert.deepStrictEqual(Circle.decide.RenameCircle(state, rename, as(ada)), closed)
    assert.deepStrictEqual(Circle.decide.AddMember(state, about(cy), as(ada)), closed)
    assert.deepStrictEqual(Circle.decide.RemoveMember(state, about(bo), as(bo)), closed)
    assert.deepStrictEqual(Circle.decide.ArchiveCircle(state, itself, as(ada)), closed)
  })
})
