/** Creating an account: a name, keys made in this browser, and a kit that is kept before the account is opened. */
import { createSignal, Match, onCleanup, onMount, Switch } from "solid-js"
import { enterAs } from "../session/Session.ts"
import { Button } from "../ui/Button.tsx"
import { Field } from "../ui/Field.tsx"
import { Form, type Typed } from "../ui/Form.tsx"
import { Problem } from "../ui/Problem.tsx"
import { createDoing } from "./Doing.ts"
import { HandleField, handleIn } from "./Handle.tsx"
import { keys, type NewAccount, type Person } from "./Keys.ts"
import { KitSteps } from "./KitSteps.tsx"
import { Outside } from "./Outside.tsx"
import { isAboutHandle, sentenceOf } from "./Sentences.ts"

const handlePattern = /^[a-z][a-z0-9._-]{0,38}[a-z0-9]$|^[a-z]$/

const wrongWith = (handle: string): string | undefined => {
  if (handle === "") return "Choose a name first."
  if (handlePattern.test(handle)) return undefined
  return "Small letters, digits, dots and dashes; a letter first, no mark at the end, at most 40."
}

interface WhoProps {
  readonly person: Person
  readonly problem: string | undefined
  readonly busy: boolean
  readonly action: string
  readonly onPerson: (person: Person) => void
}

const Who = (props: WhoProps) => {
  const [wrong, setWrong] = createSignal<string>()
  const hear = (typed: Typed) => {
    const [handle, displayName, invitation] = [handleIn(typed("handle")), typed("name"), typed("invitation")]
    setWrong(wrongWith(handle))
    if (wrong() !== undefined) return
    props.onPerson({
      handle,
      displayName: displayName === "" ? handle : displayName,
      ...invitation === "" ? {} : { invitation }
    })
  }
  return (
    <Form class="mt-6 space-y-4" onTyped={hear}>
      <HandleField
        value={props.person.handle}
        autofocus
        help="How others find you on this node. It cannot be changed later."
        problem={wrong() ?? props.problem}
      />
      <Field
        label="Your name"
        name="name"
        value={props.person.displayName}
        autocomplete="name"
        maxlength={128}
        dir="auto"
        help="As you like to be called. It can be changed at any time."
      />
      <details class="text-sm">
        <summary class="inline-block rounded-md py-1 text-accent underline underline-offset-4">
          I have an invitation, or run this node
        </summary>
        <Field
          label="Invitation"
          name="invitation"
          class="mt-3"
          autocomplete="off"
          spellcheck={false}
          maxlength={256}
          help="Whoever runs the node puts the token here that it printed when it first started, and runs it with this account."
        />
      </details>
      <Button kind="primary" type="submit" busy={props.busy} class="w-full">{props.action}</Button>
    </Form>
  )
}

/** What has been decided so far, and what is being done about it. */
const createJourney = () => {
  const [person, setPerson] = createSignal<Person>({ handle: "", displayName: "" })
  const [fresh, setFresh] = createSignal<NewAccount>()
  const [kept, setKept] = createSignal(false)
  const [naming, setNaming] = createSignal(true)
  /** Whether it is the name that stands in the way. */
  const [nameRefused, setNameRefused] = createSignal(false)
  const { busy, doing, problem } = createDoing((error) => {
    setNameRefused(isAboutHandle(error))
    if (nameRefused()) setNaming(true)
    return sentenceOf(error)
  })
  const open = () =>
    doing(async () => {
      setKept(true)
      enterAs(await fresh()!.open(person()))
    })
  const name = (person: Person) => {
    setPerson(person)
    // A kit that was kept already stays the one: only the name was in the way.
    if (kept()) return void open()
    void doing(async () => {
      setFresh(fresh() ?? await (await keys()).newAccount())
      setNaming(false)
    })
  }
  return { person, fresh, kept, naming, nameRefused, busy, problem, name, open }
}

const CreateAccount = () => {
  const journey = createJourney()
  const [checking, setChecking] = createSignal(false)
  onMount(() => void keys().catch(() => {}))
  // Keys that are in this page only would be lost with it.
  const hold = (event: BeforeUnloadEvent) => journey.fresh() !== undefined && event.preventDefault()
  addEventListener("beforeunload", hold)
  onCleanup(() => removeEventListener("beforeunload", hold))
  return (
    <Switch>
      <Match when={journey.naming()}>
        <Outside title="Create your account" back="welcome" at={{ step: 1, of: 3 }}>
          <p class="mt-2 text-ink-soft">
            No e-mail address, no password: keys are made in this browser, and only their public halves leave it.
          </p>
          <Problem problem={journey.nameRefused() ? undefined : journey.problem()} />
          <Who
            person={journey.person()}
            problem={journey.nameRefused() ? journey.problem() : undefined}
            busy={journey.busy()}
            action={journey.kept() ? "Create account" : "Continue"}
            onPerson={journey.name}
          />
        </Outside>
      </Match>
      <Match when={journey.fresh()}>
        {(fresh) => (
          <Outside
            title={checking() ? "Have you got it?" : "Keep your recovery kit"}
            wide
            at={{ step: checking() ? 3 : 2, of: 3 }}
          >
            <Problem problem={journey.problem()} />
            <KitSteps
              handle={journey.person().handle}
              kit={fresh().kit}
              busy={journey.busy()}
              action="Create account"
              onKept={() => void journey.open()}
              onCheck={setChecking}
            >
              <p>
                If you lose all your devices, this is the only way back: nobody, not even who runs this node, can open
                your account without it. Whoever finds it can. It is shown this once.
              </p>
            </KitSteps>
          </Outside>
        )}
      </Match>
    </Switch>
  )
}

export default CreateAccount
