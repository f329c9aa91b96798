/** Moving an account to this node with its export and its kit: both are read, what the move does is said first, and the export is imported after it. */
import { createSignal, Match, onCleanup, onMount, Show, Switch } from "solid-js"
import { isSealed, open, openedName } from "../age/Age.ts"
import { Refused } from "../node/Calls.ts"
import { enterAs } from "../session/Session.ts"
import { Answers, Button } from "../ui/Button.tsx"
import { Field } from "../ui/Field.tsx"
import { Form, type Typed } from "../ui/Form.tsx"
import { Problem } from "../ui/Problem.tsx"
import { createDoing } from "./Doing.ts"
import { keys, type Person } from "./Keys.ts"
import { KitField } from "./KitField.tsx"
import type { Moving } from "./Moving.ts"
import { Outside } from "./Outside.tsx"
import { isAboutHandle, sentenceOf } from "./Sentences.ts"
import { goTo } from "./Steps.ts"
import { Who } from "./Who.tsx"

/** What means another thing here than where a node is asked. */
const sentences: Readonly<Record<string, string>> = {
  NotAllowed:
    "This node opens accounts by invitation, or not at all. Give an invitation below, or ask whoever runs it. Nothing was changed.",
  LogNotProven: "What this file says of its account does not prove itself. It is not believed."
}

const sentenceOfMoving = (error: unknown): string =>
  (error instanceof Refused ? sentences[error.refusal._tag] : undefined) ?? sentenceOf(error)

interface BringProps {
  readonly problem: string | undefined
  readonly busy: boolean
  readonly onBrought: (file: File, kit: string, passphrase: string) => void
}

const Bring = (props: BringProps) => {
  const [file, setFile] = createSignal<File>()
  const [sealed, setSealed] = createSignal(false)
  const [missing, setMissing] = createSignal<string>()
  const choose = async (chosen: File | undefined) => {
    setFile(chosen)
    setSealed(chosen !== undefined && await isSealed(chosen))
  }
  const hear = (typed: Typed) => {
    const [chosen, kit, passphrase] = [file(), typed("kit"), typed("passphrase")]
    setMissing(
      chosen === undefined
        ? "Choose the export of the account first."
        : sealed() && passphrase === ""
        ? "Type the passphrase the file is sealed with."
        : kit === ""
        ? "Type the groups of your kit."
        : undefined
    )
    if (missing() === undefined) props.onBrought(chosen!, kit, passphrase)
  }
  return (
    <Form class="mt-6" onTyped={hear}>
      <Field
        label="Export of the account"
        type="file"
        accept=".zip,.age"
        look="text-sm file:me-3 file:rounded-md file:border-0 file:bg-accent-wash file:px-3 file:py-1.5 file:font-medium file:text-accent"
        help="The file from “Export everything”: a .zip, or sealed, an .age. It is read in this browser, and not sent before you say so."
        onChange={(event) => void choose(event.currentTarget.files?.[0])}
      />
      <Show when={sealed()}>
        <Field
          class="mt-4"
          label="Passphrase of the file"
          name="passphrase"
          type="password"
          autocomplete="off"
          help="It opens the file in this browser; the node does not hear of it."
        />
      </Show>
      <KitField class="mt-4" />
      <Problem problem={missing() ?? props.problem} />
      <Button kind="primary" type="submit" busy={props.busy} class="mt-4 w-full">Read both</Button>
    </Form>
  )
}

interface AgreeProps {
  readonly moving: Moving
  readonly busy: boolean
  readonly problem: string | undefined
  /** Whether it is the name that stands in the way. */
  readonly isNameRefused: boolean
  readonly onPerson: (person: Person) => void
}

const Agree = (props: AgreeProps) => (
  <>
    <p class="mt-2 break-words text-ink-soft">
      The kit opens @{props.moving.handle}, the account in this export. This is what moving it here does:
    </p>
    <ul class="mt-4 list-disc space-y-2 ps-5 marker:text-ink-faint">
      <li>Its log says from then on that it is at this node, and this browser is its only device.</li>
      <li>The export is imported next. You see how far it is, and get a receipt.</li>
      <li>Conversations that were sealed when it was exported stay behind: the export holds no keys to them.</li>
      <li>The kit stays your way back.</li>
      <li>The old node is not told. If it still runs, your devices stay signed in there, and what is there stays.</li>
    </ul>
    <Problem problem={props.isNameRefused ? undefined : props.problem} />
    <Who
      person={props.moving}
      problem={props.isNameRefused ? props.problem : undefined}
      busy={props.busy}
      action="Move the account here"
      onPerson={props.onPerson}
    />
  </>
)

/** It came here before: by this browser, or by another. */
const There = (props: Omit<AgreeProps, "isNameRefused">) => (
  <>
    <Show
      when={props.moving.stands === "begun"}
      fallback={
        <p class="mt-2 text-ink-soft">
          This node has the account already, on other devices. Recover it with the kit, or add this browser from one of
          them; then import the export on the page Import. What is there already is not imported twice.
        </p>
      }
    >
      <p class="mt-2 text-ink-soft">
        The account has been moved to this node from this browser. What is left is to import the export; what came
        before is not imported twice.
      </p>
    </Show>
    <Problem problem={props.problem} />
    <Answers>
      <Show
        when={props.moving.stands === "begun"}
        fallback={<Button kind="primary" onClick={() => goTo("recover")}>Recover it with the kit</Button>}
      >
        <Button kind="primary" busy={props.busy} onClick={() => props.onPerson(props.moving)}>
          Sign in and import
        </Button>
      </Show>
    </Answers>
  </>
)

const MoveAccount = () => {
  const [moving, setMoving] = createSignal<Moving>()
  const [nameRefused, setNameRefused] = createSignal(false)
  let carried: File | undefined
  const { busy, doing, problem } = createDoing((error) => {
    setNameRefused(isAboutHandle(error))
    return sentenceOfMoving(error)
  })
  onMount(() => void keys().catch(() => {}))
  const read = (given: File, kit: string, passphrase: string) =>
    void doing(async () => {
      const file = await isSealed(given)
        ? new File([await open(given, passphrase)], openedName(given.name))
        : given
      setMoving(await (await keys()).beginMoving(file, kit))
      carried = file
    })
  const move = (person: Person) =>
    void doing(async () => {
      const file = carried!
      const { takeIn } = await import("../import/Uploads.ts")
      const account = await moving()!.move(person)
      // The first page of the session is the one that shows how the import goes.
      history.replaceState(history.state, "", "/import")
      enterAs(account)
      takeIn([{ path: file.name, file }])
    })
  // Between the node's yes and the first parcel nothing is lost, but has to be begun again.
  const hold = (event: BeforeUnloadEvent) => busy() && moving() !== undefined && event.preventDefault()
  addEventListener("beforeunload", hold)
  onCleanup(() => removeEventListener("beforeunload", hold))
  return (
    <Switch
      fallback={
        <Outside title="Move an account here" back="welcome" wide at={{ step: 1, of: 2 }}>
          <p class="mt-2 text-ink-soft">
            For when the node your account was on is gone, or you leave it. You need the file the account was exported
            in, and its recovery kit. If you stopped half way, give both again.
          </p>
          <Bring problem={problem()} busy={busy()} onBrought={read} />
        </Outside>
      }
    >
      <Match when={moving()?.stands === "elsewhere" && moving()}>
        {(moving) => (
          <Outside title="Before you move it" back="welcome" wide at={{ step: 2, of: 2 }}>
            <Agree
              moving={moving()}
              busy={busy()}
              problem={problem()}
              isNameRefused={nameRefused()}
              onPerson={move}
            />
          </Outside>
        )}
      </Match>
      <Match when={moving()}>
        {(moving) => (
          <Outside title="The account is here already" back="welcome" wide at={{ step: 2, of: 2 }}>
            <There moving={moving()} busy={busy()} problem={problem()} onPerson={move} />
          </Outside>
        )}
      </Match>
    </Switch>
  )
}

export default MoveAccount
