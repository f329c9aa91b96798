/**
 * A log at scale: filled to any length through the store itself, with conversations that are written to for a while and then no more, as people's are.
 * Everything follows from a stream's number, so that any of them can be found again without asking.
 */
import type { NewEvent } from "@vivim/event-store/EventStore"
import { createHash, randomFillSync } from "node:crypto"

/** Events of each stream, and of each append to it. */
export const streamLength = 100
const appended = 10

/** Conversations that are written to at the same time: by so many writers, each of whom goes from one to the next. */
const writers = 64
const openEach = 10

const owners = 500
const noise = randomFillSync(Buffer.alloc(16 * 1024 * 1024))
let at = 0
let serial = 0

/** Sealed bytes are like noise: nobody has the same ones twice near each other. */
const sealed = (bytes: number): Uint8Array => {
  at = (at + bytes * 7 + 1) % (noise.length - bytes)
  return noise.subarray(at, at + bytes)
}

const hex = (text: string) => createHash("sha256").update(text).digest("hex")
export const streamOf = (n: number): string => {
  const name = hex(`stream ${n}`)
  return `document/${name.slice(0, 8)}-${name.slice(8, 12)}-7${name.slice(13, 16)}-8${name.slice(17, 20)}-${
    name.slice(20, 32)
  }`
}
const ownerOf = (n: number): string => `did:key:z6Mk${hex(`owner ${n % owners}`).slice(0, 44)}`

const types = ["document.MessageAppended", "document.ConversationTagged", "document.ConversationRenamed"]

/** 730 bytes or so of its own: what a message of a conversation weighs. */
export const eventsOf = (stream: number, count: number): [NewEvent, ...Array<NewEvent>] => {
  const owner = ownerOf(stream)
  return Array.from({ length: count }, (): NewEvent => {
    const time = Date.now()
    const clock = time.toString(16).padStart(12, "0")
    const chance = (++serial).toString(16).padStart(12, "0")
    const id = `${clock.slice(0, 8)}-${clock.slice(8)}-7000-8000-${chance}`
    return {
      id,
      type: types[serial % 20 === 0 ? 1 + serial % 2 : 0]!,
      schemaVersion: 1,
      owner,
      at: time,
      meta: Buffer.from(JSON.stringify({ by: owner, command: id, device: "phone", time: `${time}.${serial % 7}` })),
      routing: Buffer.from(JSON.stringify({ bytes: 480 + serial % 100, message: id })),
      private: sealed(400 + serial % 200)
    }
  }) as [NewEvent, ...Array<NewEvent>]
}

export type Append = (stream: string, expected: number, events: ReturnType<typeof eventsOf>) => Promise<unknown>

/** So many events, in streams 0 to `events / 100 - 1`. */
export const fill = async (append: Append, events: number, say: (done: number) => void): Promise<void> => {
  let next = 0
  let done = 0
  const streams = events / streamLength
  const writer = async () => {
    const open: Array<{ n: number; version: number }> = []
    for (let turn = 0;; turn++) {
      if (open.length < openEach && next < streams) open.push({ n: next++, version: 0 })
      const one = open[turn % openEach] ?? open[turn % Math.max(1, open.length)]
      if (one === undefined) return
      await append(streamOf(one.n), one.version, eventsOf(one.n, appended))
      one.version += appended
      done += appended
      if (done % 500_000 === 0) say(done)
      if (one.version < streamLength) continue
      if (next < streams) Object.assign(one, { n: next++, version: 0 })
      else open.splice(open.indexOf(one), 1)
    }
  }
  await Promise.all(Array.from({ length: writers }, writer))
}
