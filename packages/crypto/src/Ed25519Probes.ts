/**
 * Signatures on which verifiers in the field differ, with the verdict of the strict profile: what a platform's Ed25519 is asked
 * before it is trusted. All are over the word "vivim" by one key.
 */
import { hexToBytes } from "@noble/hashes/utils.js"
import { utf8 } from "./Bytes.ts"

/** A signature, and whether the strict profile lets it pass. */
export interface Probe {
  readonly publicKey: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
  readonly good: boolean
}

const publicKey = hexToBytes("d8c2b72b8e6f88ab0b9f323d4814d387069045f86bd92b9f1076bce5ed2b3226")

const probe = (good: boolean, r: string, s: string): Probe => ({
  publicKey,
  message: utf8("vivim"),
  signature: hexToBytes(r + s),
  good
})

export const probes: ReadonlyArray<Probe> = [
  probe(
    true,
    "aa6df914f7a0f04e7f852adf459873f17dba5b1671ea62e82cc10ed6aecc489c",
    "8ee4fcb7ea506fe981e8d0057aec0a0c7a533b715bb8ec0d1c9cd3d052e3eb0e"
  ),
  // R has a part of order 8: good under the cofactored equation.
  probe(
    false,
    "4c09ae0bb152ce1900464b0c9307316e1f761f80aaf20226936f0aa6a0bd49e4",
    "50ee728237ed4b1d256c3eaffc608eec4f2946e21c5865dbf8907ac589c86a09"
  ),
  // R is the neutral element in its canonical spelling, then with the sign of x = 0 set, then with y + p.
  probe(
    true,
    "0100000000000000000000000000000000000000000000000000000000000000",
    "4de20cdb05725e610374aa276ebe72b09cba57ae9b9503d3e5e9d243ae0bb902"
  ),
  probe(
    false,
    "0100000000000000000000000000000000000000000000000000000000000080",
    "b49f471def4c335ab6545c56460c11dbe86bffd2582974b51cfd595367452308"
  ),
  probe(
    false,
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "82d93b953262adef1a286843455bcf1580738a54d84fc40605d42f5b1ac2d004"
  )
]
