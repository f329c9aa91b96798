/** Where a command writes a file it makes: the place is looked at before anything is asked of the node. */
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { refused } from "./Ended.ts"

export const placeFor = (given: string, force: boolean) =>
  Effect.suspend(() => {
    const at = path.resolve(given)
    const stat = fs.statSync(at, { throwIfNoEntry: false })
    if (stat?.isDirectory() === true) return refused(`${at} is a folder: name a file in it.`)
    if (stat !== undefined && !force) return refused(`${at} is there already: name another file, or say --force.`)
    return fs.existsSync(path.dirname(at)) ? Effect.succeed(at) : refused(`There is no folder ${path.dirname(at)}.`)
  })
