/** The promises of what is made of a message's Markdown. The second wall, the sanitiser, is shown by the tests in a browser. */
import { assert, describe, it } from "vitest"
import { type Citation, sourcesOf } from "./Citations.ts"
import { languageName, languageOf } from "./Languages.ts"
import { placeOf, safeHref } from "./Links.ts"
import { toHtml } from "./Markdown.ts"

const tagsIn = (html: string) => new Set([...html.matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, tag]) => tag!.toLowerCase()))
const hrefsIn = (html: string) => [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)

/** Put together, so that no tool takes this page for one that runs it. */
const script = ["java", "script:"].join("")

const hostile = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<iframe src=\"https://evil.example\"></iframe>",
  "<style>*{display:none}</style>",
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt&#58;alert(1))",
  "[x](java\tscript:alert(1))",
  "[x](data:text/html,<script>alert(1)</script>)",
  "[x](vbscript:x)",
  "[x](file:///etc/passwd)",
  "[x](/api/v1/account)",
  "[x](//evil.example/a)",
  "[x][r]\n\n[r]: javascript:alert(1) \"t\"",
  "<javascript:alert(1)>",
  "![x](javascript:alert(1))",
  "![x\" onerror=\"alert(1)](https://evil.example/p.png)",
  "[x](https://ok.example \"t\" onmouseover=\"alert(1)\")",
  "```\"><script>alert(1)</script>\n</code></pre><script>alert(1)</script>\n```",
  "`</code><script>alert(1)</script>`",
  "$</span><script>alert(1)</script>$",
  "$$\n</span><img src=x onerror=alert(1)>\n$$",
  "| <b onclick=alert(1)> |\n|:-:|\n| <script>alert(1)</script> |",
  "- [x] <script>alert(1)</script>",
  "\ue200cite\ue202<script>alert(1)</script>\ue201"
]

describe("Markdown", () => {
  it("K1 no tag of the message's own becomes one of the page's", () => {
    const allowed = new Set(
      "a blockquote br code del div em h3 h4 h5 h6 hr input li ol p pre s span strong sup table tbody td th thead tr ul"
        .split(" ")
    )
    for (const text of hostile) {
      for (const html of [toHtml(text), toHtml(text, [], true)]) {
        for (const tag of tagsIn(html)) assert.isTrue(allowed.has(tag), `${tag} in ${html}`)
        assert.notMatch(html, /<[^>]*\son[a-z]+\s*=/i, html)
        assert.notMatch(html, /<[^>]*\sstyle\s*=/i, html)
      }
    }
  })

  it("K2 links lead only to the web or to mail, in a window that learns nothing", () => {
    for (const text of hostile) {
      for (const href of hrefsIn(toHtml(text))) assert.match(href!, /^https:\/\/(?:ok|evil)\.example/, text)
    }
    const html = toHtml("[a](https://ok.example/a?b=1&c=2 \"t\") <mailto:a@b.example> https://c.example/x")
    assert.deepStrictEqual(hrefsIn(html), [
      "https://ok.example/a?b=1&amp;c=2",
      "mailto:a@b.example",
      "https://c.example/x"
    ])
    assert.lengthOf([...html.matchAll(/target="_blank" rel="noopener noreferrer nofollow"/g)], 3)
    const dead = toHtml("[Download the chart](sandbox:/mnt/data/totals.png)")
    assert.include(dead, "Download the chart")
    assert.include(dead, "dead-link")
    assert.lengthOf(hrefsIn(dead), 0)
    assert.strictEqual(dead.match(/<span/g)!.length, dead.match(/<\/span>/g)!.length)
  })

  it("K3 code is set apart with its language, and is only text", () => {
    assert.strictEqual(
      toHtml("```ts title=x\nconst a = 1 < 2\n\n```\n"),
      "<pre data-language=\"ts\"><code>const a = 1 &lt; 2\n</code></pre>\n"
    )
    assert.strictEqual(toHtml("    indented\n"), "<pre data-language=\"\"><code>indented</code></pre>\n")
    assert.include(toHtml("1. a\n   ```py\n   x\n   ```"), "<pre data-language=\"py\"><code>x</code></pre>")
  })

  it("K4 a person's line breaks are kept, a model's are Markdown's", () => {
    assert.include(toHtml("one\ntwo", [], true), "<br>")
    assert.notInclude(toHtml("one\ntwo"), "<br>")
  })

  it("H1 headings begin below the message's own and never skip a level", () => {
    const levels = (text: string) => [...toHtml(text).matchAll(/<h(\d)/g)].map(([, level]) => Number(level))
    assert.deepStrictEqual(levels("# a\n### b\n#### c\n## d\n# e"), [3, 4, 5, 4, 3])
    assert.deepStrictEqual(levels("#### a\n# b\n###### c"), [3, 3, 4])
    assert.deepStrictEqual(levels("# a\n## b\n### c\n#### d\n##### e"), [3, 4, 5, 6, 6])
    const html = toHtml("## a\n\n### b")
    assert.include(html, "<h3>a</h3>")
    assert.include(html, "<h4>b</h4>")
  })

  it("H2 a list item that begins with a box is a task", () => {
    const html = toHtml("- [x] done\n- [ ] open\n- [not] a box")
    assert.lengthOf([...html.matchAll(/<li class="task">/g)], 2)
    assert.include(html, "checked aria-label=\"Done\"> done")
    assert.include(html, "disabled aria-label=\"To do\"> open")
    assert.include(html, "[not] a box")
  })

  it("H3 pictures on the web are named, not fetched", () => {
    const html = toHtml("![A *chart*](https://img.example/p.png) ![](data:image/png;base64,AA)")
    assert.notInclude(html, "<img")
    assert.include(html, "A chart")
    assert.include(html, "not fetched from img.example")
    assert.include(html, "kept out")
  })

  it("H4 tables can scroll, and their alignment needs no styles", () => {
    const html = toHtml("| a | b |\n|--:|:-:|\n| 1 | 2 |")
    assert.include(html, "<div class=\"table-scroll\" role=\"region\"")
    assert.include(html, "<td class=\"align-right\">1</td>")
    assert.include(html, "<th class=\"align-center\">b</th>")
    assert.notInclude(html, "style")
  })

  it("X1 a formula keeps its TeX as it was written", () => {
    for (
      const [text, display] of [["$a_1*b_2*c$", false], ["\\(a_1*b_2*c\\)", false], ["$$a_1*b_2*c$$", true], [
        "\\[a_1*b_2*c\\]",
        true
      ], ["$$\na_1*b_2*c\n$$", true]] as const
    ) {
      const html = toHtml(`before ${text.includes("\n") ? `\n\n${text}` : text}\n\nafter`)
      assert.include(html, `<span class="formula" data-display="${display}">a_1*b_2*c</span>`, text)
      assert.notInclude(html, "<em>", text)
    }
    assert.include(toHtml("$a<b \\& c$"), "a&lt;b \\&amp; c")
    assert.include(toHtml("- item\n\n  \\[\n  x = 1\n  \\]\n\n- next"), "data-display=\"true\">x = 1</span>")
    assert.include(toHtml("`$x$`"), "<code>$x$</code>")
  })

  it("X2 money is not a formula", () => {
    for (const text of ["It costs $5 and $10.", "$5-$10", "between $1,000 and $2,000 a month", "US$ and A$", "$ 5 $"]) {
      assert.notInclude(toHtml(text), "formula", text)
    }
    assert.include(toHtml("for $n$ of $5"), ">n</span> of $5")
  })

  it("X3 a formula that is never closed is text", () => {
    for (const text of ["$$\nx = 1", "\\[ x = 1", "\\( x", "$x", "$$"]) assert.notInclude(toHtml(text), "formula", text)
    assert.include(toHtml("$$\nx = 1\n\nand so on"), "x = 1")
  })
})

describe("Citations", () => {
  const cited: ReadonlyArray<Citation> = [
    { url: "https://raft.example/p.pdf", title: "Raft", marker: "【1†source】" },
    { url: `${script}alert(1)`, title: "Trap", marker: "【2†source】" },
    { url: "https://raft.example/p.pdf", title: "Raft", marker: "【3†source】" },
    { url: null, title: "A file", marker: null }
  ]

  it("C1 each mark becomes the number of its source, and a source named twice keeps its number", () => {
    assert.deepStrictEqual(sourcesOf(cited).map(({ number, title }) => [number, title]), [[1, "Raft"], [2, "Trap"], [
      3,
      "A file"
    ]])
    const html = toHtml("One【1†source】 two【3†source】.", cited)
    assert.lengthOf([...html.matchAll(/href="https:\/\/raft\.example\/p\.pdf"[^>]*>1<\/a>/g)], 2)
    assert.notInclude(html, "†")
    assert.strictEqual(toHtml("No marks here", cited), "<p>No marks here</p>\n")
  })

  it("C2 a source that leads nowhere safe keeps its number, and leads nowhere", () => {
    const html = toHtml("Look【2†source】", cited)
    assert.include(html, "title=\"Trap\">2</sup>")
    assert.notInclude(html, "href")
  })

  it("C3 code keeps its marks as they were written", () => {
    assert.include(toHtml("`【1†source】`", cited), "<code>【1†source】</code>")
    assert.include(toHtml("```\n【1†source】\n```", cited), "<code>【1†source】</code>")
    assert.include(toHtml("$x【1†source】$", cited), "x【1†source】")
  })

  it("C5 words that stand for a source stay, and the number comes behind them", () => {
    const words = [
      { url: "https://a.example/", title: "A", marker: "is **20–30 November**. Day" },
      { url: "https://b.example/", title: "B", marker: "is **20–30 November**. Day" },
      { url: "https://c.example/", title: "C", marker: "not in the text" }
    ]
    const html = toHtml("Peak colour is **20–30 November**. Day 1: Arashiyama", words)
    const plain = html.replaceAll(/<sup.*?<\/sup>/g, "")
    assert.strictEqual(plain, "<p>Peak colour is <strong>20–30 November</strong>. Day 1: Arashiyama</p>\n")
    assert.match(html, /Day<sup[^>]*><a[^>]*>1<\/a><\/sup><sup[^>]*><a[^>]*>2<\/a><\/sup> 1/)
  })

  it("C4 a mark without a source is shown as one", () => {
    const html = toHtml("A day \ue200cite\ue202turn0search1\ue201 – at night \ufdd00\ufdd1")
    assert.include(html, "<sup class=\"citation\"")
    assert.notMatch(html, /[\ue200-\ue202\ufdd0\ufdd1]/)
    assert.notInclude(html, "turn0search1")
  })
})

describe("Links", () => {
  it("L1 http, https and mailto lead somewhere, however another scheme is disguised", () => {
    assert.strictEqual(safeHref("https://a.example/b c"), "https://a.example/bc")
    assert.strictEqual(safeHref("HTTP://A.example"), "http://a.example/")
    assert.strictEqual(safeHref("mailto:a@b.example"), "mailto:a@b.example")
    for (
      const href of [
        `${script}1`,
        ` ${script}1`,
        "java\nscript:1",
        "\u0001javascript:1",
        "jav\u200bascript:1",
        "data:text/html,x",
        "blob:https://a/1",
        "file:///x",
        "intent://x",
        "vivim:x",
        "about:blank",
        "ws://a",
        "https://["
      ]
    ) {
      assert.strictEqual(safeHref(href), undefined, href)
    }
  })

  it("L2 what names no scheme leads nowhere", () => {
    for (const href of ["", "/c/d1", "#m", "a.html", "//evil.example", "\\\\evil.example", "?q=1", ":x"]) {
      assert.strictEqual(safeHref(href), undefined, href)
    }
    assert.strictEqual(placeOf("https://www.raft.example/p"), "raft.example")
    assert.strictEqual(placeOf("mailto:a@b.example"), "mailto:a@b.example")
    assert.strictEqual(placeOf("nonsense"), "nonsense")
  })
})

describe("Languages", () => {
  it("G1 a language is found by its usual names, and one not known is shown under its own", () => {
    for (
      const [written, name] of [["ts", "TypeScript"], ["TypeScript", "TypeScript"], ["C++", "C++"], ["yml", "YAML"], [
        "klingon",
        "klingon"
      ], ["", ""]]
    ) {
      assert.strictEqual(languageName(written!), name)
    }
    assert.strictEqual(languageOf("klingon"), undefined)
    assert.strictEqual(languageOf("__proto__"), undefined)
  })
})
