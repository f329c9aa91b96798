/** The switches of sign-in by a provider (OpenID Connect), a part of `effect.config.ts`: the providers an operator names, and how they are asked. */
import * as Config from "effect/Config"
import * as Redacted from "effect/Redacted"
import { KiB, MiB, one, text, times, wholes } from "./SwitchKinds.ts"

/** How providers are asked, whichever they are. */
export const providers = () =>
  Config.all({
    ...times({
      stateMax: ["How long somebody may be away at a provider.", "10 minutes", "1 second", "1 hour"],
      fetchMax: ["How long a provider may take for one answer.", "10 seconds", "100 millis", "1 minute"],
      rememberedMax: ["How long what a provider says of itself is remembered.", "1 hour", "1 second", "1 day"]
    }),
    ...wholes({ answerBytesMax: ["Bytes of one answer of a provider.", 256 * KiB, KiB, 16 * MiB, " bytes"] }),
    private: one("PRIVATE", Config.boolean(), {
      is: "Ask providers on private hosts, other ports and by plain http as well: for one of your own.",
      may: "true or false",
      else: false
    })
  })

/** A provider, by the name its operator gives it in the name of the switch: VIVIM_PROVIDER_GOOGLE_ISSUER. */
export const provider = () => {
  const matching = (form: RegExp) =>
    Config.validate(Config.nonEmptyString(), { message: "not of that form", validation: (is) => form.test(is) })
  return Config.all({
    issuer: one("ISSUER", matching(/^https?:\/\/[^\s?#]+$/), {
      is: "Who the provider is; the star stands for a name of yours, such as GOOGLE.",
      may: "the address of an issuer, such as https://accounts.google.com"
    }),
    clientId: one("CLIENT_ID", matching(/^[\x20-\x7e]{1,512}$/), {
      is: "What the provider calls this node.",
      may: "the client id the provider gave you"
    }),
    clientSecret: one("CLIENT_SECRET", Config.redacted(), {
      is: "By which the provider knows this node, unless it knows it by nothing but its address.",
      may: "a secret",
      else: Redacted.make("")
    }),
    clientSecretFile: text("CLIENT_SECRET_FILE", /^/, {
      is: "A file that holds the secret, instead of the switch.",
      may: "empty, or a file the node may read",
      else: ""
    }),
    label: text("LABEL", /^[^\p{C}]{0,64}$/u, {
      is: "What people call the provider; its host, unless you say so.",
      may: "up to 64 characters",
      else: ""
    }),
    scopes: text("SCOPES", /^openid( [\x21\x23-\x5b\x5d-\x7e]+)*$/, {
      is: "What the provider is asked for; with \"openid email\" people see which of their addresses is linked.",
      may: "openid, and other scopes after it, parted by spaces",
      else: "openid"
    })
  })
}
