/** What brings an account back when no device is left: chosen before the account is opened, each way said in a sentence with what it costs. */
import { createSignal, For, type JSX } from "solid-js"
import { Answers, Button } from "../ui/Button.tsx"
import { Problem } from "../ui/Problem.tsx"
import type { WayBack } from "./Keys.ts"

interface Way {
  readonly id: WayBack
  readonly name: string
  readonly what: () => JSX.Element
  readonly action: string
}

const ways: ReadonlyArray<Way> = [
  {
    id: "kit",
    name: "A kit on paper",
    what: () => "Fourteen groups of letters to print or save: it works anywhere, for you and for whoever finds it.",
    action: "Make the kit"
  },
  {
    id: "passkey",
    name: "A passkey",
    what: () => (
      <>
        Your phone, computer or security key keeps it and asks for your finger, face or PIN: it works at{" "}
        <strong class="break-words text-ink">{location.hostname}</strong>{" "}
        only, and if your passkeys are synchronised, whoever gets into the account that does it has this one too.
      </>
    ),
    action: "Make the passkey"
  }
]

interface WayBackChoiceProps {
  readonly busy: boolean
  readonly problem: string | undefined
  readonly onChosen: (way: WayBack) => void
}

export const WayBackChoice = (props: WayBackChoiceProps) => {
  const [chosen, setChosen] = createSignal(ways[0]!)
  return (
    <>
      <p class="mt-2 text-ink-soft">
        If you lose all your devices, this alone brings the account back: nobody, not even who runs this node, can open
        it for you.
      </p>
      <fieldset class="mt-5 space-y-3" disabled={props.busy}>
        <legend class="sr-only">Your way back</legend>
        <For each={ways}>
          {(way) => (
            <label
              aria-label={way.name}
              class="flex cursor-pointer gap-3 rounded-lg border border-line p-4 has-checked:border-accent has-checked:bg-accent-wash has-focus-visible:outline-2 has-focus-visible:outline-accent"
            >
              <input
                type="radio"
                name="way-back"
                class="mt-1 size-4 shrink-0 accent-accent"
                aria-describedby={`way-back-${way.id}`}
                checked={chosen() === way}
                onChange={() => setChosen(way)}
              />
              <span class="min-w-0">
                <span class="block font-semibold">{way.name}</span>
                <span id={`way-back-${way.id}`} class="block text-sm text-ink-soft">{way.what()}</span>
              </span>
            </label>
          )}
        </For>
      </fieldset>
      <p class="mt-4 text-sm text-ink-soft">
        A second device keeps it from coming to that: let it in under Settings, Devices, once you are in. It does not
        stand here alone, for it cannot undo what somebody does with a device they stole.
      </p>
      <Problem problem={props.problem} />
      <Answers>
        <Button kind="primary" busy={props.busy} onClick={() => props.onChosen(chosen().id)}>{chosen().action}</Button>
      </Answers>
    </>
  )
}

interface PasskeyMadeProps {
  readonly handle: string
  readonly busy: boolean
  readonly problem: string | undefined
  readonly onPrint: () => void
  readonly onKept: () => void
}

/** A passkey was made and asked back. What it cannot do its kit on paper can, which is one and the same. */
export const PasskeyMade = (props: PasskeyMadeProps) => (
  <>
    <p class="mt-2 text-ink-soft">
      It was asked back, and gave the same keys again: whenever no device is left it brings @{props.handle} back at{" "}
      <strong class="break-words text-ink">{location.hostname}</strong>. It does not sign in.
    </p>
    <p class="mt-3 text-ink-soft">
      At any other address it opens nothing. Should this node go, or you move to another, its kit on paper works there:
      print it as well, if that may happen to you.
    </p>
    <Problem problem={props.problem} />
    <Answers>
      <Button disabled={props.busy} onClick={() => props.onPrint()}>Print its kit as well</Button>
      <Button kind="primary" busy={props.busy} onClick={() => props.onKept()}>Create account</Button>
    </Answers>
  </>
)
