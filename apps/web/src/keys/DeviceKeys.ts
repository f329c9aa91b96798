/** The keys of this browser as one device of an account: made, laid down, and made ready for use. */
import * as BrowserCryptoSuite from "@vivim/crypto/BrowserCryptoSuite"
import { CryptoSuite, type KemKey, type Secret, type Signer } from "@vivim/crypto/CryptoSuite"
import * as DidKey from "@vivim/crypto/DidKey"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { Account } from "../session/Session.ts"
import * as KeyStore from "./KeyStore.ts"
import { base64url, fromBase64url, run } from "./Suite.ts"

/** A device, ready for use. */
export interface Device {
  readonly deviceId: string
  readonly signer: Signer
  readonly kem: KemKey
  /** Signs operations: of this chain of keys each signs once. */
  readonly rotation: (n: number) => Promise<Signer>
}

/** A device that is nowhere but in this page's memory yet. */
export interface NewDevice extends Device {
  /** Lays its keys down in this browser. */
  readonly keep: (
    account: Account,
    more: { readonly master: Secret | null; readonly kitWrap: Uint8Array | null }
  ) => Promise<void>
}

const utf8 = new TextEncoder()
const seed = Effect.flatMap(CryptoSuite, ({ randomBytes }) => Effect.map(randomBytes(32), Redacted.make))
const signerOf = (seed: Secret) => run(Effect.flatMap(CryptoSuite, (suite) => suite.signerOf(seed)))
const kemOf = (seed: Secret) => run(Effect.flatMap(CryptoSuite, (suite) => suite.kemKeyOf(seed)))
const text = (secret: Secret) => base64url(Redacted.value(secret))
const secret = (text: string): Secret => Redacted.make(fromBase64url(text))

const rotationOf = (root: Secret) => async (n: number): Promise<Signer> =>
  await signerOf(
    Redacted.make(
      await run(Effect.flatMap(CryptoSuite, ({ hkdf }) =>
        hkdf({
          key: Redacted.value(root),
          salt: utf8.encode("vivim/rotation/1"),
          info: utf8.encode(String(n)),
          length: 32
        })))
    )
  )

export const deviceIdOf = (publicKey: Uint8Array): string => DidKey.fromEd25519(publicKey).slice("did:key:".length)

export const make = async (): Promise<NewDevice> => {
  const held = Option.getOrNull(await run(BrowserCryptoSuite.newDeviceKeys))
  const [signing, root, kemSeed] = [await run(seed), await run(seed), await run(seed)]
  const signer = held === null ? await signerOf(signing) : await run(BrowserCryptoSuite.deviceSigner(held))
  return {
    deviceId: deviceIdOf(signer.publicKey),
    signer,
    kem: await kemOf(kemSeed),
    rotation: rotationOf(root),
    keep: async (account, { kitWrap, master }) => {
      KeyStore.enter(account.userId)
      const sealing = await KeyStore.newSealing()
      const secrets: KeyStore.Secrets = {
        signing: held === null ? text(signing) : null,
        rotation: text(root),
        kem: text(kemSeed),
        master: master === null ? null : text(master)
      }
      await KeyStore.keep({
        account,
        signing: held,
        sealing,
        sealed: await KeyStore.seal(sealing, secrets),
        kitWrap: kitWrap === null ? null : base64url(kitWrap),
        session: null
      })
    }
  }
}

/** The device whose keys lie in this browser. */
export const load = async (kept: KeyStore.Kept): Promise<Device & { readonly master: Secret | null }> => {
  const secrets = await KeyStore.unseal(kept)
  const signer = kept.signing === null
    ? await signerOf(secret(secrets.signing!))
    : await run(BrowserCryptoSuite.deviceSigner(kept.signing))
  return {
    deviceId: kept.account.deviceId,
    signer,
    kem: await kemOf(secret(secrets.kem)),
    rotation: rotationOf(secret(secrets.rotation)),
    master: secrets.master === null ? null : secret(secrets.master)
  }
}

/** The node keeps the master key sealed to this device: here it need not lie any longer. */
export const forgetMaster = (userId: string): Promise<void> =>
  KeyStore.change(async (kept) => {
    const secrets = await KeyStore.unseal(kept)
    return { ...kept, sealed: await KeyStore.seal(kept.sealing, { ...secrets, master: null }), kitWrap: null }
  }, userId)
