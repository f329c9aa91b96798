/**
 * Browsers by the names people know them by.
 *
 * G1  A browser is named with its system; what neither is known of is shown as it calls itself, cut short.
 */
const browsers: ReadonlyArray<readonly [RegExp, string]> = [
  [/Edg(?:e|A|iOS)?\//, "Edge"],
  [/OPR\/|Opera/, "Opera"],
  [/SamsungBrowser/, "Samsung Internet"],
  [/Firefox\/|FxiOS/, "Firefox"],
  [/Chrom(?:e|ium)\/|CriOS|HeadlessChrome/, "Chrome"],
  [/Safari\//, "Safari"],
  [/^node\b|^undici/i, "A program"],
  [/^curl\//, "curl"]
]

const systems: ReadonlyArray<readonly [RegExp, string]> = [
  [/iPhone|iPod/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/CrOS/, "ChromeOS"],
  [/Windows/, "Windows"],
  [/Mac OS X|Macintosh/, "macOS"],
  [/Linux/, "Linux"]
]

const lengthMax = 40

const named = (names: ReadonlyArray<readonly [RegExp, string]>, agent: string): string | undefined =>
  names.find(([pattern]) => pattern.test(agent))?.[1]

export const agentName = (agent: string): string => {
  const browser = named(browsers, agent)
  const system = named(systems, agent)
  if (browser !== undefined) return system === undefined ? browser : `${browser} on ${system}`
  if (system !== undefined) return `A browser on ${system}`
  return agent === "" ? "Unknown program" : agent.slice(0, lengthMax)
}

/** Whether it is held in the hand. */
export const isHandheld = (agent: string): boolean => /iPhone|iPod|iPad|Android/.test(agent)
