/**
 * The switches of access, a part of `effect.config.ts`: what the doors take, who may come in and how they show it, how much they may ask for,
 * and how long their keys stay.
 */
import * as Config from "effect/Config"
import { buckets, KiB, MiB, text, times, wholes } from "./SwitchKinds.ts"

/** What the doors take. */
export const door = () =>
  Config.all({
    ...wholes({
      proxies: ["Proxies of your own before the node: so many entries of X-Forwarded-For are believed.", 0, 0, 8],
      bodyBytesMax: ["Bytes of one REST request, uploads aside.", 16 * MiB, KiB, 256 * MiB, " bytes"]
    }),
    origins: text("ORIGINS", /^$|^https?:\/\/[^\s,]+(,https?:\/\/[^\s,]+)*$/, {
      is: "Pages of other origins that may use the node (CORS); unless named here, none may.",
      may: "empty, or origins parted by commas, such as https://app.example",
      else: ""
    }),
    ...times({ heardOutMax: ["How long a refused upload may go on talking.", "30 seconds", "0 seconds", "10 minutes"] })
  })

/** Accounts with an identity of their own, and DIDs of others. */
export const identity = () =>
  Config.all({
    ...times({
      skewMax: ["How far the time of a signed operation may be from the node's.", "5 minutes", "1 second", "1 hour"],
      claimMax: [
        "How long a handle is held for an account that is about to be opened.",
        "1 hour",
        "1 minute",
        "7 days"
      ],
      rememberedMax: ["How long what a DID resolves to is remembered.", "10 minutes", "1 second", "1 day"],
      refusedMax: ["How long it is remembered that a DID does not resolve.", "1 minute", "1 second", "1 day"],
      fetchMax: ["How long another node may take to show its DID document.", "10 seconds", "100 millis", "1 minute"]
    }),
    ...wholes({
      logBytesMax: [
        "Bytes of what opens an account, which may bring its log from another node.",
        2 * MiB,
        32 * KiB,
        32 * MiB
      ],
      forksMax: ["Second successors of operations kept as evidence, of one account.", 16, 1, 1_000],
      resolvedMax: ["DIDs whose documents are remembered.", 10_000, 1, 1_000_000],
      documentBytesMax: ["Bytes of another node's DID document.", 256 * KiB, KiB, 16 * MiB, " bytes"],
      redirectsMax: ["Redirects that are followed to another node's DID document.", 3, 0, 20]
    })
  })

/** Capabilities: what others may do with what is theirs who let them. */
export const capability = () =>
  Config.all({
    ...wholes({
      textMax: ["Characters of a chain of capabilities, and of one use of it.", 16 * KiB, KiB, 64 * KiB],
      stepsMax: ["Steps of the policy language for one use.", 10_000, 100, 1_000_000],
      rememberedMax: ["Chains of capabilities whose signatures are remembered.", 4_096, 1, 1_000_000]
    }),
    ...times({ useLifeMax: ["How long before its end a use may be signed.", "60 seconds", "1 second", "2 minutes"] })
  })

/** Sessions and the tokens that carry them. */
export const session = () =>
  Config.all(times({
    accessMax: ["How long an access token lasts.", "10 minutes", "10 seconds", "10 minutes"],
    idleMax: ["A session that is not refreshed for so long is over.", "30 days", "1 minute", "365 days"],
    lifeMax: ["How long a session lasts in any case.", "180 days", "1 minute", "1000 days"],
    challengeMax: ["How long a challenge can be answered.", "60 seconds", "1 second", "60 seconds"],
    proofMax: ["How old a proof of a client's key may be.", "60 seconds", "1 second", "5 minutes"],
    graceMax: ["How long a client may ask again for the same refresh.", "10 seconds", "0 seconds", "1 minute"],
    freshMax: ["How long a session is believed without another look.", "30 seconds", "0 seconds", "5 minutes"],
    stepUpMax: ["How long who showed themselves may do what cannot be undone.", "10 minutes", "1 second", "1 hour"]
  }))

/** How much one account, device or network may ask for. */
export const limit = () =>
  buckets({
    challenge: ["Challenges to one network", 30, 6],
    token: ["Tries to show who one is", 30, 6],
    refresh: ["Refreshes of one session, or from one network", 60, 30],
    signUp: ["Accounts opened from one network", 5, 1],
    import: ["Files of one account handed over for import", 60, 10],
    export: ["Exports of one account", 6, 1],
    search: ["Searches of one account", 300, 300],
    default: ["Other calls of one account, device or network", 3_000, 1_200]
  })

/** Users' own keys, while they are here. */
export const vault = () =>
  Config.all({
    ...times({
      idleMax: ["A vault nobody used for so long is locked.", "30 minutes", "1 second", "7 days"],
      sessionsEvery: [
        "How often it is looked whether who is unlocked is still signed in.",
        "20 seconds",
        "1 second",
        "1 hour"
      ],
      vacuumEvery: ["How long a destroyed key may lie in a dead row.", "1 minute", "1 second", "7 days"]
    }),
    ...wholes({
      rekeyPieceMax: ["Keys wrapped anew in one piece when a store key is replaced.", 1_000, 1, 10_000]
    })
  })
