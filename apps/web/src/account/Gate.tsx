/** What is seen before anyone is signed in: a welcome, and the ways in. */
import { createSignal, type JSX, lazy, Match, onCleanup, Suspense, Switch } from "solid-js"
import { Trouble } from "../app/Trouble.tsx"
import { takeUp } from "../session/CameBack.ts"
import { accounts } from "../session/Session.ts"
import { ComingBack } from "./ComingBack.tsx"
import { beginSteps, clearStep, step } from "./Steps.ts"
import { TokenSignIn } from "./TokenSignIn.tsx"
import { Welcome } from "./Welcome.tsx"
import { WelcomeBack } from "./WelcomeBack.tsx"

const CreateAccount = lazy(() => import("./CreateAccount.tsx"))
const AddThisDevice = lazy(() => import("./AddThisDevice.tsx"))
const RecoverAccount = lazy(() => import("./RecoverAccount.tsx"))
const MoveAccount = lazy(() => import("./MoveAccount.tsx"))

/** Every page is put together anew when one comes to it. */
const Page = (props: { readonly children: JSX.Element }) => (
  <Suspense fallback={<div class="min-h-full bg-rail" />}>{props.children}</Suspense>
)

const Gate = () => {
  beginSteps()
  const [cameBack, setCameBack] = createSignal(takeUp())
  onCleanup(clearStep)
  return (
    <Trouble>
      <Switch fallback={<Welcome />}>
        <Match when={cameBack()}>
          {(cameBack) => <ComingBack cameBack={cameBack()} onDone={() => setCameBack(undefined)} />}
        </Match>
        <Match when={step() === "return" && accounts().length > 0}>
          <WelcomeBack />
        </Match>
        <Match when={step() === "token"}>
          <TokenSignIn />
        </Match>
        <Match when={step() === "create"}>
          <Page>
            <CreateAccount />
          </Page>
        </Match>
        <Match when={step() === "add"}>
          <Page>
            <AddThisDevice />
          </Page>
        </Match>
        <Match when={step() === "recover"}>
          <Page>
            <RecoverAccount />
          </Page>
        </Match>
        <Match when={step() === "move"}>
          <Page>
            <MoveAccount />
          </Page>
        </Match>
      </Switch>
    </Trouble>
  )
}

export default Gate
