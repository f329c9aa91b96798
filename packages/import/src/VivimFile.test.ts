/** Exports of VIVIM's own, sound and otherwise: what is sound is read as it was, what is not is refused as a whole. */
import { places } from "@vivim/contract/AccountFile"
import { Zip, ZipPassThrough, zipSync } from "fflate"
import { assert, describe, it } from "vitest"
import { TestBench } from "./TestBench.ts"
import {
  conversation,
  type Entries,
  entries,
  event,
  frames,
  identities,
  lines,
  manifestBytes,
  manifestOf,
  pictureRef,
  vouched
} from "./VivimExample.ts"

const { directory, file, read } = TestBench
const sound = vouched(entries)
const zip = (all: Entries) => file(zipSync({ ...all }))
const without = (all: Entries, name: string): Entries => {
  const { [name]: _, ...rest } = all
  return rest
}

/** A zip of entries as they are, also of two with one name. */
const zipped = (...all: ReadonlyArray<readonly [name: string, bytes: Uint8Array]>): Uint8Array => {
  const pieces: Array<Uint8Array> = []
  const zip = new Zip((_, chunk) => void pieces.push(chunk))
  for (const [name, bytes] of all) {
    const entry = new ZipPassThrough(name)
    zip.add(entry)
    entry.push(bytes, true)
  }
  zip.end()
  return Buffer.concat(pieces)
}

/** What somebody is told whose file is refused. */
const refusal = (path: string, limits = {}) =>
  read(path, limits).then(
    ({ items }) => assert.fail(`${items.length} items came of it`),
    (error: Error) => error.message
  )

describe("an export of a VIVIM account", () => {
  it("V1 is read as it was, with all that was known of each conversation", async () => {
    for (const path of [zip(sound), directory(sound), directory({ "a.zip": zipSync({ ...sound }) })]) {
      const { asides, conversations, format, receipt } = await read(path)
      assert.strictEqual(format, "vivim-account")
      assert.deepStrictEqual(conversations.map(({ sourceId }) => sourceId), ["one", "two"])
      const { documentId: _, format: __, hash: ___, messages, ...restated } = conversation("one")
      assert.deepStrictEqual(conversations[0]!.restated, restated)
      assert.deepStrictEqual(conversations[0]!.messages, messages)
      assert.lengthOf(asides, 1)
      assert.deepInclude(receipt.conversations, { found: 2, imported: 2 })
    }
  })

  it("V1 a conversation that is not what its hash says is rejected, and the others come in", async () => {
    const [good, bad] = [conversation("one"), conversation("two")]
    const harmed = [
      { ...bad, title: "Another" },
      { ...bad, messages: [{ ...bad.messages[0]!, role: "assistant" }, bad.messages[1]!] },
      { ...bad, messages: [bad.messages[0]!] },
      { ...bad, provider: "../up" },
      { ...bad, format: "vivim-conversation/1", hash: undefined }
    ]
    for (const one of harmed) {
      const all = vouched({ ...entries, [places.conversations]: lines(good, one) })
      const { conversations, rejected } = await read(zip(all))
      assert.deepStrictEqual(conversations.map(({ sourceId }) => sourceId), ["one"])
      assert.match(rejected[0]!.reason, /not what its hash says|not of the form/)
    }
    const { rejected } = await read(zip(sound), { nodesMax: 1 })
    assert.match(rejected[0]!.reason, /over nodesMax/)
  })

  it("V2 its files are stored once; one that has another's name is not taken for it", async () => {
    const { conversations, kept } = await read(zip(sound))
    assert.strictEqual(kept.filter(({ bytes }) => Buffer.from(bytes).toString() === "a picture of a teapot").length, 1)
    assert.deepStrictEqual(conversations[0]!.assets, { resolved: 1, missing: 0 })
    const swapped = vouched({ ...entries, [`${places.contents}${pictureRef.hash}`]: Buffer.from("another picture") })
    const { rejected } = await read(zip(swapped))
    assert.match(rejected[0]!.reason, /its file .* is not what its hash says/)
  })

  it("V3 is refused as a whole when it was cut, anywhere", async () => {
    const whole = zipSync({ ...sound })
    for (let part = 1; part < 12; part++) {
      const said = await refusal(file(whole.subarray(0, Math.floor(whole.length * part / 12))))
      assert.match(said, /not sound|holds no conversations|no known shape|is no text|holds no files|truncated/)
    }
    assert.match(await refusal(zip(entries)), /no whole manifest/)
    assert.match(await refusal(file(entries[places.conversations]!)), /no whole manifest/)
  })

  const otherEvents = (...events: ReadonlyArray<ReturnType<typeof event>>) =>
    vouched({ ...entries, [places.events]: frames(...events) })
  const hostile: Readonly<Record<string, readonly [Entries, RegExp]>> = {
    "a changed entry": [
      { ...sound, [places.account]: Buffer.from("[]") },
      /account.json is not what its manifest says/
    ],
    "a longer entry": [{ ...sound, [places.account]: Buffer.from("{ }") }, /account.json is larger/],
    "a changed manifest": [
      {
        ...sound,
        [places.manifest]: manifestBytes({ ...manifestOf(entries), entries: manifestOf(entries).entries.slice(1) })
      },
      /not what its own sum says/
    ],
    "an entry more": [{ ...sound, "more.txt": Buffer.from("x") }, /does not name more.txt/],
    "an entry less": [without(sound, places.account), /account.json is missing/],
    "no identity": [vouched(without(entries, places.identity)), /identity.json is missing/],
    "a name that climbs": [{ ...sound, "../../evil.sh": Buffer.from("x") }, /climbs out of the folder/],
    "an absolute name": [{ ...sound, "/etc/evil": Buffer.from("x") }, /absolute path/],
    "a later format": [
      { ...sound, [places.manifest]: manifestBytes({ ...manifestOf(entries), format: "vivim-account/2" }) },
      /it is vivim-account\/2/
    ],
    "a manifest that is none": [
      { ...sound, [places.manifest]: manifestBytes({ format: "vivim-account/1" }) },
      /manifest cannot be read/
    ],
    "another account's identity": [
      vouched({ ...entries, [places.identity]: identities.stranger }),
      /not that of its manifest/
    ],
    "another account's log": [vouched({ ...entries, [places.identity]: identities.anothersLog }), /does not prove/],
    "a tampered operation": [vouched({ ...entries, [places.identity]: identities.tampered }), /does not prove/],
    "a log without its beginning": [vouched({ ...entries, [places.identity]: identities.rootless }), /does not prove/],
    "no log": [vouched({ ...entries, [places.identity]: identities.none }), /does not prove/],
    "another's event": [otherEvents(event(1), event(2, { owner: "did:key:zBo" as never })), /of another account/],
    "events out of order": [otherEvents(event(7), event(3)), /out of order/],
    "an event too few": [otherEvents(event(7)), /another number of events/],
    "a bomb": [
      vouched({ ...entries, [`${places.contents}${"b".repeat(64)}`]: new Uint8Array(40 << 20) }),
      /would unpack|ratioMax|more than/
    ]
  }
  for (const [what, [all, says]] of Object.entries(hostile)) {
    it(`V3 is refused as a whole for ${what}`, async () => assert.match(await refusal(zip(all)), says))
  }

  it("V3 is refused for two things with one name, and is not read while it is sealed", async () => {
    const twice = zipped(...Object.entries(sound), [places.conversations, lines(conversation("three"))])
    assert.match(await refusal(file(twice)), /two things in it have one name/)
    assert.match(await refusal(file("age-encryption.org/v1\n-> scrypt x 18\n")), /sealed with age/)
  })

  it("V4 is refused beyond the bounds of the node, whatever it says of itself", async () => {
    assert.match(await refusal(zip(sound), { indexBytesMax: 400 }), /indexBytesMax/)
    assert.match(await refusal(zip(sound), { conversationBytesMax: 100 }), /conversationBytesMax/)
    assert.match(await refusal(zip(sound), { entryBytesMax: 1_900 }), /entryBytesMax/)
    assert.match(await refusal(zip(sound), { entriesMax: 3 }), /not sound|entriesMax|holds no/)
  })

  it("V5 events are told apart wherever the pieces end", async () => {
    const { EventFrames } = await import("./EventFrames.ts")
    const did = event(1).owner
    const bytes = frames(event(1), event(2, { private: new Uint8Array(70_000) }), event(9))
    for (const size of [1, 7, 4_096, bytes.length]) {
      const frames = new EventFrames(did, 1 << 20)
      for (let at = 0; at < bytes.length; at += size) assert.isNull(frames.push(bytes.subarray(at, at + size)))
      assert.isNull(frames.end())
      assert.strictEqual(frames.count, 3)
    }
    const cut = new EventFrames(did, 1 << 20)
    cut.push(bytes.subarray(0, -1))
    assert.strictEqual(cut.end(), "its events are cut off")
    const small = new EventFrames(did, 60_000)
    assert.match(small.push(bytes) ?? "", /over conversationBytesMax/)
  })

  it("Y7 an account that has said nothing is no mistake", async () => {
    const silent = { ...entries, [places.conversations]: new Uint8Array() }
    assert.deepInclude(await read(zip(vouched(silent))), { format: "vivim-account", conversations: [] })
  })
})
