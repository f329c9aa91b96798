/** Snippets show the text itself, and mark what the index found. */
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import * as SearchQuery from "./SearchQuery.ts"
import * as SearchSnippet from "./SearchSnippet.ts"

const make = (text: string, query: string, width = 1_000) =>
  SearchSnippet.maker(SearchQuery.parse(query).wanted)(text, width)
const marked = (text: string, query: string, width?: number) =>
  make(text, query, width).map(({ hit, text }) => hit ? `[${text}]` : text).join("")

it("N1 the segments are the text, white space drawn together", () => {
  const text = FastCheck.array(
    FastCheck.constantFrom(..."tea Tea's run\n\n東京 é \u{1F375} <b> & \t".split(" "), " ", "\n"),
    { maxLength: 60 }
  )
    .map((parts) => parts.join(" "))
  FastCheck.assert(
    FastCheck.property(
      text,
      FastCheck.constantFrom("tea", "run 京", "\"tea run\"", "zzz"),
      FastCheck.integer({ min: 20, max: 80 }),
      (text, query, width) => {
        const segments = make(text, query, width)
        const shown = segments.map(({ text }) => text).join("").replace(/^…|…$/g, "").replace(/\s+/g, " ")
        const whole = text.replace(/\s+/g, " ")
        assert.include(whole, shown.trim())
        assert.notMatch(shown, /\p{Surrogate}/u)
        assert.isAtMost(shown.length, width + 90)
        segments.slice(1).forEach(({ hit }, i) => assert.notStrictEqual(hit, segments[i]!.hit))
      }
    ),
    { numRuns: 500 }
  )
})

it("N1 products' own marks are not shown, and do not stand between words that were found", () => {
  const text =
    "Swifts sleep in flight \ue200cite\ue202turn0search1\ue202turn0search4\ue201, over \ue200entity\ue202[\"city\",\"Kyoto\"]\ue201."
  assert.strictEqual(marked(text, "flight over kyoto "), "Swifts sleep in [flight], [over] [Kyoto].")
  assert.strictEqual(marked(text, "\"flight over\""), "Swifts sleep in [flight, over] Kyoto.")
  assert.strictEqual(marked(text, "turn0search1"), "Swifts sleep in flight, over Kyoto.")
})

it("N1 long texts are cut between words, and say so", () => {
  const text = `${"before ".repeat(40)}the needle lies here${" after".repeat(40)}`
  const shown = marked(text, "needle", 100)
  assert.match(shown, /^…(before )+the \[needle\] lies here( after)+…$/)
  assert.isBelow(shown.length, 130)
  assert.match(marked(text, "nowhere", 100), /^(before )+before…$/)
  assert.strictEqual(marked("", "needle"), "")
})

describe("N2 what is marked", () => {
  it("N2 other forms of the word, accents or not", () => {
    assert.strictEqual(marked("She runs, he was running; a runner.", "run "), "She [runs], he was [running]; a runner.")
    assert.strictEqual(marked("Un café, des CAFÉS, cafe\u0301", "cafe "), "Un [café], des [CAFÉS], [cafe\u0301]")
    assert.strictEqual(marked("Straße <b>Straße</b>", "straße "), "[Straße] <b>[Straße]</b>")
  })
  it("N2 what the word being typed may become", () => {
    assert.strictEqual(marked("configuration of a conf file", "conf"), "[configuration] of a [conf] file")
    assert.strictEqual(marked("a run, running", "runni"), "a [run], [running]")
    assert.strictEqual(marked("configuration", "conf "), "configuration")
  })
  it("N2 phrases only as a whole", () => {
    assert.strictEqual(marked("a named volume; volume named", "\"named volumes\""), "a [named volume]; volume named")
    assert.strictEqual(marked("snake_case and snake", "snake_case "), "[snake_case] and snake")
    assert.strictEqual(marked("to be or not to be", "\"to be\""), "[to be] or not [to be]")
    assert.strictEqual(marked("a a b", "\"a b\""), "a [a b]")
  })
  it("N2 parts of runs", () => {
    assert.strictEqual(marked("私は東京都に住む", "京都"), "私は東[京都]に住む")
    assert.strictEqual(marked("สวัสดีครับ", "ดี"), "สวัส[ดี]ครับ")
    assert.strictEqual(marked("ﾃｽﾄ中のReact", "テスト react"), "[ﾃｽﾄ]中の[React]")
    assert.strictEqual(marked("ｶﾞｽ管", "ガス"), "[ガス]管")
  })
})

it("N3 the window holds as many different terms as any of its size", () => {
  const gap = "filler ".repeat(60)
  const text = `apple ${gap} banana ${gap} apple banana cherry ${gap} cherry`
  assert.include(marked(text, "apple banana cherry ", 120), "[apple] [banana] [cherry]")
  const repeated = `${"apple ".repeat(300)} ${gap} banana cherry`
  assert.include(marked(repeated, "banana cherry ", 120), "[banana] [cherry]")
})

it("N3 a megabyte is looked through in passing", () => {
  const text = `${"the quick brown fox ".repeat(52_000)}needle`
  const before = process.cpuUsage()
  make(text, "needle \"quick fox\" brow")
  const { user } = process.cpuUsage(before)
  assert.isBelow(user / 1_000, 1_500)
})
