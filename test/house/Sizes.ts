/** The rules about sizes: what one reads at once fits on a page or two. */
import { isTest } from "./House.ts"
import { lineOf, type Module, type Node, nodesOf } from "./Module.ts"
import type { Rule } from "./Rule.ts"

const linesMax = { file: 300, function: 70, readme: 150 }
const exportsMax = 12

const linesOf = (text: string): number => text.replace(/\n$/, "").split("\n").length

const files: Rule = {
  title: `no file is longer than ${linesMax.file} lines`,
  breaches: (house) =>
    house.modules.filter(({ text }) => linesOf(text) > linesMax.file).map(({ file, text }) =>
      `${file}: ${linesOf(text)}`
    ),
  witness: {
    files: {
      "packages/a/src/Long.tsx": "x = 1\n".repeat(301),
      "packages/a/src/Short.ts": "x = 1\n".repeat(300)
    },
    says: ["packages/a/src/Long.tsx: 301"]
  }
}

const kinds = ["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]
const functionsOf = (module: Module): ReadonlyArray<Node> =>
  kinds.flatMap((kind) => nodesOf(module, kind))
    .filter((node) => node["body"] !== null)

const functions: Rule = {
  title: `no function is longer than ${linesMax.function} lines`,
  breaches: (house) =>
    // A `describe` is a chapter, not a function; the laws of test/ are made of such.
    house.modules.filter(({ file }) => !isTest(file) && !file.startsWith("test/")).flatMap((module) =>
      functionsOf(module).flatMap((node) => {
        const lines = linesOf(module.text.slice(node.start, node.end))
        return lines > linesMax.function ? [`${module.file}:${lineOf(module, node)} ${lines} lines`] : []
      })
    ),
  witness: {
    files: {
      "packages/a/src/A.tsx": `const A = () => {\n${"  x()\n".repeat(69)}}\n`,
      "packages/a/src/B.ts": `const x = 1\nconst b = Effect.gen(function*() {\n${"  x()\n".repeat(68)}})\n`
    },
    says: ["packages/a/src/A.tsx:1 71 lines"]
  }
}

const exports: Rule = {
  title: `no file exports more than ${exportsMax} names, vocabularies excepted`,
  breaches: (house) =>
    // What the house is spoken in: the nouns, and all that can happen to one kind of actor.
    house.modules.filter(({ file }) => !/^event-schemas\/(ids|[a-z-]+\/index)\.ts$/.test(file))
      .filter((module) => module.exports.length > exportsMax)
      .map((module) => `${module.file}: ${module.exports.length}`),
  witness: {
    files: {
      "event-schemas/tea/index.ts": Array.from({ length: 13 }, (_, i) => `export const t${i} = 1`).join("\n"),
      "packages/a/src/A.ts": Array.from({ length: 13 }, (_, i) => `export const t${i} = 1`).join("\n"),
      "packages/a/src/B.ts": Array.from({ length: 12 }, (_, i) => `export const T${i} = 1; export type T${i} = 1`).join(
        "\n"
      )
    },
    says: ["packages/a/src/A.ts: 13"]
  }
}

const readme: Rule = {
  title: `the map of the house, README.md, has at most ${linesMax.readme} lines`,
  breaches: (house) => {
    const lines = linesOf(house.tree.get("README.md") ?? "")
    return lines > linesMax.readme ? [`README.md: ${lines}`] : []
  },
  witness: { files: { "README.md": "word\n".repeat(151) }, says: ["README.md: 151"] }
}

export const sizes: ReadonlyArray<Rule> = [files, functions, exports, readme]
