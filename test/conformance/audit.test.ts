/** The audit against whoever can write to the database: every kind of tampering with a real log is found, and the first place named. */
import { leafHash } from "@vivim/audit/MerkleTree"
import { fromSeed } from "@vivim/crypto/SigningKey"
import { audit } from "@vivim/node/Audit"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe } from "vitest"
import { fill, liftGuards, reportOf, rewrite, start, world } from "./AuditWorld.ts"
import { events } from "./Events.ts"
import { noServer, temporaryFolder } from "./ServerPostgres.ts"
import { onServer, operator } from "./StoresOnServer.ts"

const move = (from: number, to: number) => [
  `update event set position = -1 where position = ${from}`,
  `update event set position = ${from} where position = ${to}`,
  `update event set position = ${to} where position = -1`
]

const copyOfLast = (hash: string) =>
  `insert into event select 13, 9, at, seq, gen_random_uuid(), schema_version, stream, type, owner, hash, ${hash}, meta, routing,
     private, log from event where position = 12`
const columns =
  "version, at, seq, event_id, schema_version, stream, type, owner, previous_hash, hash, meta, routing, private, log"

/** What is done to the rows, and the position the audit must name. */
const tampering: Readonly<Record<string, readonly [ReadonlyArray<string>, number]>> = {
  "a private part altered": [["update event set private = private || '\\x00' where position = 5"], 5],
  "a routing part altered": [["update event set routing = '\\x01' where position = 7"], 7],
  "another owner": [["update event set owner = 'did:key:zEve' where position = 2"], 2],
  "another time": [["update event set at = at + 1 where position = 9"], 9],
  "a hash made to fit": [["update event set private = '\\x', hash = sha256('x') where position = 4"], 4],
  "a row removed": [["delete from event where position = 6"], 6],
  "the last row removed": [["delete from event where position = 12"], 12],
  "two rows of one stream exchanged": [move(1, 4), 1],
  "two rows of two streams exchanged": [move(1, 5), 1],
  "a row put in at the end": [[copyOfLast("sha256('y')"), "update log set last_position = 13"], 13]
}

const cutOff = ["delete from event where position > 10", "update log set last_position = 10"]
const cutTree = [
  "update audit_tree set size = 10",
  "update audit_tile set hashes = substring(hashes from 1 for 320) where level = 0"
]

/** What leaves every chain of every stream whole. */
const seamless: typeof tampering = {
  "two neighbours of different streams exchanged": [move(3, 4), 3],
  "the newest events removed": [cutOff, 11],
  "the newest events removed, from the tree as well": [[...cutOff, ...cutTree], 11],
  "the newest events removed, from the tree and from the heads": [
    [...cutOff, ...cutTree, "delete from audit_head where size > 10"],
    11
  ],
  "everything removed, and the audit made anew": [[
    "delete from event",
    "update log set last_position = 0",
    "delete from audit_head",
    "delete from audit_tile",
    "update audit_tree set size = 0"
  ], 1],
  "a whole stream removed, and the log closed up": [[
    "delete from event where stream = 'tea/2'",
    `create temp table rest as select row_number() over (order by position) as position, ${columns} from event`,
    "delete from event",
    `insert into event (position, ${columns}) select position, ${columns} from rest`,
    "update log set last_position = 8"
  ], 2]
}

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("the audit", () => {
  const test = onServer()

  test("U1 a sound log is found sound, and its digest is that of the log alone", (url) =>
    Effect.gen(function*() {
      const audited = yield* world(url)
      assert.isTrue((yield* reportOf(audited, audit)).sound, "an empty log")
      yield* fill(audited)
      const report = yield* reportOf(audited, audit)
      assert.deepInclude({ ...report }, { sound: true, events: 12, streams: 3, firstBad: null })
      assert.strictEqual((yield* reportOf(yield* audited.again, audit)).head.digest, report.head.digest)
    }))

  for (const [what, [statements, position]] of Object.entries(tampering)) {
    test(`U2 ${what} is found`, (url) =>
      Effect.gen(function*() {
        const audited = yield* world(url)
        yield* fill(audited)
        yield* liftGuards(audited.session)
        for (const text of statements) yield* audited.session.ask({ text })
        const report = yield* reportOf(audited, audit)
        assert.isFalse(report.sound)
        assert.deepInclude({ ...report.firstBad }, { what: "event", position }, report.firstBad?.problem)
      }))
  }

  for (const [what, [statements, position]] of Object.entries(seamless)) {
    test(`U3 ${what}: found`, (url) =>
      Effect.gen(function*() {
        const audited = yield* world(url)
        yield* fill(audited)
        yield* liftGuards(audited.session)
        for (const text of statements) yield* audited.session.ask({ text })
        for (const node of [audited, yield* audited.again]) {
          const report = yield* reportOf(node, audit)
          assert.isFalse(report.sound)
          assert.deepInclude({ ...report.firstBad }, { what: "event", position }, report.firstBad?.problem)
        }
      }))
  }

  for (const position of [1, 5, 12]) {
    test(`U3 the stream of event ${position} written anew from there on is found`, (url) =>
      Effect.gen(function*() {
        const audited = yield* world(url)
        yield* fill(audited)
        yield* liftGuards(audited.session)
        yield* rewrite(audited.store, audited.session, position, (event) => ({ ...event, private: Buffer.from("x") }))
        for (const node of [audited, yield* audited.again]) {
          const { firstBad } = yield* reportOf(node, audit)
          assert.deepInclude({ ...firstBad }, { what: "event", position })
          assert.include(firstBad!.problem, "not the event that was signed here")
        }
      }))
  }

  test("U3 a stream written anew together with the tree is found at the next head, between two heads", (url) =>
    Effect.gen(function*() {
      const audited = yield* world(url)
      yield* fill(audited)
      yield* liftGuards(audited.session)
      const changed = yield* rewrite(
        audited.store,
        audited.session,
        8,
        (event) => ({ ...event, routing: Buffer.from("x") })
      )
      for (const { hash, position } of changed) {
        yield* audited.session.ask({
          text: "update audit_tile set hashes = overlay(hashes placing $1 from $2) where level = 0",
          values: [Buffer.from(leafHash(hash)), (position - 1) * 32 + 1]
        })
      }
      const { firstBad } = yield* reportOf(audited, audit)
      assert.deepInclude({ ...firstBad }, { what: "event", position: 4 })
      assert.include(firstBad!.problem, "events 4 to 9")
    }))

  test("U3 events stated anew where the newest ones were removed are found", (url) =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder
      yield* Effect.scoped(Effect.flatMap(start(url, folder), fill))
      const session = yield* operator(url)
      yield* liftGuards(session)
      for (const text of cutOff) yield* session.ask({ text })
      const node = yield* start(url, folder)
      yield* node.store.append("tea/2", 3, events(1))
      yield* node.store.append("tea/3", 3, events(2))
      const { firstBad } = yield* reportOf(node, audit)
      assert.deepInclude({ ...firstBad }, { what: "event", position: 11 })
    }))

  const trees: Readonly<Record<string, readonly [string, object]>> = {
    "a leaf of the tree altered": [
      "update audit_tile set hashes = set_byte(hashes, 6 * 32 + 3, 1) where level = 0",
      { what: "tree", position: 7 }
    ],
    "a tile of the tree removed": ["delete from audit_tile", { what: "tree", position: 1 }],
    "the root of a head altered": ["update audit_head set root = sha256('x') where size = 3", {
      what: "head",
      position: 0
    }],
    "a head altered": ["update audit_head set note = replace(note, 'A', 'B') where size = 9", {
      what: "head",
      position: 3
    }],
    "a head removed": ["delete from audit_head where size = 9", { what: "head", position: 3 }],
    "the newest head removed": ["delete from audit_head where size = 12", { what: "head", position: 9 }]
  }
  for (const [what, [text, found]] of Object.entries(trees)) {
    test(`U4 ${what}: told from an event that was`, (url) =>
      Effect.gen(function*() {
        const audited = yield* world(url)
        yield* fill(audited)
        yield* liftGuards(audited.session)
        yield* audited.session.ask({ text })
        const { firstBad } = yield* reportOf(audited, audit)
        assert.deepInclude({ ...firstBad }, found, firstBad?.problem)
      }))
  }

  test("U4 heads signed by another key are found", (url) =>
    Effect.gen(function*() {
      const audited = yield* world(url)
      yield* fill(audited)
      const mallory = path.join(audited.folder, "mallory")
      fs.mkdirSync(mallory)
      yield* liftGuards(audited.session)
      yield* audited.session.ask({ text: "delete from audit_head" })
      const forger = yield* start(url, mallory, fromSeed(Buffer.alloc(32, 6)))
      yield* forger.log.signHead
      const { firstBad } = yield* reportOf(audited, audit)
      assert.deepInclude({ ...firstBad }, { what: "head" })
      assert.include(firstBad!.problem, "not signed by this node's key")
    }))

  test("U5 the kept tree is tried by proofs, and a tile of a higher level that was altered is found (U4)", (url) =>
    Effect.gen(function*() {
      const audited = yield* world(url)
      for (let n = 0; n < 9; n++) {
        yield* audited.store.append(`tea/${n}`, 0, events(100))
        yield* audited.log.signHead
      }
      const sound = yield* reportOf(audited, audit)
      assert.isTrue(sound.sound, sound.firstBad?.problem)
      assert.isAtLeast(sound.tree.consistencies, 8)
      assert.isAtLeast(sound.tree.inclusions, 256)
      assert.isAtLeast(sound.tree.heads, 9)
      yield* liftGuards(audited.session)
      yield* audited.session.ask({ text: "update audit_tile set hashes = set_byte(hashes, 40, 1) where level = 1" })
      const { firstBad } = yield* reportOf(audited, audit)
      assert.deepInclude({ ...firstBad }, { what: "tree", position: 512 })
      assert.include(firstBad!.problem, "level 1")
    }))
})
