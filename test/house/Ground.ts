/** The rules about the ground the house stands on: its top level, its environment, and what others wrote. */
import { type House, isSample, type PackageJson } from "./House.ts"
import { chainOf, lineOf, type Module, nodesOf } from "./Module.ts"
import type { Rule } from "./Rule.ts"

const top = [
  "README.md",
  "apps",
  "effect.config.ts",
  "event-schemas",
  "infra",
  "package-lock.json",
  "package.json",
  "packages",
  "test",
  "tsconfig.json"
]

const topLevel: Rule = {
  title: "the top level is fixed: these, and files whose name begins with a dot",
  breaches: (house) => {
    const there = [...new Set([...house.tree.keys()].map((file) => file.split("/")[0] ?? ""))]
    return [
      ...there.filter((name) => !name.startsWith(".") && !top.includes(name)).map((name) =>
        `${name} has no place here`
      ),
      ...top.filter((name) => !there.includes(name)).map((name) => `${name} is missing`)
    ]
  },
  witness: {
    files: {
      ".ci/run": "",
      "src/index.ts": "",
      ...Object.fromEntries(
        top.filter((name) => name !== "README.md").map((name) => [/\./.test(name) ? name : `${name}/x.md`, ""])
      ),
      "package.json": "{}"
    },
    says: ["src has no place here", "README.md is missing"]
  }
}

/** Who may read the environment beside effect.config.ts, and why. */
const mayReadEnvironment: ReadonlyArray<readonly [RegExp, string]> = [
  [/^infra\//, "the tools hand the environment they were given on to the programs they start"],
  [/^test\//, "tests start nodes and servers in environments of their own making"]
]

const readsEnvironment = (module: Module): ReadonlyArray<number> => [
  ...nodesOf(module, "MemberExpression").filter((node) => chainOf(node).join(".").startsWith("process.env"))
    // `process.env.X` holds `process.env`: said once.
    .filter((node) => chainOf(node).length === 2).map((node) => lineOf(module, node)),
  ...nodesOf(module, "VariableDeclarator").filter((node) =>
    chainOf(node["init"]).join(".") === "process" && /\benv\b/.test(module.text.slice(node.start, node.end))
  ).map((node) => lineOf(module, node)),
  ...nodesOf(module, "ImportDeclaration").filter((node) =>
    /^import[^]*\benv\b[^]*from "(node:)?process"/.test(module.text.slice(node.start, node.end))
  ).map((node) => lineOf(module, node))
]

const oneReaderOfTheEnvironment: Rule = {
  title: "only effect.config.ts reads the environment, or makes a Config",
  breaches: (house) =>
    house.modules.filter(({ file }) =>
      file !== "effect.config.ts" && !mayReadEnvironment.some(([where]) => where.test(file))
    )
      .flatMap((module) => [
        ...readsEnvironment(module).map((line) => `${module.file}:${line}`),
        ...module.imports.filter(({ to, typeOnly }) => to === "effect/Config" && !typeOnly).map(() =>
          `${module.file}: Config`
        )
      ]),
  witness: {
    files: {
      "effect.config.ts": "process.env.X",
      "infra/start.ts": "process.env.X",
      "packages/a/src/A.ts": `const x = process.env.HOME\nconst y = process["env"]["HOME"]\nconst { env } = process`,
      "packages/a/src/B.ts": `import { env } from "node:process"`,
      "packages/a/src/C.ts": `import * as Config from "effect/Config"`,
      "packages/a/src/D.ts": `import type * as Config from "effect/Config"\nimport.meta.env.DEV`
    },
    says: [
      "packages/a/src/A.ts:1",
      "packages/a/src/A.ts:2",
      "packages/a/src/A.ts:3",
      "packages/a/src/B.ts:1",
      "packages/a/src/C.ts: Config"
    ]
  }
}

/** Put together here, so that this page does not break its own rule. */
const folder = (name: string): string => `/${name}/ada/vivim`
const ofAMachine = new RegExp(
  `(?<![\\w.~-])/(?:${["work", "home", "root", "Users"].join("|")})/\\w+|[A-Z]:\\\\+Users\\\\`
)
const registry = /https?:\/\/[^/\s"']*(?:registry|npmjs|artifactory|nexus)[^/\s"']*\//

const noMachine: Rule = {
  title: "no path of a developer's machine and no host of a registry stands in the repository",
  breaches: (house) =>
    [...house.tree].filter(([file]) => !isSample(file)).flatMap(([file, text]) =>
      text.split("\n").flatMap((line, i) => ofAMachine.test(line) || registry.test(line) ? [`${file}:${i + 1}`] : [])
    ),
  witness: {
    files: {
      "infra/a.yml": `from: ${folder("home")}\nto: https://example.com${folder("home")}\n`,
      "packages/a/src/A.ts": `const at = "${
        folder("work")
      }"\nconst url = "http://127.0.0.1/api"\nconst to = "../root/x"`,
      "package-lock.json": `{ "resolved": "https://${"registry"}.example.org/left-pad.tgz" }`,
      "packages/a/samples/a.json": `"${folder("home")}"`
    },
    says: ["infra/a.yml:1", "packages/a/src/A.ts:1", "package-lock.json:1"]
  }
}

const versionsOf = ({ dependencies, devDependencies, optionalDependencies }: PackageJson) =>
  Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })

const doorsOf = (house: House): ReadonlyArray<readonly [string, PackageJson]> => [
  ["package.json", house.root],
  ...house.rooms.map(({ door, folder }) => [`${folder}/package.json`, door] as const)
]

const pinned: Rule = {
  title: "every version is pinned exactly",
  breaches: (house) =>
    doorsOf(house).flatMap(([file, door]) =>
      versionsOf(door).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
        .map(([name, version]) => `${file}: ${name} ${version}`)
    ),
  witness: {
    files: {
      "package.json": `{ "devDependencies": { "effect": "3.22.4", "knip": "^6.0.0" } }`,
      "packages/a/package.json":
        `{ "dependencies": { "b": "*", "c": "1.0.0-beta.17" }, "optionalDependencies": { "d": "~1.0.0" } }`
    },
    says: ["package.json: knip ^6.0.0", "packages/a/package.json: b *", "packages/a/package.json: d ~1.0.0"]
  }
}

export const ground: ReadonlyArray<Rule> = [topLevel, oneReaderOfTheEnvironment, noMachine, pinned]
