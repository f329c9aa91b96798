/** What is true when one user's file or events are bad: it is that user's trouble alone, and mostly mends itself. */
import type { Report } from "@vivim/projection/Progress"
import { UserDatabaseError } from "@vivim/user-database/UserDatabaseError"
import type { UserDatabases } from "@vivim/user-database/UserDatabases"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert } from "vitest"
import { cups, cupsView, type Files, filesOf, madeBy, traces } from "./Cups.ts"
import { type Law, law as lawOf } from "./Law.ts"
import { eventually, halting, skipping, type ViewWorld } from "./ViewWorld.ts"

const silent: Report = () => Effect.void
const [ada, bo] = ["did:key:zAda", "did:key:zBo"] as const

type Databases = Context.Tag.Service<UserDatabases>

/** With a folder for the files; `tamper` may put something else in their place. */
const onFiles = (
  title: string,
  holds: (files: Files) => Generator<any, void, any>,
  tamper?: (files: Databases) => Databases
): Law<ViewWorld> => {
  const { holds: held } = lawOf(title, holds)
  return { title, holds: (world) => Effect.scoped(Effect.flatMap(filesOf(world, tamper), held)) }
}

type Node = Effect.Effect.Success<ReturnType<Files["start"]>>
const ailing = ({ views }: Node) => Effect.map(views.status, ([status]) => status!.ailing)
const settled = (node: Node) =>
  eventually(ailing(node), (all) => [...all.values()].every(({ state }) => state === "stopped"))
const read = ({ files }: Node, did: string) => files.read(did, cupsView(), cups)

/** No difference to a fresh replay. */
const assertAsReplayed = ({ views }: Node) =>
  Effect.map(views.compare(silent), ([compared]) => assert.deepStrictEqual(compared!.differences, []))

const events: ReadonlyArray<(tamper?: (files: Databases) => Databases) => Law<ViewWorld>> = [
  (tamper) =>
    onFiles("V3 one user's bad event stops that user's file alone, across restarts", function*(files) {
      const { bitter, pour, register, start } = files
      yield* register(ada)
      yield* register(bo)
      const node: Node = yield* start()
      yield* pour(ada, "sweet")
      const at = yield* pour(ada, "bitter")
      yield* pour(ada, "late")
      const last = yield* pour(bo, "mild")
      yield* node.views.waitFor(last)
      yield* node.views.waitFor(last, bo)
      const refusal: any = yield* Effect.flip(node.views.waitFor(last, ada))
      assert.deepInclude(refusal, { _tag: "ViewStopped", view: "cups", position: at })
      assert.deepStrictEqual(yield* read(node, ada), { sweet: 1 })
      assert.deepStrictEqual(yield* read(node, bo), { mild: 1 })
      const [status]: any = yield* node.views.status
      assert.strictEqual(status.state, "running")
      assert.deepStrictEqual([...status.ailing.keys()], [ada])
      const { damaged, state, stop } = status.ailing.get(ada)
      assert.deepInclude({ damaged, state, reason: stop.reason, event: stop.event }, {
        damaged: false,
        state: "stopped",
        reason: "too bitter",
        event: { stream: `tea/${ada}`, version: 2, type: "tea.Poured" }
      })
      // Built anew it stands where it stood, and nobody else does.
      yield* node.views.rebuild("cups", silent)!
      yield* assertAsReplayed(node)
      assert.deepStrictEqual([...(yield* ailing(node)).keys()], [ada])
      yield* node.kill

      const again: Node = yield* start()
      yield* again.views.waitFor(yield* pour(bo, "mild"))
      yield* settled(again)
      assert.deepStrictEqual(yield* read(again, ada), { sweet: 1 })
      assert.strictEqual((yield* ailing(again)).get(ada)?.stop.position, at)
      bitter.on = false
      assert.strictEqual(yield* again.views.resume("cups", ada), 1)
      yield* again.views.waitFor(yield* pour(ada, "after"), ada)
      assert.deepStrictEqual(yield* read(again, ada), { sweet: 1, bitter: 1, late: 1, after: 1 })
      yield* assertAsReplayed(again)
      yield* again.kill
    }, tamper),

  (tamper) =>
    onFiles("K1 what is passed over for one user is passed over in a replay too", function*(files) {
      const { pour, register, start, world } = files
      yield* register(ada)
      yield* register(bo)
      const node: Node = yield* start()
      const at = yield* pour(ada, "bitter")
      const last = yield* pour(ada, "late")
      yield* node.views.waitFor(last)
      yield* settled(node)
      assert.strictEqual((yield* Effect.flip(node.views.resume("cups", bo)) as any)._tag, "NotStopped")
      const said: any = yield* node.views.skip("cups", at, skipping(world, "cups", at))
      yield* node.views.waitFor(said)
      yield* eventually(ailing(node), (all) => all.size === 0)
      assert.deepStrictEqual(yield* read(node, ada), { late: 1 })
      yield* assertAsReplayed(node)
      yield* node.views.rebuild("cups", silent)!
      assert.deepStrictEqual(yield* read(node, ada), { late: 1 })
      yield* node.kill
      const raised: Node = yield* start(2)
      yield* raised.views.waitFor(yield* pour(ada, "late"), ada)
      assert.deepStrictEqual(yield* raised.files.read(ada, cupsView(2), cups), { late: 2 })
      assert.deepStrictEqual(yield* raised.files.read(ada, cupsView(2), madeBy), [2])
      yield* raised.kill
    }, tamper),

  (tamper) =>
    onFiles("W5 a raised version leaves behind whom it cannot build, and is read by all others", function*(files) {
      const { bitter, pour, register, start } = files
      bitter.on = false
      yield* register(ada)
      yield* register(bo)
      yield* pour(ada, "bitter")
      const node: Node = yield* start()
      yield* node.views.waitFor(yield* pour(bo, "mild"))
      yield* node.kill
      bitter.on = true
      const raised: Node = yield* start(2)
      yield* raised.views.waitFor(yield* pour(bo, "mild"), bo)
      assert.deepStrictEqual(yield* raised.files.read(bo, cupsView(2), madeBy), [2])
      // Ada reads on what the older version left.
      assert.deepStrictEqual(yield* raised.files.read(ada, cupsView(2), madeBy), [1])
      assert.deepStrictEqual(yield* raised.files.read(ada, cupsView(2), cups), { bitter: 1 })
      bitter.on = false
      yield* settled(raised)
      yield* raised.views.resume("cups")
      yield* raised.views.waitFor(yield* pour(ada, "late"), ada)
      assert.deepStrictEqual(yield* raised.files.read(ada, cupsView(2), cups), { bitter: 1, late: 1 })
      assert.deepStrictEqual(yield* raised.files.read(ada, cupsView(2), madeBy), [2])
      yield* raised.kill
    }, tamper),

  (tamper) =>
    onFiles("V2 a rebuild in which the last events cannot be opened any more ends all the same", function*(files) {
      const { pour, register, start, world } = files
      yield* register(ada)
      const first: Node = yield* start()
      yield* pour(ada, "kept")
      const last = yield* pour(ada, "shredded")
      yield* first.views.waitFor(last)
      yield* first.kill
      const shredded: ViewWorld["log"] = {
        ...world.log,
        readAll: (after, options) =>
          Stream.map(
            world.log.readAll(after, options),
            (event) => event.position === last ? { ...event, private: Uint8Array.of(1, 2, 3) } : event
          )
      }
      const node: Node = yield* start(1, shredded)
      yield* node.views.rebuild("cups", silent)!
      assert.deepStrictEqual(yield* read(node, ada), { kept: 1 })
      yield* node.views.waitFor(yield* pour(ada, "after"), ada)
      assert.deepStrictEqual(yield* read(node, ada), { kept: 1, after: 1 })
      yield* node.kill
    }, tamper)
]

/** What may befall a file while nobody holds it open. */
const damages: Readonly<Record<string, (file: string, other: string) => void>> = {
  "overwritten at its head": (file) => overwrite(file, 0, 512),
  "overwritten in the middle": (file) => overwrite(file, 4_096, fs.statSync(file).size - 4_096),
  "cut short": (file) => fs.truncateSync(file, 6_000),
  emptied: (file) => fs.truncateSync(file, 0),
  "another's": (file, other) => fs.copyFileSync(other, file),
  gone: (file) => fs.rmSync(file)
}

const overwrite = (file: string, from: number, bytes: number) => {
  const descriptor = fs.openSync(file, "r+")
  fs.writeSync(descriptor, Buffer.alloc(bytes, 0xa7), 0, bytes, from)
  fs.closeSync(descriptor)
}

const fileOf = (folder: string, did: string) =>
  path.join(folder, traces(folder, did).find((file) => file.endsWith(".v1.sqlite"))!)

const notes = Array.from({ length: 300 }, (_, n) => `a note of some length, so that a file has pages, number ${n}`)

const filled = ({ pour, register, start }: Files) =>
  Effect.gen(function*() {
    yield* register(ada)
    yield* register(bo)
    for (const note of notes) yield* pour(ada, note)
    const node = yield* start()
    yield* node.views.waitFor(yield* pour(bo, "mild"))
    yield* node.kill
  })

const damaged: ReadonlyArray<(tamper?: (files: Databases) => Databases) => Law<ViewWorld>> = [
  ...Object.entries(damages).map(([what, damage]) => (tamper?: (files: Databases) => Databases) =>
    onFiles(`N1 a file that is ${what} is kept aside, and built anew by itself`, function*(files) {
      const { folder, pour, start } = files
      yield* filled(files)
      damage(fileOf(folder, ada), fileOf(folder, bo))
      const node: Node = yield* start()
      // A cup poured before touches the pages that were overwritten.
      const poured = yield* Effect.forEach(notes, (note) => pour(ada, note))
      yield* node.views.waitFor(yield* pour(bo, "mild"), bo)
      yield* node.views.waitFor(poured.at(-1)!, ada)
      assert.deepStrictEqual(yield* read(node, ada), Object.fromEntries(notes.map((note) => [note, 2])))
      assert.deepStrictEqual(yield* read(node, bo), { mild: 2 })
      assert.strictEqual((yield* ailing(node)).size, 0)
      yield* assertAsReplayed(node)
      const aside = traces(folder, ada).filter((file) => file.endsWith(".aside"))
      assert.lengthOf(aside, what === "gone" ? 0 : 1)
      yield* node.views.waitFor(yield* files.leave(ada))
      assert.isEmpty(traces(folder, ada))
      yield* node.kill
    }, tamper)
  ),

  (tamper) =>
    onFiles("V4 who only reads a damaged file has it mended too", function*(files) {
      for (const damage of [damages["overwritten at its head"]!, damages["gone"]!]) {
        yield* filled(files)
        damage(fileOf(files.folder, ada), "")
        const node: Node = yield* files.start()
        yield* node.views.waitFor(yield* files.world.log.head)
        const tag = (yield* Effect.flip(read(node, ada)) as any)._tag
        assert.include(["UserDatabaseError", "ViewNotBuilt"], tag)
        const rows: any = yield* eventually(Effect.orElseSucceed(read(node, ada), () => null), (rows) => rows !== null)
        assert.lengthOf(Object.keys(rows), notes.length)
        assert.deepStrictEqual(yield* read(node, bo) as any, yield* read(node, bo))
        yield* node.kill
      }
    }, tamper),

  (tamper) =>
    onFiles("N1 a node killed while it mends a file begins again", function*(files) {
      yield* filled(files)
      damages["another's"]!(fileOf(files.folder, ada), fileOf(files.folder, bo))
      const { reached, seen }: any = yield* halting(files.world, 150)
      const dying: Node = yield* files.start(1, seen)
      yield* files.pour(ada, "during")
      yield* reached
      yield* dying.kill
      const node: Node = yield* files.start()
      yield* node.views.waitFor(yield* files.pour(ada, "after"), ada)
      assert.lengthOf(Object.keys(yield* read(node, ada) as any), notes.length + 2)
      yield* assertAsReplayed(node)
      yield* node.kill
    }, tamper),

  (tamper) =>
    onFiles("N2 a damaged file with a bad event is built up to it, and says which", function*(files) {
      const { bitter, folder, pour, register, start } = files
      yield* register(ada)
      yield* pour(ada, "sweet")
      const at = yield* pour(ada, "bitter")
      bitter.on = false
      const first: Node = yield* start()
      yield* first.views.waitFor(at)
      yield* first.kill
      overwrite(fileOf(folder, ada), 0, 512)
      bitter.on = true
      const node: Node = yield* start()
      yield* node.views.waitFor(yield* pour(ada, "late"))
      yield* settled(node)
      assert.strictEqual((yield* ailing(node)).get(ada)?.stop.position, at)
      assert.deepStrictEqual(yield* read(node, ada), { sweet: 1 })
      yield* node.kill
    }, tamper)
]

/** Full for a while, whoever's file it is about. */
const disk = { full: false }
const full = new UserDatabaseError({ doing: "apply", cause: Object.assign(new Error("full"), { code: "SQLITE_FULL" }) })
const filling = (files: Databases): Databases => ({
  ...files,
  apply: (did, ...rest) => disk.full ? full : files.apply(did, ...rest)
})

const weather = onFiles("W6 a full disk is nobody's file's fault: the view waits, and goes on", function*(files) {
  const { pour, register, start } = files
  yield* register(ada)
  const node: Node = yield* start()
  yield* node.views.waitFor(1)
  disk.full = true
  const last = yield* pour(ada)
  const [waiting]: any = yield* eventually(node.views.status, ([cups]) => cups!.state === "waiting")
  assert.strictEqual(waiting.ailing.size, 0)
  disk.full = false
  yield* node.views.waitFor(last, ada)
  assert.deepStrictEqual(yield* read(node, ada), { "a cup": 1 })
  yield* node.kill
}, filling)

/** Laws that take what may be put in the place of the files, to see that they notice. */
export const tamperable: ReadonlyArray<(tamper?: (files: Databases) => Databases) => Law<ViewWorld>> = [
  ...events,
  ...damaged
]
export const userFaultLaws: ReadonlyArray<Law<ViewWorld>> = [...tamperable.map((law) => law()), weather]
