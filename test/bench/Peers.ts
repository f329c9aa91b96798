/**
 * Peers from the npm registry, pinned, fetched when a bench first needs them: nobody who only runs or tests VIVIM installs them.
 * They lie in the system's folder for temporary files and are used again.
 */
import * as fs from "node:fs"
import { createRequire } from "node:module"
import * as os from "node:os"
import * as path from "node:path"
import { pathToFileURL } from "node:url"
import { run } from "../../infra/Program.ts"

const pinned = {
  emmett: { "@event-driven-io/emmett": "0.42.0", "@event-driven-io/emmett-postgresql": "0.42.0" }
} as const

export type Peer = keyof typeof pinned

/** Imports a package of a peer, fetching it first if need be. */
export const peer = async (name: Peer, specifier: string): Promise<any> => {
  const packages = Object.entries(pinned[name]).map(([one, version]) => `${one}@${version}`)
  const folder = path.join(os.tmpdir(), `vivim-bench-${packages.join("+").replace(/[^\w.+-]+/g, "-")}`)
  if (!fs.existsSync(path.join(folder, "whole"))) {
    fs.mkdirSync(folder, { recursive: true })
    const args = ["install", "--prefix", folder, "--no-audit", "--no-fund", "--save-exact", ...packages]
    const { code, output } = await run("npm", args, { output: "keep", cwd: folder })
    if (code !== 0) throw new Error(`${packages.join(", ")} could not be fetched:\n${output}`)
    fs.writeFileSync(path.join(folder, "whole"), "")
  }
  return import(pathToFileURL(createRequire(path.join(folder, "package.json")).resolve(specifier)).href)
}
