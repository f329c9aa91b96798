/** One process at a time: a folder that can be made only once, with the number of the process that made it. */
import * as fs from "node:fs"
import * as path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { root } from "./Program.ts"

const locks = path.join(root, "node_modules", ".cache", "vivim")
const pollMs = 100
/** A maker that died between making the folder and writing its number leaves it empty for longer than this. */
const unsignedMs = 5_000

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

/** Whoever made the lock is gone, and will not take it away. */
const isAbandoned = (lock: string): boolean => {
  try {
    const signed = path.join(lock, "pid")
    if (fs.existsSync(signed)) return !isAlive(Number(fs.readFileSync(signed, "utf8")))
    return Date.now() - fs.statSync(lock).mtimeMs > unsignedMs
  } catch {
    // Taken away while it was looked at: the next try will tell.
    return false
  }
}

const take = (lock: string): boolean => {
  try {
    fs.mkdirSync(lock)
    fs.writeFileSync(path.join(lock, "pid"), String(process.pid))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false
    throw error
  }
}

/** Renamed first, so that of several who find it abandoned only one takes it away. */
const clear = (lock: string): void => {
  const aside = `${lock}.${process.pid}`
  try {
    fs.renameSync(lock, aside)
    fs.rmSync(aside, { recursive: true, force: true })
  } catch {
    // Another was faster.
  }
}

/** Waits for the lock of this name, does the work, and gives it back however the work ended. */
export const locked = async <A>(name: string, work: () => Promise<A>): Promise<A> => {
  fs.mkdirSync(locks, { recursive: true })
  const lock = path.join(locks, `${name}.lock`)
  while (!take(lock)) {
    if (isAbandoned(lock)) clear(lock)
    else await sleep(pollMs)
  }
  try {
    return await work()
  } finally {
    fs.rmSync(lock, { recursive: true, force: true })
  }
}
