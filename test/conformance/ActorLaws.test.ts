/** The laws of actors, over every actor of the house; and actors that break them, one law each. */
import * as Actor from "@vivim/actor/Actor"
import { Capability } from "@vivim/capability/Capability"
import { Circle } from "@vivim/circle/Circle"
import { NothingToChange } from "@vivim/contract/Refusal"
import { Document } from "@vivim/document/Document"
import { Import } from "@vivim/import/Import"
import { Peer } from "@vivim/peer/Peer"
import { ProcessRepair } from "@vivim/repair/ProcessRepair"
import { Handle } from "@vivim/user/Handle"
import { View } from "@vivim/view/View"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { assert, describe, it } from "vitest"
import { actorLaws, lawsOf } from "./ActorLaws.ts"
import { apart } from "./Apart.ts"
import { SignedUser } from "./SignedUser.ts"
import { Poured, Tea, TeaState } from "./Tea.ts"

// Lists and texts stay short: what counts is who meets whom.
FastCheck.configureGlobal({ ...FastCheck.readConfigureGlobal(), baseSize: "xsmall" })

for (const actor of [SignedUser, Handle, Capability, Circle, Document, Peer, Import, View, ProcessRepair]) {
  // What stays of a conversation is said anew by `Restating`, when its keys are destroyed.
  actorLaws(actor as unknown as Actor.Any, actor === Document ? ["document.ConversationRestated"] : [])
}

type Tea = typeof Tea
const { decide, evolve } = Tea

/** Each breaks one law and says how it is found out. */
const broken: Readonly<Record<string, { readonly actor: Tea; readonly law: RegExp; readonly says: RegExp }>> = {
  "throws dice": {
    actor: {
      ...Tea,
      decide: { ...decide, Pour: (state, payload, how) => decide.Pour({ ...state, cups: Math.random() }, payload, how) }
    },
    law: /decides the same twice/,
    says: /asked the dice/
  },
  "asks the clock": {
    actor: { ...Tea, evolve: { ...evolve, "tea.Filled": (_, { owner }) => ({ owner, cups: new Date().getDay() }) } },
    law: /asks neither clock/,
    says: /asked what time it is/
  },
  "counts in secret": {
    actor: {
      ...Tea,
      decide: {
        ...decide,
        Pour: (() => {
          let calls = 0
          return (_: TeaState) => Actor.accept(Poured({ note: String(calls++) }))
        })()
      }
    },
    law: /decides the same twice/,
    says: /deeply equal/
  },
  "changes the state it is shown": {
    actor: {
      ...Tea,
      decide: {
        ...decide,
        Pour: (state, payload, how) => {
          const decision = decide.Pour(state, payload, how)
          ;(state as { cups: number }).cups++
          return decision
        }
      }
    },
    law: /leaves the state as it was/,
    says: /equal/
  },
  "accepts and says nothing": {
    actor: { ...Tea, decide: { ...decide, Pour: () => ({ _tag: "Accept", events: [] as never }) } },
    law: /survives any command/,
    says: /nothing happened/
  },
  "refuses in words of its own": {
    actor: { ...Tea, decide: { ...decide, Pour: () => Actor.refuse({ _tag: "Cold" } as never) } },
    law: /refuses as the contract says/,
    says: /Cold/
  },
  dies: {
    actor: {
      ...Tea,
      decide: {
        ...decide,
        Fill: () => {
          throw new Error("the pot broke")
        }
      }
    },
    law: /survives any command/,
    says: /the pot broke/
  },
  "knows what it never said": {
    actor: {
      ...Tea,
      decide: { ...decide, Pour: () => Actor.accept({ ...Poured({ note: "" }), sugar: 2 } as never) }
    },
    law: /nothing but its past/,
    says: /deeply equal/
  },
  "forgets in its sleep": {
    actor: {
      ...Tea,
      snapshot: {
        version: 1,
        schema: Schema.transform(TeaState, Schema.typeSchema(TeaState), {
          strict: true,
          decode: (it) => it,
          encode: (it) => ({ ...it, cups: 0 })
        })
      }
    },
    law: /through sleep/,
    says: /deeply equal/
  },
  "changes hands": {
    actor: { ...Tea, owner: (_, by) => by },
    law: /one owner for life/,
    says: /equal/
  },
  "never pours": {
    actor: {
      ...Tea,
      decide: { ...decide, Serve: decide.Fill, Pour: () => Actor.refuse(new NothingToChange({ message: "no" })) }
    },
    law: /left nothing unsaid/,
    says: /tea\.Poured/
  }
}

const findings = (actor: Tea, law = /./) =>
  lawsOf(actor as unknown as Actor.Any).filter(({ title }) => law.test(title)).flatMap(({ check, title }) => {
    try {
      check()
      return []
    } catch (error) {
      return [{ title, message: `${String(error)}\n${String((error as { readonly cause?: unknown }).cause ?? "")}` }]
    }
  })

describe("a witness breaks each law", () => {
  it("and the pot they are made of breaks none", () => assert.deepStrictEqual(findings(Tea), []))

  it.each(Object.entries(broken))("one that %s is found out", (_, { actor, law, says }) => {
    const found = findings(actor, law)
    assert.lengthOf(found, 1)
    assert.match(found[0]!.message, says)
  })

  it("whoever works apart has the world back afterwards", () => {
    const before = [Date, Math.random, performance.now, crypto.randomUUID, crypto.getRandomValues]
    assert.throws(() => apart(() => Date.now()), /what time it is/)
    assert.throws(() => apart(() => crypto.randomUUID()), /the dice/)
    assert.strictEqual(apart(() => new Date(7).getTime()), 7)
    assert.deepStrictEqual([Date, Math.random, performance.now, crypto.randomUUID, crypto.getRandomValues], before)
  })
})
