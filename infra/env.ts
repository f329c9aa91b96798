/** `npm run env`: prints effect.config.ts into infra/.env.example. */
import * as fs from "node:fs"
import * as path from "node:path"
import { NodeConfig } from "../effect.config.ts"
import { printSwitches, switchesOf } from "./Switches.ts"

const switches = switchesOf(NodeConfig)
fs.writeFileSync(path.join(import.meta.dirname, ".env.example"), printSwitches(switches))
console.log(`infra/.env.example holds ${switches.length} switches.`)
