/** Who is let in, and who is turned away, by what a call needs and who asks. */
import { LentSession } from "@vivim/contract/Capability"
import { Session } from "@vivim/contract/Session"
import { Cid, Did, Handle } from "@vivim/event-schemas/ids"
import { Buckets } from "@vivim/rate-limit/Buckets"
import * as RateLimit from "@vivim/rate-limit/RateLimit"
import { type Stand, Standings } from "@vivim/standing/Standings"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import { assert, describe, it } from "vitest"
import { Authorities, type Credentials } from "./Authority.ts"
import { CapabilityGuard } from "./CapabilityGuard.ts"
import * as Guard from "./Guard.ts"
import { LocalSession } from "./LocalSession.ts"

const session = (name: string, more: object = {}) =>
  new Session({
    userId: Did.make(`did:key:z${name}`),
    handle: Handle.make(name),
    device: null,
    operator: false,
    ...more
  })

const stands: Readonly<Record<string, Stand>> = {
  mod: { roles: ["moderator"], rests: null },
  ops: { roles: ["operator"], rests: null },
  adm: { roles: ["admin"], rests: null },
  sus: { roles: [], rests: { banned: false, until: 99 } },
  ban: { roles: [], rests: { banned: true, until: null } }
}

const given = (authorization: string | undefined, address = "192.0.2.1"): Credentials => ({
  authorization,
  actAs: undefined,
  proof: undefined,
  method: "GET",
  path: "/",
  socket: null,
  address
})

const rate = { burst: 5, perMinute: 1 }
const layer = Guard.layer({ stepUpMax: "10 minutes", proxies: 0 }).pipe(
  Layer.provide(Layer.mergeAll(
    // Says `user <name> <when>`: who it is, and when they last showed it.
    Layer.succeed(Authorities, [{
      recognise: ({ authorization }) => {
        const [, name, shown] = /^user (\w+)(?: (\d+))?$/.exec(authorization ?? "") ?? []
        return Effect.succeed(
          name === undefined ? null : {
            session: session(name),
            surety: Effect.succeed({ shownAt: shown === undefined ? null : Number(shown), means: ["device"] as const })
          }
        )
      }
    }]),
    // Every capability is Ada's but one, which is of an account that rests.
    Layer.succeed(CapabilityGuard, {
      admit: ({ authorization }) =>
        Effect.succeed(
          new LentSession({
            ...session(authorization),
            holder: Did.make("did:key:zBo"),
            capability: Cid.make(`bafyrei${"a".repeat(52)}`)
          })
        )
    }),
    Layer.succeed(LocalSession, {
      token: "",
      isNew: false,
      ensureAccount: () => Effect.die("nobody moves in"),
      isToken: () => false,
      recognise: ({ authorization }) =>
        Effect.succeed(
          authorization !== "runner" ? null : {
            session: session("me", { operator: true, roles: ["admin"], runsNode: true }),
            surety: Effect.succeed({ shownAt: null, means: [] })
          }
        )
    }),
    Layer.succeed(Standings, {
      of: (userId) => stands[userId.slice("did:key:z".length)] ?? { roles: [], rests: null },
      hasAdmin: () => true,
      watch: () => Stream.empty
    }),
    RateLimit.layer({ default: rate, search: { burst: 1, perMinute: 1 } }).pipe(Layer.provide(Buckets.layerMemory))
  ))
)

type Admit = Guard.Guard["Type"]["admit"]
const run = (work: (admit: Admit, lend: Guard.Guard["Type"]["lend"]) => Effect.Effect<void, unknown>) =>
  Effect.flatMap(Guard.Guard, ({ admit, lend }) => work(admit, lend)).pipe(
    Effect.provide(Layer.provideMerge(layer, TestContext.TestContext)),
    Effect.runPromise
  )
/** Each asks from a network of their own, so that they are not counted together. */
let networks = 0
const outcome = (admit: Admit, who: string, needs: Parameters<Admit>[1]) =>
  Effect.map(
    Effect.either(admit(given(who, `network ${networks++}`), needs)),
    (either) => either._tag === "Left" ? either.left._tag : "in"
  )

describe("the guard", () => {
  it("G1 refuses a call that does not say what it needs, to everybody", () =>
    run((admit) =>
      Effect.gen(function*() {
        for (const who of ["user ada", "user adm", "runner"]) {
          assert.strictEqual(yield* outcome(admit, who, undefined), "NotAllowed")
        }
      })
    ))

  it("G2 lets in whom a call needs, and nobody else", () =>
    run((admit) =>
      Effect.gen(function*() {
        const roles = ["user", "moderator", "operator", "admin"] as const
        const table: Readonly<Record<string, ReadonlyArray<string>>> = {
          "user ada": ["in", "NotAllowed", "NotAllowed", "NotAllowed"],
          "user mod": ["in", "in", "NotAllowed", "NotAllowed"],
          "user ops": ["in", "NotAllowed", "in", "NotAllowed"],
          "user adm": ["in", "in", "in", "in"],
          "user sus": roles.map(() => "AccountNotActive"),
          "user ban": roles.map(() => "AccountNotActive"),
          runner: ["in", "in", "in", "in"],
          nobody: roles.map(() => "NotSignedIn")
        }
        for (const [who, expected] of Object.entries(table)) {
          const got = yield* Effect.forEach(roles, (role) => outcome(admit, who, { role }))
          assert.deepStrictEqual(got, expected, who)
          yield* TestClock.adjust("10 minutes")
        }
        const user = { role: "user" } as const
        assert.strictEqual(yield* outcome(admit, "user sus", { ...user, whileSuspended: true }), "in")
        assert.strictEqual(yield* outcome(admit, "user ban", { ...user, whileSuspended: true }), "AccountNotActive")
        assert.strictEqual(yield* outcome(admit, "user mod", { ...user, withoutRoles: true }), "NotAllowed")
        assert.strictEqual(yield* outcome(admit, "user ada", { ...user, withoutRoles: true }), "in")
        const now = 90 * 60_000
        yield* TestClock.setTime(now)
        const stepUp = { ...user, stepUp: true } as const
        assert.strictEqual(yield* outcome(admit, "user ada", stepUp), "StepUpNeeded")
        assert.strictEqual(yield* outcome(admit, `user ada ${now - 600_001}`, stepUp), "StepUpNeeded")
        assert.strictEqual(yield* outcome(admit, `user ada ${now - 600_000}`, stepUp), "in")
        assert.strictEqual(yield* outcome(admit, "runner", stepUp), "in")
      })
    ))

  it("G3 counts calls by account and network, wrong credentials by network, and not whoever runs the node", () =>
    run((admit) =>
      Effect.gen(function*() {
        const times = (n: number, who: string, address: string, needs: Parameters<Admit>[1] = "session") =>
          Effect.forEach(Array.from({ length: n }), () =>
            Effect.map(Effect.either(admit(given(who, address), needs)), (either) =>
              either._tag === "Left" ? either.left._tag : "in"))
        assert.deepStrictEqual((yield* times(6, "wrong", "a")).slice(-2), ["NotSignedIn", "TooManyRequests"])
        assert.deepStrictEqual(yield* times(1, "user bo", "a"), ["TooManyRequests"], "the whole network is")
        assert.deepStrictEqual(yield* times(1, "user bo", "b"), ["in"])
        assert.deepStrictEqual(new Set(yield* times(50, "runner", "a")), new Set(["in"]))
        const elsewhere = yield* Effect.forEach(Array.from({ length: 6 }), () =>
          outcome(admit, "user cy", "session"))
        assert.deepStrictEqual(elsewhere.slice(-2), ["in", "TooManyRequests"])
        const search = { role: "user", bucket: "search" } as const
        assert.deepStrictEqual(yield* times(2, "user dee", "c", search), ["in", "TooManyRequests"])
        assert.deepStrictEqual(yield* times(1, "user dee", "c"), ["in"], "another kind of call is counted for itself")
      })
    ))

  it("G5 lets in who comes with a capability, counted by network, unless the account it is of rests", () =>
    run((_, lend) =>
      Effect.gen(function*() {
        const times = (n: number, owner: string, ip: string) =>
          Effect.forEach(Array.from({ length: n }), () =>
            Effect.map(
              Effect.either(
                lend({ authorization: owner, reach: undefined, payload: {}, call: "", content: new Uint8Array(), ip })
              ),
              (either) => either._tag === "Left" ? either.left._tag : either.right.userId
            ))
        assert.deepStrictEqual((yield* times(6, "ada", "d")).slice(-2), ["did:key:zada", "TooManyRequests"])
        for (const owner of ["sus", "ban"]) assert.deepStrictEqual(yield* times(1, owner, owner), ["NotAllowed"])
      })
    ))
})
