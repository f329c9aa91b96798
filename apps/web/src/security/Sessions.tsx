/** Where one is signed in, and how to end it: one, or all but this. */
import Monitor from "lucide-solid/icons/monitor"
import Smartphone from "lucide-solid/icons/smartphone"
import { createSignal, For, Show } from "solid-js"
import { createDoing, inNote } from "../account/Doing.ts"
import type { Answer } from "../node/Calls.ts"
import { ask, watch } from "../node/Node.ts"
import { session } from "../session/Session.ts"
import { Button } from "../ui/Button.tsx"
import { counted } from "../ui/Counts.ts"
import { exactTime, nearDay, nearTime } from "../ui/Times.ts"
import { toast } from "../ui/Toasts.tsx"
import { agentName, isHandheld } from "./Agents.ts"
import { Answered, Row, rowsLook } from "./Rows.tsx"

type Open = Answer<"WatchSessions">[number]

const seen = (at: number): string => `${nearDay(at)}${Date.now() - at < 86_400_000 ? `, ${nearTime(at)}` : ""}`

const SessionRow = (props: { readonly session: Open }) => {
  const { busy, doing } = createDoing(inNote)
  const end = () =>
    doing(async () => {
      await ask("EndSession", { sessionId: props.session.sessionId })
      toast("Signed out there.")
    })
  return (
    <Row
      icon={isHandheld(props.session.agent) ? <Smartphone size={18} /> : <Monitor size={18} />}
      title={agentName(props.session.agent)}
      badge={props.session.isThis ? "This browser" : undefined}
      action={
        <Show when={!props.session.isThis}>
          <Button
            size="small"
            busy={busy()}
            onClick={() => void end()}
            aria-label={`Sign out ${agentName(props.session.agent)}`}
          >
            Sign out
          </Button>
        </Show>
      }
    >
      <span title={exactTime(props.session.seenAt)}>Last seen: {seen(props.session.seenAt)}</span>
      <Show when={props.session.means === "provider"}>{" · "}by a linked provider</Show>
      <Show when={props.session.address}>{(address) => <span class="break-all">{" · "}{address()}</span>}</Show>
    </Row>
  )
}

const shownFirst = 10

export const Sessions = () => {
  const open = watch("WatchSessions", () => ({}))
  const [all, setAll] = createSignal(false)
  const { busy, doing } = createDoing(inNote)
  const endOthers = () =>
    doing(async () => {
      const { ended } = await ask("EndSessions", { others: true })
      toast(ended === 0 ? "There was no other session." : `${counted(ended, "other session")} ended.`)
    })
  const others = () => open.answer()?.filter(({ isThis }) => !isThis).length ?? 0
  return (
    <>
      <p class="mb-4 max-w-[60ch] text-ink-soft">
        Every browser and program that is signed in as you. Ending a session holds within a second.
      </p>
      <Answered of={open} rows={2}>
        {(sessions) => (
          <Show
            when={sessions().length > 0}
            fallback={
              <p class="text-ink-soft">
                {session()?.kind === "token"
                  ? "You are here by the node's token, which opens no session. It holds until the node is given another one."
                  : "No session is open."}
              </p>
            }
          >
            <ul aria-label="Sessions" class={rowsLook}>
              <For each={all() ? sessions() : sessions().slice(0, shownFirst)}>
                {(session) => <SessionRow session={session} />}
              </For>
            </ul>
            <div class="mt-4 flex flex-wrap gap-2 empty:hidden">
              <Show when={others() > 0}>
                <Button busy={busy()} onClick={() => void endOthers()}>Sign out everywhere else</Button>
              </Show>
              <Show when={!all() && sessions().length > shownFirst}>
                <Button kind="ghost" onClick={() => setAll(true)}>Show all {sessions().length}</Button>
              </Show>
            </div>
          </Show>
        )}
      </Answered>
    </>
  )
}
