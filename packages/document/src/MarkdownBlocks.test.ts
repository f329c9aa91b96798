/** Blocks of Markdown: all of the text, nothing twice, and no input that takes long. */
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import * as MarkdownBlocks from "./MarkdownBlocks.ts"

const shape = (text: string) => MarkdownBlocks.scan(text).map(({ end, start, type }) => [type, text.slice(start, end)])
const types = (text: string) => MarkdownBlocks.scan(text).map(({ type }) => type)
const only = (text: string) => {
  const blocks = MarkdownBlocks.scan(text)
  assert.strictEqual(blocks.length, 1, JSON.stringify(blocks))
  return blocks[0]!
}

/** Beginnings of everything, so that things meet in the middle of each other. */
const line = FastCheck.tuple(
  FastCheck.constantFrom("", "", " ", "  ", "    ", "\t", "\u00a0"),
  FastCheck.constantFrom(
    "",
    "words",
    "```",
    "```js",
    "````",
    "~~~",
    "# Head",
    "#",
    "> said",
    ">",
    "- item",
    "* ",
    "1. one",
    "7) seven",
    "- ```py",
    "---",
    "***",
    "- - -",
    "===",
    "| a | b |",
    "|---|---|",
    "a | b",
    "--|--",
    "$$",
    "$$ x $$",
    "$$ x",
    "x $$",
    "\\[",
    "\\]",
    "\\[ y \\]",
    "![i](u)",
    "![i](u) and ![j](v)",
    "![",
    "\\",
    "\u{1F375}",
    "\u2028",
    "<details>"
  ),
  FastCheck.constantFrom("\n", "\n", "\r\n", "\r", "\n\n", "")
).map((parts) => parts.join(""))
const markdown = FastCheck.oneof(
  FastCheck.array(line, { maxLength: 30 }).map((lines) => lines.join("")),
  FastCheck.string({ unit: "binary", maxLength: 60 })
)

it("K1 every character that is not blank lies in exactly one block, in order", () => {
  FastCheck.assert(
    FastCheck.property(markdown, (text) => {
      let seen = 0
      let kept = ""
      for (const { end, start } of MarkdownBlocks.scan(text)) {
        assert.isAtLeast(start, seen)
        assert.isAbove(end, start)
        assert.isAtMost(end, text.length)
        assert.match(text.slice(start, end), /\S$/u)
        kept += text.slice(start, end)
        seen = end
      }
      assert.strictEqual(kept.replace(/\s/g, ""), text.replace(/\s/g, ""))
    }),
    { numRuns: 1_500 }
  )
})

describe("K2 code", () => {
  it("K2 a fence is closed by one at least as long, of its own kind", () => {
    const text = "````Js title=\"x\"\n```\na\n```\n~~~~\n````"
    assert.deepInclude(only(text), { type: "code", language: "js", inner: "```\na\n```\n~~~~" })
    assert.deepInclude(only("~~~\n```\n~~~~~"), { language: null, inner: "```" })
  })
  it("K2 an unclosed fence runs to the end", () => {
    assert.deepInclude(only("```py\nprint(1)\n\n# no heading\n"), { language: "py", inner: "print(1)\n\n# no heading" })
    assert.deepInclude(only("```"), { inner: "" })
    assert.deepInclude(only("```\n```"), { inner: "" })
  })
  it("K2 line ends of Windows stay inside and are cut at the ends", () => {
    assert.deepInclude(only("```js\r\na()\r\nb()\r\n```\r\n"), { inner: "a()\r\nb()", start: 0, end: 20 })
  })
  it("K2 indented lines are code, but not under a paragraph", () => {
    assert.deepStrictEqual(shape("Look:\n\n    a = 1\n\n    b = 2\n\nDone"), [
      ["text", "Look:"],
      ["code", "    a = 1\n\n    b = 2"],
      ["text", "Done"]
    ])
    assert.strictEqual(MarkdownBlocks.scan("    a\n\tb")[0]?.inner, "a\nb")
    assert.deepStrictEqual(types("Look:\n    at this"), ["text"])
  })
  it("K2 what looks like a block inside a fence is code", () => {
    assert.deepStrictEqual(types("```\n| a |\n|---|\n- x\n$$\n> y\n```\nafter"), ["code", "text"])
  })
  it("K2 backticks in a sentence are no fence", () => {
    assert.deepStrictEqual(types("``` is `how` it begins"), ["text"])
  })
})

describe("K3 what stays whole", () => {
  it("K3 a list with nested lists, paragraphs and fences", () => {
    const list = "1. One\n   - deep\n     - deeper\n\n   A paragraph.\n\n   ```sh\nnpm i\n   ```\n2. Two\nlazy"
    assert.deepStrictEqual(types(list.replace("\nnpm i", "\n   npm i")), ["list"])
    const plain = "- a\n- b\n\n- c\n\n  still c\n\nNot any more."
    assert.deepStrictEqual(shape(plain), [["list", "- a\n- b\n\n- c\n\n  still c"], ["text", "Not any more."]])
  })
  it("K3 a fence in an item may hold blank lines and markers", () => {
    assert.deepStrictEqual(types("- ```js\n  a\n\n  - b\n  ```\n- next"), ["list"])
    assert.deepStrictEqual(types("- x\n  ```\n  never closed\n\nparagraph"), ["list", "text"])
  })
  it("K3 two lists, a break between, an ordered one after a plain one", () => {
    assert.deepStrictEqual(types("- a\n\n1. b"), ["list", "list"])
    assert.deepStrictEqual(types("- a\n***\n- b"), ["list", "break", "list"])
    assert.deepStrictEqual(types("In 2020.\n2021. was no item"), ["text"])
    assert.deepStrictEqual(types("Items:\n1. one\n2. two"), ["text", "list"])
  })
  it("K3 a table ends where something else begins", () => {
    assert.deepStrictEqual(shape("| a | b |\n|:--|--:|\n| 1 | 2 |\nx | y\n\nafter"), [
      ["table", "| a | b |\n|:--|--:|\n| 1 | 2 |\nx | y"],
      ["text", "after"]
    ])
    assert.deepStrictEqual(types("a | b\n--|--\n```\n```"), ["table", "code"])
    assert.deepStrictEqual(types("one | two | three\n--|--\nno table"), ["text"])
    assert.deepStrictEqual(types("a \\| b | c\n--|--"), ["table"])
  })
  it("K3 a quotation with its lazy lines; a formula; an image", () => {
    assert.deepStrictEqual(types("> a\n> ```\n> b\n> ```\nlazy\n\nafter"), ["quotation", "text"])
    assert.deepStrictEqual(shape("Then\n$$\nx^2\n$$\nand \\[ a \\] inside\n\\[\ny\n\\]"), [
      ["text", "Then"],
      ["formula", "$$\nx^2\n$$"],
      ["text", "and \\[ a \\] inside"],
      ["formula", "\\[\ny\n\\]"]
    ])
    assert.deepStrictEqual(types("$$ a $$\n\n$$ never closed\n\nafter $$"), ["formula", "text"])
    assert.deepStrictEqual(types("$$ a $$ in words"), ["text"])
    assert.deepStrictEqual(types("![a (b)](c_(d).png \"t\")\n\n![a](b) and words"), ["image", "text"])
  })
  it("K3 a heading goes with what it heads; long runs of paragraphs are cut between two of them", () => {
    assert.deepStrictEqual(types("# A\n\nText\n\nMore\n\n## B\nText\n\nTitle\n---\n\nEnd"), ["text", "text"])
    const paragraph = "word ".repeat(120).trim()
    const groups = MarkdownBlocks.scan(Array.from({ length: 9 }, () => paragraph).join("\n\n"))
    assert.deepStrictEqual(groups.map(({ end, start }) => end - start), [1_801, 1_801, 1_801])
  })
})

describe("K4 a megabyte of anything", () => {
  const MiB = 1_048_576
  const hostile: Record<string, string> = {
    backticks: "`",
    "unclosed fences": "```x\n~~~\n",
    "open brackets": "\\[ x\n",
    "open brackets apart": "\\[\n\n",
    dollars: "$$ x\n",
    "dollars apart": "$$ x\n\n",
    quotes: "> ",
    items: "- ",
    "nested items": "  - ```\n",
    "items and gaps": "- a\n\n",
    pipes: "|",
    "table heads": "|a|\n|-|\n",
    "almost tables": "|a|b\n|-\n",
    images: "![",
    "almost images": "![a](((((\n",
    parentheses: "![x](" + "(".repeat(100) + "\n",
    escapes: "\\",
    blanks: "\n",
    spaces: " ",
    "indented and gaps": "    a\n\n\n",
    breaks: "- - - ",
    hashes: "#",
    underlines: "a\n===\n",
    carriage: "\r"
  }
  for (const [name, seed] of Object.entries(hostile)) {
    it(`K4 ${name}`, () => {
      const time = (size: number) => {
        const text = seed.repeat(Math.ceil(size / seed.length)).slice(0, size)
        const before = process.cpuUsage()
        MarkdownBlocks.scan(text)
        const { system, user } = process.cpuUsage(before)
        return (user + system) / 1_000
      }
      time(MiB / 64)
      // Quadratic, a megabyte of these is minutes; linear, well under a tenth of a second.
      assert.isBelow(time(MiB), 1_500)
    })
  }
})
