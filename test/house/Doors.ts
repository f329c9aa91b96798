/** The rules about doors: who may lean on whom, and how one comes in. */
import { isBuiltin } from "node:module"
import * as path from "node:path"
import { door, type House, isTest, type Room } from "./House.ts"
import type { Import, Module } from "./Module.ts"
import type { Rule } from "./Rule.ts"

const packageOf = (to: string): string => to.split("/").slice(0, to.startsWith("@") ? 2 : 1).join("/")
const isRelative = (to: string): boolean => to.startsWith(".")
/** What a bundler makes up has no package: `virtual:pwa-register`. */
const isPackage = (to: string): boolean => !isRelative(to) && !isBuiltin(to) && !to.startsWith("virtual:")

const roomOf = (house: House, name: string): Room | undefined => house.rooms.find((room) => room.door.name === name)

const everyImport = (modules: ReadonlyArray<Module>): ReadonlyArray<readonly [Module, Import]> =>
  modules.flatMap((module) => module.imports.map((one) => [module, one] as const))

const importsGoDown: Rule = {
  title: "imports go down: a room leans only on lower floors, also for a type",
  breaches: (house) =>
    house.rooms.flatMap(({ door, folder, modules }) => {
      if (door.floor === undefined) return [`${folder}/package.json has no vivim.floor`]
      const floor = door.floor
      const named = Object.keys({ ...door.dependencies, ...door.devDependencies })
        .map((name) => [`${folder}/package.json`, name] as const)
      const imported = everyImport(modules).map(([module, { to }]) => [module.file, packageOf(to)] as const)
      return [...named, ...imported].flatMap(([file, name]) => {
        const above = name === door.name ? undefined : roomOf(house, name)?.door.floor
        return above !== undefined && above >= floor ? [`${file} (${floor}) -> ${name} (${above})`] : []
      })
    }),
  witness: {
    files: {
      "packages/low/package.json": door("@vivim/low", 1),
      "packages/low/src/Low.ts": `import type { High } from "@vivim/high/High"`,
      "packages/high/package.json": door("@vivim/high", 2, ["@vivim/low"]),
      "packages/side/package.json": door("@vivim/side", 2, ["@vivim/high"]),
      "packages/none/package.json": `{ "name": "@vivim/none" }`
    },
    says: [
      "packages/low/src/Low.ts (1) -> @vivim/high (2)",
      "packages/side/package.json (2) -> @vivim/high (2)",
      "packages/none/package.json has no vivim.floor"
    ]
  }
}

/** The tools stand in the root's list, once for all rooms: the runners of tests, and what runs a program from its sources. */
const isToolOf = (file: string, name: string): boolean =>
  isAside(file) ? ["vitest", "@effect/vitest"].includes(name) : file.includes("/bin/") && name === "tsx"
const isAside = (file: string): boolean => isTest(file) || file.startsWith("test/") || file.endsWith(".config.ts")

const mayImport = (house: House, room: Room, module: Module, { to, typeOnly }: Import): boolean => {
  const name = packageOf(to)
  if (name in room.door.dependencies || name in room.door.optionalDependencies || name === room.door.name) return true
  if (typeOnly && `@types/${name.replace("@", "").replace("/", "__")}` in room.door.devDependencies) return true
  if (isToolOf(module.file, name)) return name in house.root.devDependencies
  return isAside(module.file) && name in room.door.devDependencies
}

const declares: Rule = {
  title: "a room declares what it imports; what is only for development is only for tests",
  breaches: (house) => [
    ...house.rooms.flatMap((room) =>
      everyImport(room.modules).filter(([module, one]) => isPackage(one.to) && !mayImport(house, room, module, one))
        .map(([module, { to }]) => `${module.file} -> ${to}`)
    ),
    // The tools and effect.config.ts live under the root's own package.json, and see every room of its workspaces.
    ...everyImport(house.modules.filter(({ file }) => file.startsWith("infra/") || !file.includes("/")))
      .filter(([, { to }]) => isPackage(to))
      .filter(([, { to }]) =>
        !(packageOf(to) in house.root.devDependencies) && roomOf(house, packageOf(to)) === undefined
      )
      .map(([module, { to }]) => `${module.file} -> ${to}`)
  ],
  witness: {
    files: {
      "package.json": `{ "devDependencies": { "vitest": "1.0.0", "esbuild": "1.0.0" } }`,
      "infra/start.ts": `import "esbuild"\nimport "@vivim/a/A"\nawait import("vite")`,
      "packages/a/package.json": JSON.stringify({
        name: "@vivim/a",
        dependencies: { effect: "1.0.0" },
        devDependencies: { "@types/pg": "1.0.0", chai: "1.0.0" }
      }),
      "packages/a/src/A.ts":
        `import "effect/Effect"\nimport "node:fs"\nimport type { Pool } from "pg"\nimport "pg"\nimport "chai"`,
      "packages/a/src/A.test.ts": `import "chai"\nimport "vitest"\nexport * from "sinon"`
    },
    says: [
      "packages/a/src/A.ts -> pg",
      "packages/a/src/A.ts -> chai",
      "packages/a/src/A.test.ts -> sinon",
      "infra/start.ts -> vite"
    ]
  }
}

/** Where one may go without a door: the page of switches is for those who start a node, the tools' finders for tests. */
const mayReach = (from: string, to: string): boolean =>
  (to === "effect.config.ts" && /^(apps|test|infra)\//.test(from)) ||
  (to.startsWith("infra/") && from.startsWith("test/")) ||
  // The kinds of switches and some chapters of them stand beside the tool that prints them.
  (/^infra\/(SwitchKinds|AccessSwitches|ProviderSwitches)\.ts$/.test(to) && from === "effect.config.ts")

const throughWalls: Rule = {
  title: "nobody reaches through a wall by a relative path",
  breaches: (house) =>
    everyImport(house.modules).filter(([, { to }]) => isRelative(to)).flatMap(([{ file }, { to }]) => {
      const target = path.posix.join(path.posix.dirname(file), to)
      const home = house.rooms.find(({ folder }) => file.startsWith(`${folder}/`))?.folder ?? path.posix.dirname(file)
      return target.startsWith(`${home}/`) || mayReach(file, target) ? [] : [`${file} -> ${to}`]
    }),
  witness: {
    files: {
      "packages/a/package.json": door("@vivim/a", 1),
      "packages/a/src/A.ts": `import "./B.ts"\nimport "../../b/src/B.ts"\nimport "../../../effect.config.ts"`,
      "test/package.json": door("@vivim/test", 9),
      "test/e2e/a.test.ts":
        `import "../../infra/Chromium.ts"\nimport "../../effect.config.ts"\nimport "../../packages/a/src/A.ts"`,
      "infra/env.ts": `import "../effect.config.ts"\nimport "../packages/a/src/A.ts"`
    },
    says: [
      "packages/a/src/A.ts -> ../../b/src/B.ts",
      "packages/a/src/A.ts -> ../../../effect.config.ts",
      "test/e2e/a.test.ts -> ../../packages/a/src/A.ts",
      "infra/env.ts -> ../packages/a/src/A.ts"
    ]
  }
}

/** The file a module means, where that is a file of the house. */
const targetOf = (house: House, from: string, to: string): Module | undefined => {
  const room = isRelative(to) ? undefined : roomOf(house, packageOf(to))
  const inside = to.slice(packageOf(to).length + 1)
  const at = isRelative(to)
    ? path.posix.join(path.posix.dirname(from), to)
    : room === undefined
    ? ""
    : `${room.folder}/${room.folder.startsWith("packages/") ? "src/" : ""}${inside}.ts`
  return house.modules.find(({ file }) => file === at)
}

const browserKnowsNoNode: Rule = {
  title: "what the browser loads knows nothing of Node",
  breaches: (house) => {
    const seen = new Set<Module>()
    const visit = (module: Module): void => {
      if (seen.has(module)) return
      seen.add(module)
      for (const { to, typeOnly } of module.imports) {
        const target = typeOnly ? undefined : targetOf(house, module.file, to)
        if (target !== undefined) visit(target)
      }
    }
    house.modules.filter(({ file }) => file.startsWith("apps/web/src/") && !isTest(file)).forEach(visit)
    return everyImport([...seen]).filter(([, { to, typeOnly }]) => !typeOnly && isBuiltin(to))
      .map(([{ file }, { to }]) => `${file} -> ${to}`)
  },
  witness: {
    files: {
      "apps/web/package.json": door("@vivim/web", 5, ["@vivim/a"]),
      "apps/web/src/main.tsx": `import "@vivim/a/A"\nimport type { T } from "@vivim/a/Server"`,
      "packages/a/package.json": door("@vivim/a", 1),
      "packages/a/src/A.ts": `import "./B.ts"`,
      "packages/a/src/B.ts": `import * as fs from "node:fs"`,
      "packages/a/src/Server.ts": `import * as http from "node:http"`
    },
    says: ["packages/a/src/B.ts -> node:fs"]
  }
}

export const doors: ReadonlyArray<Rule> = [importsGoDown, declares, throughWalls, browserKnowsNoNode]
