/** Creating an account: a name, keys made in this browser, and a way back that is kept before the account is opened. */
import { createSignal, Match, onCleanup, onMount, Switch } from "solid-js"
import { enterAs } from "../session/Session.ts"
import { Problem } from "../ui/Problem.tsx"
import { createDoing } from "./Doing.ts"
import { keys, type NewAccount, type Person, type WayBack } from "./Keys.ts"
import { KitSteps } from "./KitSteps.tsx"
import { Outside } from "./Outside.tsx"
import { canRecoverByPasskey } from "./PasskeySupport.ts"
import { isAboutHandle, sentenceOf } from "./Sentences.ts"
import { PasskeyMade, WayBackChoice } from "./WayBackChoice.tsx"
import { Who } from "./Who.tsx"

/** Which page it is at. */
type At = "name" | "choose" | "passkey" | "kit" | "check"

/** What has been decided so far, and what is being done about it. */
const createJourney = () => {
  const [person, setPerson] = createSignal<Person>({ handle: "", displayName: "" })
  const [fresh, setFresh] = createSignal<NewAccount>()
  const [kept, setKept] = createSignal(false)
  const [at, setAt] = createSignal<At>("name")
  /** Whether it is the name that stands in the way. */
  const [nameRefused, setNameRefused] = createSignal(false)
  const { busy, doing, problem } = createDoing((error) => {
    setNameRefused(isAboutHandle(error))
    if (nameRefused()) setAt("name")
    return sentenceOf(error)
  })
  let isLeft = false
  const make = async (way: WayBack) => {
    const made = await (await keys()).newAccount(way, person())
    if (isLeft) return made.giveUp()
    setFresh(made)
    setAt(way)
  }
  const open = () =>
    doing(async () => {
      setKept(true)
      enterAs(await fresh()!.open(person()))
    })
  const name = (person: Person) => {
    setPerson(person)
    // What was kept already stays: only the name was in the way.
    if (kept()) return void open()
    void doing(async () => {
      if (await canRecoverByPasskey()) setAt("choose")
      else await make("kit")
    })
  }
  const choose = (way: WayBack) => void doing(() => make(way))
  // Whoever leaves before the node has heard of it leaves nothing behind.
  const leave = () => {
    isLeft = true
    if (!kept()) fresh()?.giveUp()
  }
  // A page that is only laid aside may come back as it was.
  const hide = (event: PageTransitionEvent) => event.persisted || leave()
  addEventListener("pagehide", hide)
  onCleanup(() => {
    removeEventListener("pagehide", hide)
    leave()
  })
  const [hasChoice, setHasChoice] = createSignal(false)
  onMount(() => void canRecoverByPasskey().then(setHasChoice))
  const stepAt = (step: number) => hasChoice() ? { step: step + 1, of: 4 } : { step, of: 3 }
  return { person, fresh, kept, at, setAt, hasChoice, stepAt, nameRefused, busy, problem, name, choose, open }
}

type Journey = ReturnType<typeof createJourney>

const NamePage = (props: { readonly journey: Journey }) => (
  <Outside title="Create your account" back="welcome" at={{ step: 1, of: props.journey.hasChoice() ? 4 : 3 }}>
    <p class="mt-2 text-ink-soft">
      No e-mail address, no password: keys are made in this browser, and only their public halves leave it.
    </p>
    <Problem problem={props.journey.nameRefused() ? undefined : props.journey.problem()} />
    <Who
      person={props.journey.person()}
      problem={props.journey.nameRefused() ? props.journey.problem() : undefined}
      busy={props.journey.busy()}
      action={props.journey.kept() ? "Create account" : "Continue"}
      onPerson={props.journey.name}
    />
  </Outside>
)

const KitPage = (props: { readonly journey: Journey; readonly fresh: NewAccount }) => {
  const isChecking = () => props.journey.at() === "check"
  const isAsWell = () => props.fresh.wayBack === "passkey"
  return (
    <Outside
      title={isChecking() ? "Have you got it?" : isAsWell() ? "Your passkey, on paper" : "Keep your recovery kit"}
      wide
      at={props.journey.stepAt(isChecking() ? 3 : 2)}
    >
      <Problem problem={props.journey.problem()} />
      <KitSteps
        handle={props.journey.person().handle}
        kit={props.fresh.kit}
        busy={props.journey.busy()}
        action="Create account"
        onKept={() => void props.journey.open()}
        onCheck={(checking) => props.journey.setAt(checking ? "check" : "kit")}
      >
        <p>
          {isAsWell()
            ? "This kit and your passkey are one and the same way back: this one works at any node as well. Whoever finds it can open your account. It is shown this once."
            : "If you lose all your devices, this is the only way back: nobody, not even who runs this node, can open your account without it. Whoever finds it can. It is shown this once."}
        </p>
      </KitSteps>
    </Outside>
  )
}

const CreateAccount = () => {
  const journey = createJourney()
  onMount(() => void keys().catch(() => {}))
  // Keys that are in this page only would be lost with it.
  const hold = (event: BeforeUnloadEvent) => journey.fresh() !== undefined && event.preventDefault()
  addEventListener("beforeunload", hold)
  onCleanup(() => removeEventListener("beforeunload", hold))
  return (
    <Switch>
      <Match when={journey.at() === "name"}>
        <NamePage journey={journey} />
      </Match>
      <Match when={journey.at() === "choose"}>
        <Outside title="Choose your way back" wide at={{ step: 2, of: 4 }}>
          <WayBackChoice busy={journey.busy()} problem={journey.problem()} onChosen={journey.choose} />
        </Outside>
      </Match>
      <Match when={journey.at() === "passkey"}>
        <Outside title="Your passkey is made" wide at={{ step: 3, of: 4 }}>
          <PasskeyMade
            handle={journey.person().handle}
            busy={journey.busy()}
            problem={journey.problem()}
            onPrint={() => journey.setAt("kit")}
            onKept={() => void journey.open()}
          />
        </Outside>
      </Match>
      <Match when={journey.fresh()}>{(fresh) => <KitPage journey={journey} fresh={fresh()} />}</Match>
    </Switch>
  )
}

export default CreateAccount
