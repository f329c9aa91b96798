#!/usr/bin/env node
/** The `vivim` command: the built command line when there is one, else its sources through tsx. */
import { existsSync } from "node:fs"

const built = new URL("../dist/vivim.js", import.meta.url)

if (existsSync(built)) await import(built.href)
else {
  const { register } = await import("tsx/esm/api")
  register()
  await import(new URL("../src/vivim.ts", import.meta.url).href)
}
