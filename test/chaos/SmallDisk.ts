/** A disk that can be filled to the last page and given room again: memory, mounted with a size. */
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { atExit } from "../e2e/AtExit.ts"

export interface SmallDisk {
  readonly folder: string
  /** Bytes left. */
  readonly free: () => number
  /** Leaves so many bytes, or none. */
  readonly fill: (leave?: number) => void
  readonly makeRoom: () => void
  readonly unmount: () => void
}

const mount = (megabytes: number): SmallDisk | null => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-disk-"))
  const options = `size=${megabytes}m,mode=0755`
  if (spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]).status !== 0) {
    fs.rmdirSync(folder)
    return null
  }
  const ballast = path.join(folder, "ballast")
  const free = () => {
    const { bavail, bsize } = fs.statfsSync(folder)
    return bavail * bsize
  }
  const unmount = () => {
    spawnSync("umount", ["--lazy", folder])
    fs.rmSync(folder, { recursive: true, force: true })
  }
  atExit(unmount)
  return {
    folder,
    free,
    fill: (leave = 0) => {
      const page = Buffer.alloc(4_096, 1)
      const block = Buffer.alloc(1_048_576, 1)
      const file = fs.openSync(ballast, "a")
      try {
        while (free() > leave + block.length) fs.writeSync(file, block)
        while (free() > leave) fs.writeSync(file, page)
      } catch (error) {
        // Somebody else took the last page.
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error
      } finally {
        fs.closeSync(file)
      }
    },
    makeRoom: () => fs.rmSync(ballast, { force: true }),
    unmount
  }
}

/** A disk of so many megabytes; null where this machine lets nobody mount one. */
export const smallDisk = (megabytes: number): SmallDisk | null => process.platform === "linux" ? mount(megabytes) : null
