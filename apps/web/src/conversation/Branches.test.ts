/** The promises of the tree of a conversation. */
import { assert, describe, it } from "vitest"
import {
  branchesOf,
  type Choices,
  choose,
  type Id,
  itemsOf,
  lineTo,
  type OutlineNode,
  pathOf,
  treeOf
} from "./Branches.ts"
import { stepsInWords } from "./Steps.ts"

/** `a`: a root. `b<a`: a child of a. `b<a!`: hidden. The role is the assistant's, or what stands after a colon. */
const outline = (...written: ReadonlyArray<string>): ReadonlyArray<OutlineNode> =>
  written.map((one) => {
    const [, id, parent, hidden, role] = /^([^<!:]+)(?:<([^!:]+))?(!)?(?::(.+))?$/.exec(one)!
    return {
      id: id as Id,
      parent: (parent ?? null) as Id | null,
      role: (role ?? "assistant") as OutlineNode["role"],
      at: null,
      model: null,
      hidden: hidden === undefined ? null : "hidden",
      hash: "0".repeat(64) as OutlineNode["hash"]
    }
  })
const ids = (text: string) => text.split(" ") as ReadonlyArray<string> as ReadonlyArray<Id>
const none: Choices = new Map()
const said = (tree: ReturnType<typeof treeOf>, path: ReadonlyArray<Id>, all = false) =>
  itemsOf(tree, path, all).map((item) =>
    item.kind === "aside"
      ? `(${item.ids.join(" ")})`
      : item.versions.length > 1
      ? `${item.id}/${item.versions.length}`
      : item.id
  ).join(" ")

/** Two questions at the root of the fork, the first answered three times, one of them through a thought and a tool. */
const cat = treeOf(outline(
  "sys!:system",
  "q<sys:user",
  "t<q!",
  "u<t!:tool",
  "a<u",
  "b<q",
  "c<q",
  "r<a:user",
  "s<r",
  "q2<sys:user",
  "z<q2"
))

describe("Branches", () => {
  it("B1 the path read at first is the one the conversation ended on, or the newest at each fork", () => {
    assert.deepStrictEqual(pathOf(cat, "s" as Id, none), ids("sys q t u a r s"))
    assert.deepStrictEqual(pathOf(cat, "b" as Id, none), ids("sys q b"))
    assert.deepStrictEqual(pathOf(cat, null, none), ids("sys q2 z"))
    assert.deepStrictEqual(pathOf(cat, "nobody" as Id, none), ids("sys q2 z"))
    assert.deepStrictEqual(pathOf(cat, "a" as Id, none), ids("sys q t u a r s"), "what follows the end is read too")
    assert.deepStrictEqual(pathOf(treeOf([]), null, none), [])
  })

  it("B2 hidden steps are gathered into asides, other hidden nodes are left out until all is shown", () => {
    const path = pathOf(cat, "s" as Id, none)
    assert.strictEqual(said(cat, path), "q/2 (t u) a/3 r s")
    assert.strictEqual(said(cat, path, true), "sys q/2 t/3 u a r s")
    const ending = treeOf(outline("q:user", "a<q", "t<a!", "x<t!:user", "u<x!:tool"))
    assert.strictEqual(said(ending, pathOf(ending, null, none)), "q a (t u)")
  })

  it("B3 the versions of a turn are what can take its place, also behind hidden steps", () => {
    const versions = itemsOf(cat, pathOf(cat, "s" as Id, none), false)
      .flatMap((item) => item.kind === "turn" && item.id === "a" ? [item.versions] : [])
    assert.deepStrictEqual(versions, [ids("a b c")])
    const roots = treeOf(outline("p:user", "q:user", "a<q"))
    assert.strictEqual(said(roots, pathOf(roots, "a" as Id, none)), "q/2 a")
    const deaf = treeOf(outline("q:user", "a<q", "t<q!"))
    assert.strictEqual(said(deaf, ids("q a")), "q a", "what holds nothing to show is no version")
  })

  it("B4 choosing a version changes nothing before it, and coming back finds what was chosen behind it", () => {
    const first = pathOf(cat, "s" as Id, none)
    const onB = choose(cat, none, "b" as Id)
    const path = pathOf(cat, "s" as Id, onB)
    assert.deepStrictEqual(path, ids("sys q b"))
    assert.deepStrictEqual(path.slice(0, 2), first.slice(0, 2))
    const deep = treeOf(outline("q:user", "a<q", "b<q", "c<a:user", "d<a:user", "e<c", "f<d"))
    const throughC = choose(deep, none, "c" as Id)
    const away = choose(deep, throughC, "b" as Id)
    assert.deepStrictEqual(pathOf(deep, null, away), ids("q b"))
    assert.deepStrictEqual(pathOf(deep, null, choose(deep, away, "a" as Id)), ids("q a c e"), "not d, the newest")
  })

  it("B5 any message can be made part of the path", () => {
    for (const id of cat.nodes.keys()) {
      assert.include(pathOf(cat, "s" as Id, choose(cat, none, id)), id)
      assert.strictEqual(lineTo(cat, id).at(-1), id)
    }
    assert.deepStrictEqual(pathOf(cat, "s" as Id, choose(cat, none, "nobody" as Id)), pathOf(cat, "s" as Id, none))
  })

  it("B6 every visible end is one branch, which says where it left the others", () => {
    const branches = branchesOf(cat, false)
    assert.deepStrictEqual(
      branches.map(({ after, depth, end, start, turns }) => [start, end, after, turns, depth]),
      [["q", "s", null, 4, 0], ["b", "b", "q", 1, 1], ["c", "c", "q", 1, 1], ["q2", "z", null, 2, 0]]
    )
    const turns = branches.reduce((sum, branch) => sum + branch.turns, 0)
    assert.strictEqual(turns, [...cat.nodes.values()].filter(({ hidden }) => hidden === null).length, "each shown once")
  })

  it("B7 strangers for parents and circles are read as far as they go", () => {
    const strange = treeOf(outline("a<gone:user", "b<a", "x<y", "y<x", "me<me"))
    assert.deepStrictEqual(pathOf(strange, "b" as Id, none), ids("a b"))
    assert.deepStrictEqual(lineTo(strange, "x" as Id).toSorted(), ids("x y"))
    assert.doesNotThrow(() => branchesOf(strange, false))
    assert.strictEqual(pathOf(strange, "x" as Id, choose(strange, none, "x" as Id)).length > 0, true)
    const deep = treeOf(outline("n0:user", ...Array.from({ length: 20_000 }, (_, at) => `n${at + 1}<n${at}`)))
    assert.strictEqual(itemsOf(deep, pathOf(deep, null, none), false).length, 20_001)
    assert.strictEqual(branchesOf(deep, false).length, 1)
  })
})

describe("Steps", () => {
  const step = (hidden: string | null, role: OutlineNode["role"] = "assistant"): OutlineNode => ({
    ...outline("x")[0]!,
    hidden,
    role
  })

  it("E1 thinking and each tool are named once, and what says nothing of itself is counted", () => {
    assert.strictEqual(stepsInWords([step("reasoning")]), "Thought")
    const long = ["reasoning", "recipient python", "tool", "recipient web.run", "tool", "recipient python", "tool"]
    assert.strictEqual(stepsInWords(long.map((hidden) => step(hidden))), "Thought, used python, web.run (7 steps)")
    assert.strictEqual(stepsInWords([step("tool", "tool"), step("weight 0")]), "2 hidden steps")
    assert.strictEqual(stepsInWords([step(null)]), "1 hidden step")
  })
})
