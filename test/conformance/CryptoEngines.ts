/** The engines that run on Node, and where the vectors lie: beside the project, not in it. */
import * as BrowserCryptoSuite from "@vivim/crypto/BrowserCryptoSuite"
import type { Engine } from "@vivim/crypto/Engine"
import * as NodeCryptoSuite from "@vivim/crypto/NodeCryptoSuite"
import type { Randomness } from "@vivim/crypto/Randomness"
import * as ReferenceCryptoSuite from "@vivim/crypto/ReferenceCryptoSuite"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as path from "node:path"

/** The browser's engine uses the Web Crypto API of Node here; of a browser, in test/e2e. */
export const engines: Readonly<Record<string, (randomBytes: Randomness) => Effect.Effect<Engine>>> = {
  node: (randomBytes) => Effect.sync(() => NodeCryptoSuite.engine(randomBytes, "given")),
  reference: (randomBytes) => Effect.sync(() => ReferenceCryptoSuite.engine(randomBytes)),
  browser: (randomBytes) => BrowserCryptoSuite.engine(randomBytes, globalThis.crypto.subtle)
}

const vectors = path.resolve(import.meta.dirname, "../../../shared/vectors")

export const hasVectors: boolean = fs.existsSync(vectors)

export const vectorFile = (file: string): string => path.join(vectors, file)

export const readVectors = (file: string): unknown => JSON.parse(fs.readFileSync(vectorFile(file), "utf8"))
