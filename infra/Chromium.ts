/**
 * The browser the end-to-end tests drive: found on this machine, or installed.
 *
 * Nothing is downloaded by the tests themselves: a browser comes from the system's own packages, or from CHROME_PATH.
 */
import { execFileSync } from "node:child_process"
import * as path from "node:path"
import { apt, canInstall, firstExecutable, inPath } from "./Program.ts"

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]

/** Where browsers lie on systems that do not put them in PATH. */
const wellKnown = (): ReadonlyArray<string> => {
  if (process.platform === "darwin") {
    return ["", process.env["HOME"] ?? ""].flatMap((home) => [
      `${home}/Applications/Chromium.app/Contents/MacOS/Chromium`,
      `${home}/Applications/Google Chrome.app/Contents/MacOS/Google Chrome`
    ])
  }
  if (process.platform === "win32") {
    return ["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"].flatMap((name) => process.env[name] ?? [])
      .flatMap((folder) =>
        ["Chromium", "Google\\Chrome"].map((at) => path.join(folder, at, "Application", "chrome.exe"))
      )
  }
  return ["/snap/bin/chromium"]
}

/** Ubuntu's `chromium-browser` may be a note that says where to get one, so the program is asked who it is. */
const isBrowser = (file: string): boolean => {
  // On Windows the question would open a window.
  if (process.platform === "win32") return true
  try {
    const answer = execFileSync(file, ["--version"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 30_000
    })
    return /Chrom(e|ium)/.test(answer)
  } catch {
    return false
  }
}

/** The browser on this machine: CHROME_PATH, then PATH, then the places browsers are known to lie. */
export const findChromium = (): string | undefined => {
  const asked = process.env["CHROME_PATH"]
  if (asked !== undefined && asked !== "") {
    const file = firstExecutable([asked])
    if (file === undefined) throw new Error(`CHROME_PATH is ${asked}, which is not a program that can be run.`)
    return file
  }
  return [...names.flatMap(inPath), ...wellKnown()]
    .find((file) => firstExecutable([file]) !== undefined && isBrowser(file))
}

/** The browser on this machine, or the one sentence that says what to do. */
export const chromium = (): string => {
  const found = findChromium()
  if (found !== undefined) return found
  throw new Error("No Chromium found: install `chromium` or `google-chrome`, or set CHROME_PATH to the program.")
}

/** Finds the browser; on Debian and Ubuntu, as root, installs it first if there is none. */
export const ensureChromium = async (): Promise<string> => {
  if (findChromium() === undefined && canInstall()) {
    console.log("Chromium is not here: installing it with apt-get.")
    await apt("update")
    await apt("install", "-y", "--no-install-recommends", "chromium")
  }
  return chromium()
}
