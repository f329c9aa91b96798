/** Audit bundles and their verifier, run as whoever gets one would: `node verify.js`, on a file, with nothing else. */
import { EventStore } from "@vivim/event-store/EventStore"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { execFile } from "node:child_process"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { exampleKey, layerMemory, pour } from "./AuditExample.ts"
import { AuditLog } from "./AuditLog.ts"
import * as Bundle from "./Bundle.ts"
import { keyLine } from "./SignedNote.ts"

const verifier = path.resolve(import.meta.dirname, "../bin/verify.js")
let folder = ""
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-bundle-"))
  // Beside nothing of ours: what it needs must be in it.
  fs.copyFileSync(verifier, path.join(folder, "verify.mjs"))
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

interface Verdict {
  readonly sound: boolean
  readonly line?: number
  readonly problem?: string
  readonly events?: number
  readonly heads?: number
  readonly code: number
}

let files = 0
/** One process for all of them. */
const verifyAll = (
  bundles: ReadonlyArray<string | Uint8Array>,
  ...flags: ReadonlyArray<string>
): Promise<ReadonlyArray<Verdict>> => {
  const paths = bundles.map((bundle) => {
    const file = path.join(folder, `${++files}.audit`)
    fs.writeFileSync(file, bundle)
    return file
  })
  return new Promise((resolve) =>
    execFile(process.execPath, [path.join(folder, "verify.mjs"), ...paths, "--json", ...flags], (error, stdout) => {
      const code = error === null ? 0 : Number(error.code)
      resolve(stdout.trimEnd().split("\n").map((line) => ({ ...JSON.parse(line), code })))
    })
  )
}
const verify = async (bundle: string | Uint8Array, ...flags: ReadonlyArray<string>): Promise<Verdict> => {
  const [verdict] = await verifyAll([bundle], ...flags)
  return verdict!
}

const exported = (selection: Bundle.Selection) =>
  Effect.map(
    Stream.runCollect(Stream.unwrap(Bundle.make(selection, "VIVIM test"))),
    (pieces) => [...pieces].join("")
  )

/** Nine events, two heads on the way, and one more head over the tenth and all before. */
const sound = (selection: Bundle.Selection) =>
  Effect.runPromise(
    Effect.gen(function*() {
      const log = yield* AuditLog
      yield* pour(4)
      yield* log.signHead
      yield* pour(5)
      yield* log.signHead
      yield* pour(1)
      return { text: yield* exported(selection), key: keyLine(log.key) }
    }).pipe(Effect.provide(layerMemory))
  )

const selections: Readonly<Record<string, readonly [Bundle.Selection, number]>> = {
  "the whole log": [{}, 10],
  "its sealed bytes as well": [{ sealed: true }, 10],
  "from a position on": [{ from: 6 }, 5],
  "up to a position": [{ to: 7 }, 7],
  "from one position to another": [{ from: 3, to: 8 }, 6],
  "one event": [{ from: 5, to: 5 }, 1],
  "one stream": [{ stream: "tea/1" }, 3],
  "one stream from a position on": [{ stream: "tea/1", from: 4 }, 2],
  "a stream that is not there": [{ stream: "tea/9" }, 0]
}

describe("a bundle", () => {
  for (const [what, [selection, events]] of Object.entries(selections)) {
    it(`V1 B1 of ${what} is sound`, async () => {
      const { key, text } = await sound(selection)
      assert.deepInclude(await verify(text, "--key", key), { sound: true, code: 0, events })
    })
  }

  it("B1 of an empty log is sound", async () => {
    const text = await Effect.runPromise(Effect.provide(exported({}), layerMemory))
    assert.deepInclude(await verify(text), { sound: true, events: 0 })
  })

  it("B1 of a log of several tiles is sound, with its heads, and a part of it too", async () => {
    const texts = await Effect.runPromise(
      Effect.gen(function*() {
        const log = yield* AuditLog
        for (const count of [100, 300, 400]) {
          yield* pour(count, 20)
          yield* log.signHead
        }
        return yield* Effect.forEach([{}, { from: 333, to: 700 }, { stream: "tea/7" }], exported)
      }).pipe(Effect.provide(layerMemory))
    )
    const [all, some, stream] = await verifyAll(texts)
    assert.deepInclude(all!, { sound: true, events: 800 })
    assert.isAtLeast(all!.heads!, 3)
    assert.deepInclude(some!, { sound: true, events: 368 })
    assert.deepInclude(stream!, { sound: true, events: 40 })
  })

  it("B2 is made as it is taken", async () => {
    let read = 0
    await Effect.runPromise(
      Effect.gen(function*() {
        const store = yield* EventStore
        yield* pour(2_000)
        const counted = Stream.unwrap(Bundle.make({}, "VIVIM test")).pipe(
          Stream.provideService(EventStore, {
            ...store,
            readAll: (after, options) => Stream.tap(store.readAll(after, options), () => Effect.sync(() => void read++))
          })
        )
        yield* Stream.runDrain(Stream.take(counted, 3))
        assert.isBelow(read, 1_500, "the rest is not read before it is asked for")
      }).pipe(Effect.provide(layerMemory))
    )
  })
})

/** Lines with their links made anew, as someone would who knows the form but has no key. */
const relinked = (text: string, change: (records: Array<any>) => Array<any>) => {
  const [form, ...lines] = text.trimEnd().split("\n")
  let link = createHash("sha256").update(form!).digest()
  const records = change(lines.map((line) => JSON.parse(line.slice(65))))
  return `${form}\n${
    records.map((record) => {
      const json = JSON.stringify(record)
      link = createHash("sha256").update(link).update(json).digest()
      return `${link.toString("hex")} ${json}\n`
    }).join("")
  }`
}

describe("the verifier", () => {
  it("V2 finds every altered byte, and names its line", async () => {
    for (const selection of [{ from: 3, to: 5 }, { stream: "tea/1" }]) {
      const bytes = Buffer.from((await sound(selection)).text)
      const altered: Array<Buffer> = []
      const lines: Array<number> = []
      let line = 1
      for (let from = 0; from < bytes.length; line++) {
        const end = bytes.indexOf(10, from)
        // Every byte of the link and around it, every fifth one of the rest, and the line's end.
        for (let at = from; at <= end; at += at < from + 70 || at > end - 5 ? 1 : 5) {
          const copy = Buffer.from(bytes)
          copy[at]! ^= 1
          altered.push(copy)
          lines.push(line)
        }
        from = end + 1
      }
      const verdicts = await verifyAll(altered)
      assert.deepStrictEqual(verdicts.map(({ line }) => line), lines)
      assert.isFalse(verdicts.some(({ code, sound }) => sound || code !== 1))
    }
  })

  it("V2 finds lines left out, doubled, moved, put in and cut off", async () => {
    const { text } = await sound({})
    const lines = text.split("\n").slice(0, -1)
    const bundles = [
      ...lines.map((_, i) => [lines.toSpliced(i, 1), i + 1] as const),
      [lines.toSpliced(5, 0, lines[5]!), 7],
      [lines.toSpliced(5, 2, lines[6]!, lines[5]!), 6],
      [lines.toSpliced(7, 0, "{}"), 8],
      [lines.toSpliced(7, 0, ""), 8],
      [[...lines, lines.at(-1)!], lines.length + 1]
    ] as const
    const verdicts = await verifyAll(bundles.map(([lines]) => `${lines.join("\n")}\n`))
    bundles.forEach(([, line], i) => assert.deepInclude(verdicts[i]!, { sound: false, line }))
    assert.include((await verify(text.slice(0, -1))).problem, "cut off")
    assert.include((await verify(text.replaceAll("\n", "\r\n"))).problem, "form")
    assert.include((await verify("")).problem, "cut off")
  })

  it("V3 finds what was altered under links made anew", async () => {
    const { text } = await sound({ from: 2, to: 9, sealed: true })
    const { text: stream } = await sound({ stream: "tea/1" })
    const isEvent = ({ kind }: any) => kind === "event"
    const events = (change: (event: any, i: number) => any) => (records: Array<any>) => {
      let i = 0
      return records.flatMap((one) => isEvent(one) ? change(one, i++) : [one])
    }
    const third = (change: object) => events((event, i) => i === 2 ? [{ ...event, ...change }] : [event])
    const forged: ReadonlyArray<readonly [string, (records: Array<any>) => Array<any>, string]> = [
      [text, third({ owner: "did:key:zEve" }), "not what its hash was made over"],
      [text, third({ at: 5 }), "not what its hash was made over"],
      [text, third({ private: "AAAA" }), "private part"],
      [text, third({ position: 9 }), "position 4 was to follow"],
      [text, events((event, i) => i === 3 ? [] : [event]), "was to follow"],
      [
        text,
        (records) => records.filter(({ kind, position }) => position !== 9 && kind !== "head"),
        "events are missing"
      ],
      [
        text,
        (records) => records.map((one) => one.kind === "before" ? { ...one, hashes: [`${"A".repeat(43)}=`] } : one),
        "head was signed over other"
      ],
      [
        text,
        (records) => records.map((one) => one.kind === "after" ? { ...one, path: one.path.slice(1) } : one),
        "not those of the signed log"
      ],
      [text, (records) => records.filter(({ kind }) => kind !== "head"), "not as many lines"],
      [text, (records) => records.map((one) => one.kind === "head" ? { ...one, at: 1 } : one), "seal"],
      [text, (records) => [{ ...records[0], writtenBy: "someone" }, ...records.slice(1)], "seal"],
      [text, (records) => [{ ...records[0], more: 1 }, ...records.slice(1)], "seal"],
      [text, (records) => records.slice(0, -1), "no end"],
      [stream, third({ path: [] }), "not in the signed log"],
      [stream, events((event, i) => i === 1 ? [] : [event]), "does not follow"],
      [stream, events((event, i) => i === 2 ? [] : [event]), "not as many lines"]
    ]
    const verdicts = await verifyAll(forged.map(([text, change]) => relinked(text, change)))
    forged.forEach(([, , problem], i) => assert.include(verdicts[i]!.problem ?? "sound", problem))
    assert.isTrue(
      (await verify(relinked(text, (records) => records))).sound,
      "made anew without a change it is the same"
    )
  })

  it("V3 finds a stream rewritten with its whole chain", async () => {
    const { text } = await sound({})
    const { text: another } = await sound({})
    const forged = relinked(another, (records) => {
      // Another history under this log's signed head.
      const events = records.slice(1).filter(({ kind }) => kind !== "head")
      return [JSON.parse(text.split("\n")[1]!.slice(65)), ...events]
    })
    assert.include((await verify(forged)).problem, "not those of the signed log")
  })

  it("V4 refuses what another key signed, if it knows the right one", async () => {
    const { key, text } = await sound({ from: 2, to: 3 })
    const mallory = keyLine({ name: key.split("+")[0]!, publicKey: exampleKey.publicKey.map((byte) => byte ^ 1) })
    const verdict = await verify(text, "--key", mallory)
    assert.deepInclude(verdict, { sound: false, line: 2 })
    assert.include(verdict.problem, "another key")
    assert.isTrue((await verify(text, "--key", key)).sound)
  })
})
