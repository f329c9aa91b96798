/** Which command is no more than another. */
import { assert, describe, it } from "vitest"
import { covers, Rights } from "./Command.ts"

const commands = [
  ...Rights,
  "/",
  "/content",
  "/content/read/title",
  "/content/reader",
  "/content/write/tags",
  "/content/write/tags/one",
  "/msg",
  "/msg/send"
]

describe("Command", () => {
  it("R1 covers itself, what is below, what is weaker and what is below that; nothing else", () => {
    const is = (held: string, ...asked: ReadonlyArray<string>) =>
      assert.deepStrictEqual(commands.filter((one) => covers(held, one)).toSorted(), asked.toSorted(), held)
    const read = ["/content/relay", "/content/read", "/content/read/title"]
    const write = [...read, "/content/write", "/content/write/tags", "/content/write/tags/one"]
    is("/content/relay", "/content/relay")
    is("/content/read", ...read)
    is("/content/remix", ...read, "/content/remix")
    is("/content/write", ...write)
    is("/content/share", ...write, "/content/remix", "/content/share")
    is("/content/admin", ...write, "/content/remix", "/content/share", "/content/admin")
    is("/content/write/tags", "/content/write/tags", "/content/write/tags/one")
    is("/msg", "/msg", "/msg/send")
    is("/", ...commands)
    is("/content", ...commands.filter((one) => one.startsWith("/content")))
  })

  it("R2 is an order", () => {
    for (const a of commands) {
      assert.isTrue(covers(a, a))
      for (const b of commands) {
        assert.isFalse(a !== b && covers(a, b) && covers(b, a), `${a} and ${b}`)
        for (const c of commands) assert.isTrue(!covers(a, b) || !covers(b, c) || covers(a, c), `${a} ${b} ${c}`)
      }
    }
  })
})
