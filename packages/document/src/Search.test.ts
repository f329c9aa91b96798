/** Search finds what is there, says how much of the question it met, and cannot be broken by typing. */
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import { imported, message } from "./LibraryExample.ts"
import { find, found, ids, kitchen, libraryOf } from "./SearchExample.ts"

describe("X1 all words, or the rarest", () => {
  it("X1 every hit holds every word when any message does", () => {
    assert.sameMembers(found(kitchen, "docker volume "), ["swarm", "docker"])
    assert.strictEqual(find(kitchen, "docker volume ").matched, "all")
    assert.deepStrictEqual(found(kitchen, "volumes denied "), ["docker"])
  })
  it("X1 else words are left out, the commonest first", () => {
    const { hits, matched } = find(kitchen, "docker permission zebra ")
    assert.deepStrictEqual([matched, hits.map(({ messageId }) => messageId)], ["some", ["docker"]])
    const apart = find(kitchen, "oolong swarm ")
    assert.strictEqual(apart.matched, "some")
    assert.sameMembers(ids(apart), ["oolong", "swarm"])
    assert.deepStrictEqual(find(kitchen, "zebra "), { matched: "none", hits: [], more: false })
    assert.deepStrictEqual(find(kitchen, " "), { matched: "none", hits: [], more: false })
  })
  it("X1 for any words the first rung that holds is the one: checked against reading everything", () => {
    const words = ["ant", "bee", "cow", "dog"]
    const texts = FastCheck.array(FastCheck.subarray(words), { minLength: 1, maxLength: 12 })
    FastCheck.assert(
      FastCheck.property(texts, FastCheck.subarray([...words, "elk"], { minLength: 1 }), (texts, wanted) => {
        const db = libraryOf(imported("d", texts.map((words, i) => message(`m${i}`, words.join(" "))), { title: "x" }))
        const results = find(db, `${wanted.join(" ")} `, { limit: 50 })
        const holding = texts.flatMap((text, i) => wanted.every((word) => text.includes(word)) ? [`m${i}`] : [])
        const any = texts.some((text) => wanted.some((word) => text.includes(word)))
        assert.strictEqual(results.matched, holding.length > 0 ? "all" : any ? "some" : "none")
        if (holding.length > 0) assert.sameMembers(ids(results), holding)
        else assert.strictEqual(results.hits.length > 0, any)
        for (const id of ids(results)) {
          assert.isTrue(wanted.some((word) => texts[Number(id.slice(1))]!.includes(word)))
        }
        db.close()
      }),
      { numRuns: 60 }
    )
  })
})

describe("X2 what is shown", () => {
  it("X2 the words are marked in message and title, other forms too", () => {
    const [hit] = find(kitchen, "steeping oolong ").hits
    assert.deepStrictEqual(hit?.snippet.filter(({ hit }) => hit).map(({ text }) => text), ["steep", "oolong"])
    assert.deepStrictEqual(hit?.title, [{ text: "Steeping", hit: true }, { text: " tea", hit: false }])
    assert.deepInclude(hit, { documentId: "d1", provider: "claude", role: "user", at: 1_000 })
  })
  it("X2 phrases stand together, and what is unwanted is not there", () => {
    assert.deepStrictEqual(found(kitchen, "\"named volume\""), ["named"])
    assert.deepStrictEqual(found(kitchen, "\"volume named\""), [])
    assert.deepStrictEqual(found(kitchen, "docker volume -swarm "), ["docker"])
    assert.deepStrictEqual(found(kitchen, "docker -\"volume permission\" -開発 "), ["swarm"])
    assert.deepStrictEqual(find(kitchen, "-docker "), { matched: "none", hits: [], more: false })
  })
  it("X2 markup in a message is text", () => {
    const db = libraryOf(
      imported("d", [message("m", "<img src=x onerror=alert(1)> needle & <b>needle</b>")], { title: "x" })
    )
    const [hit] = find(db, "needle ").hits
    assert.strictEqual(
      hit?.snippet.map(({ text }) => text).join(""),
      "<img src=x onerror=alert(1)> needle & <b>needle</b>"
    )
  })
})

describe("X3 titles and tags", () => {
  it("X3 a title is found by its words, a tag by its own", () => {
    assert.deepStrictEqual(found(kitchen, "containers home "), ["title of d2"])
    const [tagged] = find(kitchen, "wanderl").hits
    assert.deepInclude(tagged, { documentId: "d3", messageId: null, role: null, at: null })
    assert.deepStrictEqual(tagged?.snippet, [{ text: "wanderlust", hit: true }])
    assert.deepStrictEqual(found(kitchen, "旅"), ["title of d3"])
  })
  it("X3 words in the title count for the messages under it", () => {
    assert.deepStrictEqual(
      [find(kitchen, "containers permission ").matched, found(kitchen, "containers permission ")],
      ["all", ["docker"]]
    )
  })
  it("X3 words in the title count within the filters, and beside words that are in very many messages", () => {
    const many = Array.from({ length: 1_200 }, (_, i) => message(`filler${i}`, "steep and brew"))
    const db = libraryOf(
      imported("x", many, { title: "Filler", provider: "claude" }),
      imported("d", [message("ask", "how to brew"), message("tell", "steep it", { role: "assistant" })], {
        title: "Oolong"
      }),
      imported("e", [message("other", "brew")], { title: "Oolong", provider: "claude" })
    )
    assert.sameMembers(found(db, "oolong brew "), ["other", "ask"])
    assert.deepStrictEqual(found(db, "oolong brew ", { provider: "chatgpt" }), ["ask"])
    assert.deepStrictEqual(found(db, "oolong steep ", { role: "assistant" }), ["tell"])
    assert.strictEqual(find(db, "oolong how ", { role: "assistant" }).matched, "none")
  })
  it("X3 a message under a title that was found comes before its equal", () => {
    const db = libraryOf(
      imported("a", [message("m1", "goulash recipe", { at: 5 })], { title: "Soup" }),
      imported("b", [message("m2", "goulash recipe", { at: 5 })], { title: "Goulash" }),
      imported("c", [message("m3", "goulash recipe", { at: 5 })], { title: "Stew" })
    )
    assert.deepStrictEqual(found(db, "goulash ").slice(0, 2), ["title of b", "m2"])
  })
})

describe("X5 while typing", () => {
  it("X5 each further letter still finds it", () => {
    for (const query of ["pe", "per", "perm", "permi", "permissi", "permission"]) {
      assert.include(found(kitchen, query), "docker", query)
    }
    for (const query of ["steepi", "steepin", "steeping"]) assert.include(found(kitchen, query), "oolong", query)
    assert.include(found(kitchen, "docker perm"), "docker")
  })
  it("X5 whole words come first, then beginnings; with a space after it a word is whole", () => {
    const db = libraryOf(
      imported("d", [message("begins", "runtime", { at: 9 }), message("whole", "a run", { at: 1 })], { title: "x" })
    )
    assert.deepStrictEqual(found(db, "run"), ["whole", "begins"])
    assert.deepStrictEqual(found(db, "run "), ["whole"])
  })
})

describe("X6 any script, any input", () => {
  it("X6 scripts without spaces are found by any part, Latin among them too", () => {
    for (const query of ["京", "東京", "展望室", "都庁の展望", "เที่ยว", "ญี่ปุ่น"]) {
      assert.deepStrictEqual(found(kitchen, query), ["tokyo"], query)
    }
    assert.deepStrictEqual(found(kitchen, "React 開発 "), ["mixed"])
    assert.deepStrictEqual(found(kitchen, "docker入門"), ["mixed"])
    assert.deepStrictEqual(found(kitchen, "京東"), [])
  })
  it("X6 nothing typed breaks it", () => {
    const piece = FastCheck.constantFrom(
      ..."\" ( ) * - + ^ : NEAR OR AND NOT {shown} rowid tea 東 volume -tea \"tea % _ ' ; \\ \u0000 🙂".split(" "),
      " "
    )
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(piece, { maxLength: 12 }).map((parts) => parts.join("")),
        FastCheck.boolean(),
        (query, hidden) => {
          const { hits, matched } = find(kitchen, query, { hidden })
          assert.strictEqual(matched === "none", hits.length === 0)
        }
      ),
      { numRuns: 150 }
    )
  })
})

describe("X7 pages", () => {
  it("X7 pages of one question hold each hit once, and end", () => {
    const messages = Array.from(
      { length: 130 },
      (_, i) => message(`m${i}`, `needle ${"hay ".repeat(i % 7)}`, { at: i * 1_000 })
    )
    const db = libraryOf(
      imported("d", messages.slice(0, 60), { title: "needle" }),
      imported("e", messages.slice(60), { title: "hay" })
    )
    const seen: Array<string> = []
    let offset = 0
    for (let more = true; more; offset += 20) {
      const page = find(db, "needle ", { offset, limit: 20 })
      seen.push(...ids(page))
      more = page.more
    }
    assert.strictEqual(new Set(seen).size, seen.length)
    assert.strictEqual(seen.length, 131)
  })
  it("X7 of very many the newest come, and of very many in one era, too", () => {
    const month = 31 * 86_400_000
    const events = Array.from(
      { length: 60 },
      (_, c) =>
        imported(
          `d${c}`,
          Array.from(
            { length: 50 },
            (_, i) => message(`${c}-${i}`, `common word ${i % 10 === 0 ? "rare" : ""}`, { at: c * month + i })
          ),
          {
            title: "x",
            createdAt: c * month,
            provider: c < 30 ? "claude" : "chatgpt"
          }
        )
    )
    const db = libraryOf(...events.toReversed())
    assert.deepStrictEqual(found(db, "common ", { limit: 3 }), ["59-49", "59-48", "59-47"])
    assert.deepStrictEqual(found(db, "common word ", { limit: 2, provider: "claude" }), ["29-49", "29-48"])
    assert.deepStrictEqual(found(db, "comm", { limit: 1 }), ["59-49"])
    assert.strictEqual(found(db, "common rare ", { limit: 100 }).length, 100)
    assert.isTrue(find(db, "common ", { limit: 10 }).more)
  })
})
