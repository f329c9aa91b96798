/**
 * What is true of every actor, whatever its trade: random commands, as the contract lets them be asked, over a world of few
 * ids and few people, so that strangers meet.
 */
import type * as Actor from "@vivim/actor/Actor"
import { fold } from "@vivim/actor/Actor"
import * as Canonical from "@vivim/event-schemas/Canonical"
import { DeviceId, Did } from "@vivim/event-schemas/ids"
import { Receipt } from "@vivim/event-schemas/Receipt"
import * as Arbitrary from "effect/Arbitrary"
import * as FastCheck from "effect/FastCheck"
import * as HashMap from "effect/HashMap"
import * as Schema from "effect/Schema"
import { assert, describe, it } from "vitest"
import { apart } from "./Apart.ts"

export interface Law {
  readonly title: string
  readonly check: () => void
}

interface Step {
  readonly tag: string
  readonly payload: any
  readonly circumstance: Actor.Circumstance
}

/** One actor of the world, and all that has happened to it. */
interface Lived {
  state: any
  readonly past: Array<any>
}

const runs = 50
const stepsMax = 40

/** The fields of commands that name something: `circleId`, `deviceId`, … */
const idsOf = (actor: Actor.Any): Readonly<Record<string, FastCheck.Arbitrary<unknown>>> =>
  Object.fromEntries(
    [...actor.address.commands.requests.values()].flatMap((rpc: any) =>
      Object.entries<any>(rpc.payloadSchema.fields)
        .filter(([name]) => name.endsWith("Id") && name !== "commandId")
        .map(([name, field]) => [name, Arbitrary.make(field)])
    )
  )

const anyone = Arbitrary.make(Did)

/** Mostly within a minute of each other: what is good for a short time is met while it is. */
const anyTime = FastCheck.oneof({ weight: 3, arbitrary: FastCheck.nat(60_000) }, {
  weight: 1,
  arbitrary: FastCheck.nat()
})

/** Any command, and how it came. */
const anyStep = (rpc: any): FastCheck.Arbitrary<Step> =>
  FastCheck.tuple(
    Arbitrary.make(rpc.payloadSchema),
    anyTime,
    anyone,
    FastCheck.option(Arbitrary.make(DeviceId))
  )
    .map(([payload, at, by, device]: [any, number, Did, DeviceId | null]) => ({
      tag: rpc._tag,
      payload,
      circumstance: { at, by, device, id: payload.commandId }
    }))

/** Mostly about the same few things by the same person: a world of strangers would hardly get anywhere. */
const focus = (step: Step, usual: Readonly<Record<string, unknown>>, who: Did, dice: ReadonlyArray<number>): Step => ({
  tag: step.tag,
  payload: mapValues(step.payload, (value, name) => name in usual && dice[0]! > 0 ? usual[name] : value),
  circumstance: { ...step.circumstance, by: dice[1]! > 0 ? who : step.circumstance.by }
})

const mapValues = (record: object, map: (value: any, name: string) => any): any =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]))

/** Commands in any order; one in five repeats the one before it. */
const stepsOf = (actor: Actor.Any): FastCheck.Arbitrary<ReadonlyArray<Step>> => {
  const one = FastCheck.oneof(...[...actor.address.commands.requests.values()].map(anyStep))
  const dice = FastCheck.tuple(FastCheck.nat(3), FastCheck.nat(3), FastCheck.nat(4))
  const steps = FastCheck.array(FastCheck.tuple(one, dice), { maxLength: stepsMax, size: "max" })
  return FastCheck.tuple(FastCheck.record(idsOf(actor)), anyone, FastCheck.nat(3), steps).map(
    ([usual, one, die, steps]) => {
      // Where something is somebody's, it is mostly they who speak.
      const who = die > 0 ? Object.values(usual).find(Schema.is(Did)) ?? one : one
      const focused: Array<Step> = []
      for (const [step, dice] of steps) {
        focused.push(dice[2] === 0 && focused.length > 0 ? focused.at(-1)! : focus(step, usual, who, dice))
      }
      return focused
    }
  )
}

/** Order says nothing in a map or a set, and how a HashMap grew says nothing at all. */
const plain = (value: any): unknown => {
  if (HashMap.isHashMap(value)) return plain(new Map(HashMap.toEntries(value)))
  if (value instanceof Map) return { map: sorted([...value].map(plain)) }
  if (value instanceof Set) return { set: sorted([...value].map(plain)) }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]))
}
const sorted = (values: ReadonlyArray<unknown>) =>
  values.toSorted((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

type Visit = (meeting: {
  readonly step: Step
  readonly before: any
  readonly decision: Actor.Decision<any, any>
  readonly after: Lived
}) => void

/** Lives through the steps, each at the actor its payload names. */
const live = (actor: Actor.Any, steps: ReadonlyArray<Step>, visit: Visit = () => undefined) => {
  const world = new Map<string, Lived>()
  for (const step of steps) {
    const id = actor.address.id(step.payload)
    const lived = world.get(id) ?? { state: actor.initial, past: [] }
    world.set(id, lived)
    const before = lived.state
    const decision = apart(() => actor.decide[step.tag]!(before, step.payload, step.circumstance))
    if (decision._tag === "Accept") {
      lived.past.push(...decision.events)
      lived.state = apart(() => fold(actor, before, decision.events))
    }
    visit({ step, before, decision, after: lived })
  }
  return world
}

const rpcOf = (actor: Actor.Any, tag: string): any => actor.address.commands.requests.get(tag)
const decideAgain = (actor: Actor.Any, { circumstance, payload, tag }: Step, state: any) =>
  actor.decide[tag]!(state, payload, circumstance)

/** Each law, to be run by itself: a witness shows that it can fail. */
export const lawsOf = (actor: Actor.Any, beside: ReadonlyArray<string> = []): ReadonlyArray<Law> => {
  const every = (check: (steps: ReadonlyArray<Step>) => void) => () =>
    FastCheck.assert(FastCheck.property(stepsOf(actor), check), { numRuns: runs })
  return [
    {
      title: "decides the same twice, asks neither clock nor dice, and leaves the state as it was",
      check: every((steps) => {
        live(actor, steps, ({ before, decision, step }) => {
          const looked = JSON.stringify(plain(before))
          assert.deepStrictEqual(plain(decideAgain(actor, step, before)), plain(decision))
          assert.strictEqual(JSON.stringify(plain(before)), looked, "the state was changed by looking at it")
        })
      })
    },
    {
      title: "survives any command: accepts it with something to say, or refuses as the contract says",
      check: every((steps) => {
        live(actor, steps, ({ decision, step }) => {
          const { errorSchema, successSchema } = rpcOf(actor, step.tag)
          if (decision._tag === "Refuse") return void Schema.encodeSync(errorSchema)(decision.refusal)
          assert.isAbove(decision.events.length, 0, "accepted, and nothing happened")
          const receipt = new Receipt({ stream: "any/one", version: 1, position: 1 })
          Schema.encodeSync(successSchema)(actor.answer?.[step.tag]?.(receipt, decision.events) ?? receipt)
        })
      })
    },
    {
      title: "is nothing but its past: its events, read back from their bytes, fold to the same state",
      check: every((steps) => {
        for (const { past, state } of live(actor, steps).values()) {
          const reread = past.map((event) => actor.events.decode(actor.events.encode(event)) as any)
          assert.deepStrictEqual(reread, past)
          assert.deepStrictEqual(plain(fold(actor, actor.initial, reread)), plain(state))
        }
      })
    },
    {
      title: "keeps its state through sleep: what is laid down is taken up as it was, and decides as before",
      check: every((steps) => {
        live(actor, steps, ({ after, step }) => {
          const laid = Canonical.encode(Schema.encodeSync(actor.snapshot.schema)(after.state))
          const taken = Schema.decodeUnknownSync(actor.snapshot.schema)(Canonical.decode(laid))
          assert.deepStrictEqual(plain(taken), plain(after.state))
          assert.deepStrictEqual(
            plain(decideAgain(actor, step, taken)),
            plain(decideAgain(actor, step, after.state))
          )
        })
      })
    },
    {
      title: "has one owner for life, whoever asks",
      check: every((steps) => {
        const owners = new Map<string, string>()
        live(actor, steps, ({ after, decision, step }) => {
          if (decision._tag === "Refuse") return
          const id = actor.address.id(step.payload)
          const owner = actor.owner(after.state, step.circumstance.by)
          assert.isTrue(Schema.is(Did)(owner))
          assert.strictEqual(owner, owners.get(id) ?? owner)
          assert.strictEqual(owner, actor.owner(after.state, "did:key:zStranger" as never))
          owners.set(id, owner)
        })
      })
    },
    {
      title: "left nothing unsaid: such worlds meet every event this actor can state",
      check: () => {
        const tags: ReadonlyArray<string> = actor.events.events.map(({ tag }: { readonly tag: string }) => tag)
        const unsaid = new Set(tags.filter((tag) => !beside.includes(tag)))
        const worlds = stepsOf(actor)
        for (let n = 0; n < 40 && unsaid.size > 0; n++) {
          for (const steps of FastCheck.sample(worlds, 25)) {
            for (const { past } of live(actor, steps).values()) for (const event of past) unsaid.delete(event._tag)
          }
        }
        assert.deepStrictEqual([...unsaid], [])
      }
    }
  ]
}

/** `beside`: events that another states in the actor's stream, which it only folds. */
export const actorLaws = (actor: Actor.Any, beside: ReadonlyArray<string> = []): void => {
  describe(`laws of ${actor.address.kind}`, () => {
    for (const { check, title } of lawsOf(actor, beside)) it(title, check)
  })
}
