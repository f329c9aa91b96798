/** The inspector: the house holds its rules, and each rule can be broken. */
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { doors } from "./Doors.ts"
import { ground } from "./Ground.ts"
import { houseOf, plant, readInstalled, readTree } from "./House.ts"
import { licences } from "./Licences.ts"
import { names } from "./Names.ts"
import { promises } from "./Promises.ts"
import { sizes } from "./Sizes.ts"

const root = path.resolve(import.meta.dirname, "../..")
const tree = readTree(root)
const house = houseOf(tree, readInstalled(root, tree))
const rules = [...doors, ...names, ...sizes, ...promises, ...ground, licences]

describe("the house", () => {
  for (const { breaches, title } of rules) {
    it(title, () => assert.deepStrictEqual(breaches(house), []))
  }
})

describe("a witness breaks the rule", () => {
  for (const { breaches, title, witness } of rules) {
    it(title, () => assert.deepStrictEqual(breaches(plant(witness.files)), witness.says))
  }
})
