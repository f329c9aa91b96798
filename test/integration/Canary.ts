/** Unique words, ways to bring them into a node, and the search for them through everything on a disk. */
import { zipSync } from "fflate"
import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert } from "vitest"

/** Long enough to be nowhere by chance, and each tells where it came in. */
export const canary = (what: string) => `canary${what}${randomBytes(9).toString("hex")}`

/** A ChatGPT export of one conversation with one file. */
export const exported = (title: string, text: string, attachment: string): Buffer => {
  const mapping = {
    root: { id: "root", message: null, parent: null, children: ["a"] },
    a: {
      id: "a",
      parent: "root",
      children: [],
      message: {
        id: "a",
        author: { role: "user" },
        create_time: 1_700_000_000,
        content: { content_type: "text", parts: [text] },
        metadata: {
          attachments: [{
            id: "file-CanaryCanaryCanaryCan1",
            name: "notes.txt",
            size: attachment.length,
            mime_type: "text/plain"
          }]
        }
      }
    }
  }
  const conversations = [{
    id: `c-${title}`,
    conversation_id: `c-${title}`,
    title,
    create_time: 1_700_000_000,
    update_time: 1_700_000_100,
    mapping,
    current_node: "a"
  }]
  return Buffer.from(zipSync({
    "conversations.json": Buffer.from(JSON.stringify(conversations)),
    "file-CanaryCanaryCanaryCan1-notes.txt": Buffer.from(attachment)
  }))
}
/** Every form in which a word may lie somewhere. */
const formsOf = (word: string) => [
  Buffer.from(word),
  Buffer.from(word, "utf16le"),
  Buffer.from(word, "utf16le").swap16(),
  Buffer.from([...word].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")),
  Buffer.from(Buffer.from(word).toString("hex")),
  Buffer.from(Buffer.from(word).toString("hex").toUpperCase()),
  // Whatever comes before it moves base64 by up to two bytes.
  ...[0, 1, 2].map((n) =>
    Buffer.from(Buffer.concat([Buffer.alloc(n), Buffer.from(word)]).toString("base64").slice(4, -4))
  )
]

/** Where on the disk any of the words lies. */
export const hitsIn = (
  folder: string,
  given: Readonly<Record<string, string>>,
  output: string
): ReadonlyArray<string> => {
  const found: Array<string> = []
  const files = fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => path.join(folder, name))
    .filter((file) => fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true)
  assert.isAbove(files.length, 50, "the database's files are looked through as well")
  for (const file of files) {
    // A running node takes files away: what is not there any more tells nothing.
    const bytes = fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(0)
    for (const [what, word] of Object.entries(given)) {
      if (formsOf(word).some((form) => bytes.includes(form))) found.push(`${what} in ${path.relative(folder, file)}`)
    }
  }
  for (const [what, word] of Object.entries(given)) if (output.includes(word)) found.push(`${what} in the log`)
  return found
}
