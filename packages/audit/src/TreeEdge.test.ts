/** The edge of a growing tree, and the file of the newest head: begun again at any moment. */
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { AuditStore } from "./AuditStore.ts"
import { GrowingTree } from "./GrowingTree.ts"
import * as HeadFile from "./HeadFile.ts"
import { leafHash } from "./MerkleTree.ts"
import * as TreeEdge from "./TreeEdge.ts"

const leaf = (n: number) => leafHash(Buffer.from(`${n}`))
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")
const run = <A, E>(work: Effect.Effect<A, E, AuditStore>) =>
  Effect.runPromise(Effect.provide(work, AuditStore.layerMemory))

describe("the edge of the tree", () => {
  it("E1 goes on from what is kept, wherever it was left", async () => {
    const steps = FastCheck.array(FastCheck.oneof(FastCheck.nat(20), FastCheck.constantFrom(255, 256, 257, 700)), {
      minLength: 1,
      maxLength: 8
    })
    await FastCheck.assert(
      FastCheck.asyncProperty(steps, (steps) =>
        run(Effect.gen(function*() {
          const store = yield* AuditStore
          const whole = new GrowingTree()
          for (const step of steps) {
            const from = whole.size
            const edge = yield* TreeEdge.load(store.tiles, from)
            for (let n = 0; n < step; n++) {
              edge.add(leaf(whole.size))
              whole.add(leaf(whole.size))
            }
            assert.isTrue(yield* store.grow(from, whole.size, edge.take()))
            assert.strictEqual(hex(edge.tree.root()), hex(whole.root()))
          }
        }))),
      { numRuns: 60 }
    )
  })

  it("E2 tells each tile that changed once, whole, and no other", () =>
    run(Effect.gen(function*() {
      const edge = yield* TreeEdge.load((yield* AuditStore).tiles, 0)
      for (let n = 0; n < 600; n++) edge.add(leaf(n))
      const shape = () => edge.take().map(({ hashes, index, level }) => `${level}/${index} ${hashes.length / 32}`)
      assert.sameMembers(shape(), ["0/0 256", "0/1 256", "0/2 88", "1/0 2"])
      assert.deepStrictEqual(shape(), [])
      edge.add(leaf(600))
      const [tile] = edge.take()
      assert.strictEqual(hex(tile!.hashes), Array.from({ length: 89 }, (_, n) => hex(leaf(512 + n))).join(""))
      edge.add(leaf(601))
      assert.strictEqual(tile!.hashes.length, 89 * 32, "what was told stays as it was")
    })))

  it("E1 refuses to go on from a tile that is missing or cut off", () =>
    run(Effect.gen(function*() {
      const store = yield* AuditStore
      const edge = yield* TreeEdge.load(store.tiles, 0)
      for (let n = 0; n < 300; n++) edge.add(leaf(n))
      yield* store.grow(0, 301, edge.take())
      const error = yield* Effect.flip(TreeEdge.load(store.tiles, 301))
      assert.deepInclude({ ...error }, { _tag: "TreeDamaged", level: 0, index: 1 })
    })))
})

describe("the file of the newest head", () => {
  let file = ""
  beforeEach(() => {
    file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "vivim-head-")), "audit.head")
  })
  afterEach(() => fs.rmSync(path.dirname(file), { recursive: true, force: true }))

  it("F1 is read as it was written, one head after the other", async () => {
    assert.isNull(await Effect.runPromise(HeadFile.read(file)))
    for (const number of [1, 2, 9007199254740991]) {
      const head = { number, note: `tea\n${number}\n\n\u2014 x y\n` }
      await Effect.runPromise(HeadFile.write(file, head))
      assert.deepStrictEqual(await Effect.runPromise(HeadFile.read(file)), head)
    }
    assert.deepStrictEqual(fs.readdirSync(path.dirname(file)), ["audit.head"], "nothing is left beside it")
    assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600)
  })

  it("F1 a write that was cut off leaves the head before, and is no hindrance to the next", async () => {
    await Effect.runPromise(HeadFile.write(file, { number: 1, note: "one\n" }))
    for (let n = 0; n < 9; n++) fs.writeFileSync(`${file}.${process.pid}.${n}.new`, "head 2\nha")
    assert.deepStrictEqual(await Effect.runPromise(HeadFile.read(file)), { number: 1, note: "one\n" })
    await Effect.runPromise(HeadFile.write(file, { number: 2, note: "two\n" }))
    assert.deepStrictEqual(await Effect.runPromise(HeadFile.read(file)), { number: 2, note: "two\n" })
  })

  it("F2 that is none is told from one that is not there", async () => {
    for (const text of ["", "head 0\nx", "head x\ny", "rubbish", "head 1\n"]) {
      fs.writeFileSync(file, text)
      assert.match((await Effect.runPromise(Effect.flip(HeadFile.read(file)))).message, /cannot be used/)
    }
  })

  it("F3 whoever interrupts a write waits until it is done", async () => {
    await Effect.runPromise(Effect.gen(function*() {
      const writing = yield* Effect.fork(HeadFile.write(file, { number: 1, note: "one\n" }))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(writing)
    }))
    assert.deepStrictEqual(fs.readdirSync(path.dirname(file)), ["audit.head"])
  })
})
