/** The rules about promises: what a file promises a test shows, and no test is silently left out. */
import { door, type House, isTest, type Room } from "./House.ts"
import { chainOf, lineOf, type Module, type Node, nodesOf, textOf } from "./Module.ts"
import type { Rule } from "./Rule.ts"

const idOf = (title: string | undefined): string | undefined => /^([A-Z]\d{1,2}) /.exec(title ?? "")?.[1]

/** The numbered lines of a file's opening comment. */
const promisesOf = (module: Module): ReadonlyArray<string> => {
  const opening = module.comments[0]
  if (opening === undefined || isTest(module.file)) return []
  return [...opening.value.matchAll(/^ \* ([A-Z]\d{1,2}) {2}\S/gm)].map((match) => match[1] ?? "")
}

interface Call {
  readonly chain: ReadonlyArray<string>
  readonly title: string | undefined
  readonly node: Node
}

/** Calls of `it`, `test`, `describe` and their kin, whatever hangs on them. */
const testCalls = (module: Module): ReadonlyArray<Call> =>
  nodesOf(module, "CallExpression").flatMap((node) => {
    const chain = chainOf(node["callee"])
    if (!["it", "test", "describe", "suite", "layer"].includes(chain[0] ?? "")) return []
    return [{ chain, title: textOf((node["arguments"] as ReadonlyArray<unknown>)[0]), node }]
  })

const isLeftOut = ({ chain }: Call): boolean => chain.includes("skip") || chain.includes("todo")

/** Every id a test module says at the start of a text, once for each time; not those of tests that are left out. */
const saidBy = (module: Module): ReadonlyArray<string> => {
  const silent = testCalls(module).filter(isLeftOut)
  return [...nodesOf(module, "Literal"), ...nodesOf(module, "TemplateLiteral")].flatMap((node) => {
    const leftOut = silent.some((call) => call.node.start <= node.start && node.end <= call.node.end)
    return leftOut ? [] : idOf(textOf(node)) ?? []
  })
}

/** The tests of a room: its own, and the laws of test/conformance that know it. */
const testsOf = (house: House, room: Room): ReadonlyArray<Module> => [
  ...room.modules.filter(({ file }) => isTest(file) || file.startsWith("test/conformance/")),
  ...house.modules.filter(({ file, imports }) =>
    file.startsWith("test/conformance/") && imports.some(({ to }) => to.startsWith(`${room.door.name}/`))
  )
]

const promisesHaveTests: Rule = {
  title: "every promise has a test in its room that says its name",
  breaches: (house) =>
    house.rooms.flatMap((room) => {
      const said = testsOf(house, room).flatMap(saidBy)
      // Two files of a room may promise by the same number: then two tests say it.
      return room.modules.flatMap((module) =>
        promisesOf(module).flatMap((id) => {
          const at = said.indexOf(id)
          if (at < 0) return [`${module.file}: ${id}`]
          said.splice(at, 1)
          return []
        })
      )
    }),
  witness: {
    files: {
      "packages/a/package.json": door("@vivim/a", 1),
      "packages/a/src/Tea.ts":
        "/**\n * Tea.\n *\n * T1  Is hot.\n * T2  Is brown.\n * T3  Is there.\n * T4  Is green.\n */",
      "packages/a/src/Pot.ts": "/**\n * A pot.\n *\n * T1  Is round.\n */",
      "packages/a/src/Tea.test.ts": `it.effect("T1 is hot", () => {})\nit.skip("T2 is brown", () => {})`,
      "packages/b/package.json": door("@vivim/b", 1),
      "packages/b/src/B.test.ts": `it("T3 is there", () => {})`,
      "test/conformance/TeaLaws.ts": `import { Tea } from "@vivim/a/Tea"\nlaw(\`T4 is green in \${Tea}\`, () => {})`
    },
    says: ["packages/a/src/Tea.ts: T2", "packages/a/src/Tea.ts: T3", "packages/a/src/Pot.ts: T1"]
  }
}

const testsHavePromises: Rule = {
  title: "every test that says the name of a promise has that promise in its room",
  breaches: (house) =>
    house.rooms.filter(({ folder }) => folder !== "test").flatMap(({ modules }) => {
      const promised = modules.flatMap(promisesOf)
      return modules.filter(({ file }) => isTest(file)).flatMap((module) =>
        testCalls(module).flatMap(({ title }) => {
          const id = idOf(title)
          return id === undefined || promised.includes(id) ? [] : [`${module.file}: ${id}`]
        })
      )
    }),
  witness: {
    files: {
      "packages/a/package.json": door("@vivim/a", 1),
      "packages/a/src/Tea.ts": "/**\n * Tea.\n *\n * T1  Is hot.\n */",
      "packages/a/src/Tea.test.ts": `it("T1 is hot", () => {})\nit.prop("T2 is brown", [], () => {})`
    },
    says: ["packages/a/src/Tea.test.ts: T2"]
  }
}

/** A comment on the call's own line, or on the line above it. */
const hasReason = (module: Module, node: Node): boolean => {
  const line = lineOf(module, node)
  return module.comments.some((comment) => {
    const last = lineOf(module, { start: comment.end })
    return /\w+ \w+/.test(comment.value) && (last === line || last === line - 1)
  })
}

const nothingLeftOut: Rule = {
  title: "no test is alone with .only, and none is skipped without a reason beside it",
  breaches: (house) =>
    house.modules.flatMap((module) =>
      testCalls(module).flatMap((call) => {
        const at = `${module.file}:${lineOf(module, call.node)}`
        if (call.chain.includes("only")) return [`${at} only`]
        return isLeftOut(call) && !hasReason(module, call.node) ? [`${at} skipped without a reason`] : []
      })
    ),
  witness: {
    files: {
      "packages/a/src/A.test.ts": [
        `it.only("x", () => {})`,
        `it.effect.only("x", () => {})`,
        `it("y", () => {})`,
        `describe.skip("y", () => {})`,
        "// The server of this law is not built yet.",
        `it.skip("z", () => {})`,
        "",
        `it.todo("z")`,
        `it.skipIf(process.platform === "win32")("q", () => {})`
      ].join("\n")
    },
    says: [
      "packages/a/src/A.test.ts:1 only",
      "packages/a/src/A.test.ts:2 only",
      "packages/a/src/A.test.ts:4 skipped without a reason",
      "packages/a/src/A.test.ts:8 skipped without a reason"
    ]
  }
}

export const promises: ReadonlyArray<Rule> = [promisesHaveTests, testsHavePromises, nothingLeftOut]
