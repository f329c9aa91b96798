/** The rules about names: a name is an address, and says what it names. */
import * as path from "node:path"
import { door, type House, isTest } from "./House.ts"
import { chainOf, lineOf, type Module, type Node, nodesOf, textOf } from "./Module.ts"
import type { Rule } from "./Rule.ts"

const baseOf = (file: string): string => path.posix.basename(file).replace(/\.(ts|tsx|js)$/, "")

/** Names that stand for a place in a program, not for a thing: where it begins, what a tool or a page asks for, what npm runs. */
const isPlace = (file: string): boolean =>
  /^(main|index|ids|vivim|sw)$|\.(config|d)$/.test(baseOf(file)) || /(^|\/)(infra|bin|public)\/[^/]+$/.test(file)

const words = (name: string): ReadonlyArray<string> =>
  name.split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])/).map((word) => word.toLowerCase()).filter((word) => word !== "")

/** `citation`, `citations` and `cited` are one word to a reader. */
const sameWord = (one: string, other: string): boolean => {
  const stem = Math.max(3, Math.min(one.length, other.length) - 2)
  return one.slice(0, stem) === other.slice(0, stem)
}

const says = (text: string, word: string): boolean => words(text).some((other) => sameWord(word, other))

/** The names under which a module is imported whole: `import * as Keys from "./Keys.ts"` makes it a thing. */
const wholes = (house: House): ReadonlySet<string> =>
  new Set(
    house.modules.flatMap(({ imports }) =>
      imports.flatMap(({ namespace, to }) => namespace === undefined ? [] : [baseOf(to)])
    )
  )

/** One of its exports says what it is called, or the sentence it opens with does. */
const holds = (module: Module, name: string, whole: ReadonlySet<string>): boolean =>
  module.exports.some((one) => ["make", "layer", "handlers", "default"].includes(one))
  || module.exports.some((one) => words(name).some((word) => says(one, word)))
  || words(name).every((word) => says(module.comments[0]?.value ?? "", word))
  || whole.has(name)

const namedAfterWhatItHolds: Rule = {
  title: "a module is named after what it holds",
  breaches: (house) => {
    const whole = wholes(house)
    return house.modules.filter(({ file }) => !isTest(file)).flatMap((module) => {
      const name = baseOf(module.file)
      if (/^[A-Z]/.test(name)) return holds(module, name, whole) ? [] : [`${module.file} holds no ${name}`]
      return isPlace(module.file) ? [] : [`${module.file} is no PascalCase name`]
    })
  },
  witness: {
    files: {
      "packages/a/src/Keys.ts": "/** What is signed with. */\nexport const sign = 1",
      "packages/a/src/Leaves.ts": "/** The leaves of tea. */\nexport const sencha = 1",
      "packages/a/src/Whole.ts": "export const sign = 1",
      "packages/a/src/Tea.ts": `import * as Whole from "./Whole.ts"\nexport const pourTea = Whole.sign`,
      "packages/a/src/PostgresTea.ts": "export const layer = 1",
      "packages/a/src/tea-pot.ts": "export const teaPot = 1",
      "packages/a/src/index.ts": "export const x = 1",
      "infra/start.ts": "export const x = 1"
    },
    says: ["packages/a/src/Keys.ts holds no Keys", "packages/a/src/tea-pot.ts is no PascalCase name"]
  }
}

const opensWithASentence: Rule = {
  title: "a file opens with a sentence that says what it is",
  breaches: (house) =>
    house.modules.filter(({ comments, text }) => {
      // A shebang and words to the tools may stand before it.
      const start = text.replace(/^(#!.*\n)?((\/\/ *(@|oxlint|dprint).*\n)*)/, "")
      const opening = comments.find((comment) => comment.start === text.length - start.length)
      return opening === undefined || !start.startsWith("/**") || !/\S.{8,}[.:?!…]/.test(opening.value)
    }).map(({ file }) => file),
  witness: {
    files: {
      "packages/a/src/Good.ts": "/** What is good about it. */\nexport const x = 1",
      "packages/a/src/Shebang.ts": "#!/usr/bin/env node\n/** What is good about it. */\nexport const x = 1",
      "packages/a/src/Late.ts": "import x from \"x\"\n/** What is good about it. */\nexport const y = x",
      "packages/a/src/Line.ts": "// What is good about it.\nexport const x = 1",
      "packages/a/src/Short.ts": "/** A pot */\nexport const x = 1"
    },
    says: ["packages/a/src/Late.ts", "packages/a/src/Line.ts", "packages/a/src/Short.ts"]
  }
}

const nameIsAddress: Rule = {
  title: "the name is the address: an event's tag says the file it lives in",
  breaches: (house) =>
    house.modules.filter(({ file }) => !isTest(file) && !file.startsWith("test/")).flatMap((module) =>
      nodesOf(module, "CallExpression").flatMap((call) => {
        const tag = textOf((call["arguments"] as ReadonlyArray<unknown>)[0])
        if (chainOf(call["callee"]).join(".") !== "Event.make" || tag === undefined) return []
        return module.file === `event-schemas/${tag.replace(".", "/")}.ts` ? [] : [`${tag} in ${module.file}`]
      })
    ),
  witness: {
    files: {
      "event-schemas/circle/MemberAdded.ts": `export const MemberAdded = Event.make("circle.MemberAdded", {})`,
      "event-schemas/circle/MemberGone.ts": `export const MemberGone = Event.make("circle.MemberRemoved", {})`,
      "packages/a/src/Tea.ts": `const x = Event.make("tea.Poured", {}).next({}, {})`
    },
    says: ["circle.MemberRemoved in event-schemas/circle/MemberGone.ts", "tea.Poured in packages/a/src/Tea.ts"]
  }
}

/** Every name a module gives: to values, functions, classes, types and members of classes. */
const given = (module: Module): ReadonlyArray<readonly [string, Node]> => {
  const nameOf = (node: unknown): ReadonlyArray<readonly [string, Node]> => {
    const id = node as Node | null
    return id?.type === "Identifier" ? [[String(id["name"]), id]] : []
  }
  return [
    ...[
      "VariableDeclarator",
      "FunctionDeclaration",
      "ClassDeclaration",
      "TSInterfaceDeclaration",
      "TSTypeAliasDeclaration"
    ]
      .flatMap((type) => nodesOf(module, type).flatMap((node) => nameOf(node["id"]))),
    ...nodesOf(module, "PropertyDefinition").flatMap((node) => nameOf(node["key"]))
  ]
}

const layersAreCalledLayer: Rule = {
  title: "layers are called layer, layerMemory, layerTest: never Live, Impl or Default",
  breaches: (house) =>
    house.modules.flatMap((module) =>
      given(module).filter(([name]) =>
        /(Live|Impl|Default)$/.test(name) && (/^[A-Z]/.test(name) || /layer/i.test(name))
      )
        .map(([name, node]) => `${module.file}:${lineOf(module, node)} ${name}`)
    ),
  witness: {
    files: {
      "packages/a/src/Tea.ts":
        "export class Tea { static readonly layerLive = 1 }\nexport const TeaLive = 1\nexport const layerTest = 1",
      "packages/a/src/Pot.ts": "class PotImpl {}\nconst pageSizeDefault = 20\nconst x = HttpRouter.Default"
    },
    says: ["packages/a/src/Tea.ts:2 TeaLive", "packages/a/src/Tea.ts:1 layerLive", "packages/a/src/Pot.ts:1 PotImpl"]
  }
}

const empty = ["util", "utils", "common", "shared", "helper", "helpers", "manager", "base", "core", "misc"]
const isEmpty = (word: string): boolean => empty.includes(word)

const namesSaySomething: Rule = {
  title: "no file, folder or export has a name that says nothing",
  breaches: (house) => [
    ...house.modules.filter(({ file }) => file.split("/").some((part) => words(part).some(isEmpty))).map(({ file }) =>
      file
    ),
    ...house.modules.flatMap(({ exports, file }) =>
      exports.filter((name) => isEmpty(words(name).at(-1) ?? "")).map((name) => `${file}: ${name}`)
    )
  ],
  witness: {
    files: {
      "packages/a/package.json": door("@vivim/a", 1),
      "packages/a/src/utils/Tea.ts": "export const tea = 1",
      "packages/a/src/SessionManager.ts": "export const sessionManager = 1",
      "packages/a/src/Base64.ts": "export const base64 = 1",
      "packages/a/src/Tea.ts": "export const teaHelpers = 1\nexport const commonTea = 1"
    },
    says: [
      "packages/a/src/utils/Tea.ts",
      "packages/a/src/SessionManager.ts",
      "packages/a/src/SessionManager.ts: sessionManager",
      "packages/a/src/Tea.ts: teaHelpers"
    ]
  }
}

export const names: ReadonlyArray<Rule> = [
  namedAfterWhatItHolds,
  opensWithASentence,
  nameIsAddress,
  layersAreCalledLayer,
  namesSaySomething
]
