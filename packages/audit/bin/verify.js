/**
 * Verifies audit bundles of a VIVIM node: `node verify.js [--key <line>] [--json] <bundle>…`. Needs Node and nothing else: no
 * database, no key, no part of VIVIM. Exit codes: 0 sound, 1 not sound, 2 asked wrongly.
 *
 * V1  A sound bundle is found sound: every event hashed anew, every stream chained, every proof and signature verified.
 * V2  Whatever byte is altered, and whatever line is left out, doubled, moved or put in, is found, and the first bad line is named.
 * V3  A bundle whose links were made anew over altered lines is found by its proofs or by its seal.
 * V4  With the key line that was written down elsewhere, a bundle that another key signed is refused.
 *
 * The form is described in VIVIM's packages/audit/src/Bundle.ts. Sources: RFC 9162 (Merkle tree and proofs), RFC 8949 4.2
 * (canonical CBOR), C2SP signed-note and tlog-checkpoint.
 */
import * as crypto from "node:crypto"
import * as fs from "node:fs"

const given = process.argv.slice(2)
const keyAt = given.indexOf("--key")
const [, pinned] = keyAt < 0 ? [] : given.splice(keyAt, 2)
const form = "vivim-audit-bundle/1"
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), crypto.createHash("sha256")).digest()
const need = (holds, problem) => {
  if (!holds) throw new Error(problem)
}
const unhex = (text) => {
  need(/^([0-9a-f]{2})*$/.test(text), "this is not hexadecimal")
  return Buffer.from(text, "hex")
}
const unbase64 = (text) => {
  need(typeof text === "string" && Buffer.from(text, "base64").toString("base64") === text, "this is not base64")
  return Buffer.from(text, "base64")
}
const hashesIn = (list) => {
  need(Array.isArray(list), "a list of hashes is missing")
  const hashes = list.map(unbase64)
  need(hashes.every(({ length }) => length === 32), "a hash has another length than 32 bytes")
  return hashes
}

// The canonical bytes of an event, which its hash is made over.
const head = (major, n) => {
  need(Number.isSafeInteger(n) && n >= 0, "this is not a whole number")
  const first = major << 5
  if (n < 24) return Buffer.of(first | n)
  const [mark, size] = n < 0x100 ? [24, 1] : n < 0x10000 ? [25, 2] : n < 0x100000000 ? [26, 4] : [27, 8]
  const bytes = Buffer.alloc(1 + size)
  bytes[0] = first | mark
  if (size === 8) bytes.writeBigUInt64BE(BigInt(n), 1)
  else bytes.writeUIntBE(n, 1, size)
  return bytes
}
const cbor = (value) => {
  if (typeof value === "number") return head(0, value)
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)])
  const bytes = typeof value === "string" ? Buffer.from(value) : value
  need(Buffer.isBuffer(bytes), "a field of the event is missing")
  return Buffer.concat([head(typeof value === "string" ? 3 : 2, bytes.length), bytes])
}
const eventHash = (event) =>
  sha256(cbor([
    "vivim-event/1",
    ...[event.stream, event.version, event.id, event.type, event.schemaVersion, event.owner, event.at],
    ...[unbase64(event.meta), unbase64(event.routing), unhex(event.sealed), unhex(event.previousHash)]
  ]))

// Signed notes and the heads in them.
const readKey = (line) => {
  const [, name, id, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(line) ?? []
  need(name !== undefined, "this is not the line of a key")
  const bytes = unbase64(encoded)
  need(bytes.length === 33 && bytes[0] === 1, "this is not the line of an Ed25519 key")
  need(sha256(`${name}\n`, bytes).subarray(0, 4).toString("hex") === id, "the line of the key does not fit itself")
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), bytes.subarray(1)])
  return { name, id, key: crypto.createPublicKey({ key: der, format: "der", type: "spki" }) }
}
const openNote = (note, { id, key, name }) => {
  need(typeof note === "string", "the signed note is missing")
  const cut = note.lastIndexOf("\n\n")
  need(cut >= 0 && note.endsWith("\n"), "this is not a signed note")
  const text = note.slice(0, cut + 1)
  const signed = note.slice(cut + 2, -1).split("\n").some((line) => {
    const [, by, encoded] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? []
    if (by !== name) return false
    const bytes = unbase64(encoded)
    return bytes.subarray(0, 4).toString("hex") === id && crypto.verify(null, Buffer.from(text), key, bytes.subarray(4))
  })
  need(signed, "the signed note was not signed by the bundle's key")
  return text
}
const openHead = (note, key) => {
  const [origin, digits, root, end] = openNote(note, key).split("\n")
  need(origin === key.name && end === "" && /^(0|[1-9]\d*)$/.test(digits), "the signed note is no head of this log")
  return { size: Number(digits), root: hashesIn([root])[0] }
}

// The Merkle tree.
const node = (left, right) => sha256(Buffer.of(1), left, right)
const isOdd = (n) => n % 2 === 1
const half = (n) => Math.floor(n / 2)
/** The way up that both kinds of proof take (RFC 9162, 2.1.3.2 and 2.1.4.2); whether it ends at the root. */
const climb = (from, end, path, onLeft, onRight) => {
  let [at, last] = [from, end]
  for (const one of path) {
    if (last === 0) return false
    if (isOdd(at) || at === last) {
      onLeft(one)
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)]
    } else onRight(one)
    ;[at, last] = [half(at), half(last)]
  }
  return last === 0
}
const isIn = (leaf, index, { root, size }, path) => {
  let hash = leaf
  const ends = climb(index, size - 1, path, (one) => hash = node(one, hash), (one) => hash = node(hash, one))
  return ends && hash.equals(root)
}
const continues = (first, second, path) => {
  const same = first.size === second.size && first.root.equals(second.root)
  if (first.size === 0 || same) return path.length === 0
  const [begin, ...more] = Number.isInteger(Math.log2(first.size)) ? [first.root, ...path] : path
  if (begin === undefined || first.size >= second.size) return false
  let [at, last, old, now] = [first.size - 1, second.size - 1, begin, begin]
  while (isOdd(at)) [at, last] = [half(at), half(last)]
  const onLeft = (one) => [old, now] = [node(one, old), node(one, now)]
  return climb(at, last, more, onLeft, (one) => now = node(now, one)) && old.equals(first.root) &&
    now.equals(second.root)
}
class Tree {
  size = 0
  edge = []
  /** Complete subtrees from left to right: the largest comes first. */
  begin(size, hashes) {
    let [left, i] = [size, 0]
    while (left > 0) {
      const height = Math.floor(Math.log2(left))
      need(hashes[i] !== undefined, "a hash before the events is missing")
      this.edge[height] = hashes[i++]
      left -= 2 ** height
    }
    need(hashes.length === i, "there are more hashes before the events than there can be")
    this.size = size
  }
  add(leaf) {
    let [hash, index, height] = [leaf, this.size++, 0]
    for (; isOdd(index); index = half(index)) hash = node(this.edge[height++], hash)
    this.edge[height] = hash
  }
  root() {
    let [root, height] = [null, 0]
    for (let size = this.size; size > 0; size = half(size), height++) {
      if (isOdd(size)) root = root === null ? this.edge[height] : node(this.edge[height], root)
    }
    return root ?? sha256("")
  }
}

/** What each kind of line must be, given all before it. */
class Bundle {
  tree = new Tree()
  streams = new Map()
  counts = { events: 0, heads: 0 }
  position = 0
  stage = 0
  stages = { bundle: [0, 1], before: [1, 2], head: [2, 2], event: [2, 2], after: [2, 3], end: [3, 4] }

  take(record, linkBefore) {
    const [from, to] = Object.hasOwn(this.stages, record.kind) ? this.stages[record.kind] : []
    need(from === this.stage, `a line of kind ${JSON.stringify(record.kind)} has no place here`)
    this[record.kind](record, linkBefore)
    this.stage = to
  }
  bundle(record) {
    need((pinned ?? record.key) === record.key, `the bundle was signed by another key: ${record.key}`)
    this.about = record
    this.key = readKey(record.key)
    need(record.origin === this.key.name, "the key is not that of this log")
    this.signed = openHead(record.head, this.key)
    const { from, stream, to } = record
    need([from, to].every(Number.isSafeInteger) && from >= 1 && to >= from - 1, "the part of the log is none")
    need(to <= this.signed.size, "the signed head does not reach to the end of the part")
    need(stream === null || typeof stream === "string", "the stream is none")
    this.position = from - 1
  }
  before({ hashes }) {
    this.tree.begin(this.about.stream === null ? this.about.from - 1 : 0, hashesIn(hashes))
  }
  head({ note, path }) {
    const head = openHead(note, this.key)
    this.counts.heads++
    const isProven = path !== undefined && continues(head, this.signed, hashesIn(path))
    const isSeen = path === undefined && this.about.stream === null && head.size === this.tree.size
    need(isProven || isSeen, "this head is not one of the signed log")
    need(isProven || head.root.equals(this.tree.root()), "this head was signed over other events than those before it")
  }
  event(event) {
    const { path, position, previousHash, stream, version } = event
    const alone = this.about.stream !== null
    const at = `the event at position ${position}, ${stream}@${version}: `
    const hash = eventHash(event)
    need(hash.toString("hex") === event.hash, `${at}it is not what its hash was made over`)
    const sealed = event.private === undefined ? event.sealed : sha256(unbase64(event.private)).toString("hex")
    need(sealed === event.sealed, `${at}its private part is not the one that was hashed`)
    const last = this.streams.get(stream)
    const isNext = last === undefined ? version === 1 || this.about.from > 1 : version === last.version + 1
    need(isNext && (!alone || stream === this.about.stream), `${at}it does not follow the one before it in its stream`)
    const before = last?.hash ?? (version === 1 ? "00".repeat(32) : previousHash)
    need(previousHash === before, `${at}it is not chained to the one before it in its stream`)
    const isAfter = alone ? position > this.position : position === this.position + 1
    need(isAfter, `${at}position ${this.position + 1} was to follow`)
    need(Number.isSafeInteger(position) && position <= this.about.to, `${at}it is none of the part`)
    const leaf = sha256(Buffer.of(0), hash)
    if (alone) {
      need(isIn(leaf, position - 1, this.signed, hashesIn(path)), `${at}it is not in the signed log`)
    } else this.tree.add(leaf)
    this.streams.set(stream, { version, hash: event.hash })
    this.position = position
    this.counts.events++
  }
  after({ path }) {
    if (this.about.stream !== null) return need(path?.length === 0, "there is nothing to prove here")
    need(this.position === this.about.to, `events are missing: the part ends at ${this.about.to}`)
    const seen = { size: this.tree.size, root: this.tree.root() }
    need(
      continues(seen, this.signed, hashesIn(path)),
      "the events are not those of the signed log, or its proof is not"
    )
  }
  end({ events, heads, seal }, linkBefore) {
    need(events === this.counts.events && heads === this.counts.heads, "there are not as many lines as there were")
    const text = openNote(seal, this.key)
    const sealed = `${form}\n${this.about.origin}\n${linkBefore.toString("hex")}\n`
    need(text === sealed, "the seal is not that of this bundle")
  }
}

/** Lines as bytes, without their line breaks; null when something stands behind the last one. */
const linesOf = async function*(file) {
  let pending = []
  for await (const chunk of fs.createReadStream(file, { highWaterMark: 1 << 20 })) {
    let from = 0
    for (let cut = chunk.indexOf(10); cut >= 0; cut = chunk.indexOf(10, from)) {
      yield Buffer.concat([...pending, chunk.subarray(from, cut)])
      pending = []
      from = cut + 1
    }
    if (from < chunk.length) pending.push(chunk.subarray(from))
  }
  if (pending.length > 0) yield null
}

const verify = async (file) => {
  const bundle = new Bundle()
  let line = 0
  let link = sha256(form)
  try {
    for await (const bytes of linesOf(file)) {
      line++
      need(bytes !== null, "the line is cut off")
      need(line > 1 || bytes.equals(Buffer.from(form)), `this is no bundle of the form ${form}`)
      if (line === 1) continue
      const json = bytes.subarray(65)
      const next = sha256(link, json)
      const isLinked = bytes.subarray(0, 65).equals(Buffer.from(`${next.toString("hex")} `))
      need(isLinked, "the line is not as it was written here")
      bundle.take(JSON.parse(json.toString()), link)
      link = next
    }
    line++
    need(bundle.stage === 4, "the bundle is cut off: it has no end")
  } catch (error) {
    return { sound: false, line, problem: error.message, position: bundle.position + 1 }
  }
  const { from, key, origin, stream, to } = bundle.about
  return { sound: true, origin, key, from, to, stream, size: bundle.signed.size, ...bundle.counts }
}

const sentence = (found) =>
  found.sound
    ? `Sound: ${found.events} events of ${
      found.stream ?? "the log"
    }, positions ${found.from} to ${found.to}, in the signed ` +
      `log of ${found.size}; ${found.heads} more heads agree.\nSigned by ${found.key}`
    : `NOT sound. Line ${found.line}: ${found.problem}.`

const files = given.filter((one) => !one.startsWith("--"))
const missing = files.filter((file) => !fs.statSync(file, { throwIfNoEntry: false })?.isFile())
if (files.length === 0 || missing.length > 0 || (keyAt >= 0 && pinned === undefined)) {
  process.stderr.write(`Say which file: node verify.js [--key <line>] [--json] <bundle>… ${missing.join(" ")}\n`)
  process.exitCode = 2
} else {
  process.exitCode = 0
  for (const file of files) {
    const found = await verify(file)
    process.stdout.write(`${given.includes("--json") ? JSON.stringify(found) : sentence(found)}\n`)
    if (!found.sound) process.exitCode = 1
  }
}
