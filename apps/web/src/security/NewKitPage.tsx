/** A new recovery kit: what it does is said first, it is kept before it counts, and who asks for it shows that it is them. */
import { A } from "@solidjs/router"
import { createResource, createSignal, Match, Show, Switch } from "solid-js"
import { createDoing } from "../account/Doing.ts"
import { keys, type NewKit } from "../account/Keys.ts"
import { KitField } from "../account/KitField.tsx"
import { KitSteps } from "../account/KitSteps.tsx"
import { canUsePasskeys } from "../account/PasskeySupport.ts"
import { first } from "../node/Node.ts"
import { account } from "../session/Session.ts"
import { confirmWho } from "../session/StepUp.ts"
import { Section, SettingsFrame } from "../settings/SettingsFrame.tsx"
import { Button } from "../ui/Button.tsx"
import { Form, type Typed } from "../ui/Form.tsx"
import { Problem } from "../ui/Problem.tsx"
import { Segments } from "../ui/Segments.tsx"
import { exchangeKeys } from "./Exchange.ts"
import { ExchangeStatus } from "./ExchangeStatus.tsx"

/** By whose word the new kit takes the old one's place. */
type Word = "kit" | "passkey" | "device"

const words: ReadonlyArray<{ readonly id: Word; readonly name: string }> = [
  { id: "kit", name: "I have the old kit" },
  { id: "passkey", name: "It is a passkey" },
  { id: "device", name: "I have lost it" }
]

/** By a second factor where there is one; else by the key in this browser. */
const confirmed = async (): Promise<boolean> => {
  const { means, recoveryCodesLeft } = await first("WatchMeans", {})
  const factors = means.map(({ means }) => means).filter((one) => one === "totp" || one === "passkey")
  if (factors.length === 0) return await confirmWho(["device"])
  return await confirmWho([...new Set(factors), ...recoveryCodesLeft > 0 ? ["recovery-code"] : []])
}

const Told = (props: { readonly word: Word; readonly none: boolean }) => (
  <ul class="mt-4 list-disc space-y-2 ps-5 text-ink-soft marker:text-ink-faint">
    <Show when={!props.none}>
      <Show
        when={props.word !== "device"}
        fallback={
          <>
            <li>
              The new kit holds at once. For 72 hours whoever has the old one can still take the account back with it: a
              thief with one of your devices must not be able to lock you out this way.
            </li>
            <li>
              After that the old kit takes back nothing any more. The next time you open your account, its keys are
              exchanged, and the old kit opens nothing either.
            </li>
          </>
        }
      >
        <li>The old one ceases to work at once and for good: it takes nothing back, and opens nothing any more.</li>
        <li>All keys of your account are exchanged with it. Your devices go on without asking you anything.</li>
      </Show>
    </Show>
    <li>It stands in the history of your account, which all your devices show.</li>
  </ul>
)

interface FirstProps {
  readonly none: boolean
  readonly busy: boolean
  readonly problem: string | undefined
  readonly onAsked: (word: Word, typed: string) => void
}

const First = (props: FirstProps) => {
  const [chosen, setChosen] = createSignal<Word>("kit")
  const [missing, setMissing] = createSignal<string>()
  const word = () => props.none ? "device" : chosen()
  const hear = (typed: Typed) => {
    const kit = word() === "kit" ? typed("kit") : ""
    setMissing(word() === "kit" && kit === "" ? "Type the groups of the kit you have." : undefined)
    if (missing() === undefined) props.onAsked(word(), kit)
  }
  return (
    <Form onTyped={hear}>
      <p class="max-w-[60ch] text-ink-soft">
        With the kit an account is taken back when no device is left. A new one is made in this browser; the node never
        sees it.
      </p>
      <Show when={!props.none}>
        <Segments
          class="mt-4"
          legend="The kit you have now"
          of={words.filter(({ id }) => id !== "passkey" || canUsePasskeys())}
          chosen={chosen()}
          onChoose={(one) => {
            setChosen(one)
            setMissing(undefined)
          }}
        />
      </Show>
      <Told word={word()} none={props.none} />
      <Show when={word() === "kit"}>
        <KitField
          class="mt-4"
          label="Old recovery kit"
          help="It has a higher rank than any device: only by its own word is it replaced for good."
        />
      </Show>
      <Problem problem={missing() ?? props.problem} />
      <Button kind="primary" type="submit" class="mt-4" busy={props.busy}>Make a new kit</Button>
    </Form>
  )
}

const Done = (props: { readonly word: Word }) => (
  <div>
    <p role="status" class="max-w-[60ch]">
      {props.word === "kit"
        ? "Your new kit holds. Destroy the old one."
        : props.word === "passkey"
        ? "Your new kit holds. The passkey is no way back any more."
        : "Your new kit holds. If you find the old one, destroy it."}
    </p>
    <ExchangeStatus />
    <A href="/settings/security" class="mt-4 inline-block py-1 text-accent underline underline-offset-4">
      Back to Security
    </A>
  </div>
)

const Steps = () => {
  const [known] = createResource(async () => await (await keys()).kitKnown().catch(() => "known" as const))
  const [made, setMade] = createSignal<NewKit & { readonly word: Word }>()
  const [done, setDone] = createSignal<Word>()
  const { busy, doing, problem } = createDoing()
  const make = (word: Word, typed: string) =>
    void doing(async () => {
      const kit = await (await keys()).newKit(word === "kit" ? typed : word === "passkey" ? null : undefined)
      if (await confirmed()) setMade({ ...kit, word })
    })
  const replace = (kit: NewKit & { readonly word: Word }) =>
    void doing(async () => {
      await kit.replace()
      setDone(kit.word)
      void exchangeKeys()
    })
  return (
    <Switch fallback={<First none={known() === "none"} busy={busy()} problem={problem()} onAsked={make} />}>
      <Match when={done()}>{(word) => <Done word={word()} />}</Match>
      <Match when={made()}>
        {(kit) => (
          <>
            <Problem problem={problem()} />
            <KitSteps
              handle={account()?.handle ?? ""}
              kit={kit().kit}
              busy={busy()}
              action="Put it in the place of the old one"
              onKept={() => replace(kit())}
            >
              <p>Print it or write it down. Until you have shown that you kept it, the old one holds.</p>
            </KitSteps>
          </>
        )}
      </Match>
    </Switch>
  )
}

const NewKitPage = () => (
  <SettingsFrame title="Security">
    <Section title="A new recovery kit">
      <Show
        when={account()}
        fallback={
          <p class="max-w-[60ch] text-ink-soft">
            A kit is made by a device of the account. This browser is none: sign in with one of your devices.
          </p>
        }
      >
        <Steps />
      </Show>
    </Section>
  </SettingsFrame>
)

export default NewKitPage
