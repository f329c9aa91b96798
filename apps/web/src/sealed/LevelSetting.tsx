/** How private what comes in is to be, said in words; and bringing to that level what is there already. */
import { createMemo, For, Show } from "solid-js"
import { createDoing } from "../account/Doing.ts"
import { command, watch } from "../node/Node.ts"
import { Button } from "../ui/Button.tsx"
import { counted } from "../ui/Counts.ts"
import { sentenceOfError } from "../ui/Notice.tsx"
import { Problem } from "../ui/Problem.tsx"
import { Segments } from "../ui/Segments.tsx"
import { bring, receipt, running } from "./Level.ts"

type Level = "served" | "sealed"

const levels = [{ id: "served", name: "Served" }, { id: "sealed", name: "Sealed" }] as const

const words: Readonly<Record<Level, string>> = {
  served:
    "What you import can be read by the node while you are signed in, so that it can search for you and do what you allow others. On disk it is sealed with your key.",
  sealed:
    "What you import is sealed on this device, with a key the node never gets. To take the file apart the node reads it once; each conversation is sealed right after, while the client is open here, and what the node could read is destroyed then. Its receipt still names the titles. Only your devices search it."
}

const Outcome = () => (
  <Show when={running() === undefined && receipt()}>
    {(now) => (
      <section aria-label="Receipt" class="mt-4 rounded-lg border border-line bg-raised px-4 py-3 text-sm">
        <p>
          {counted(now().found, "conversation")} found: {now().brought}{" "}
          {now().level === "sealed" ? "sealed" : "opened for the node"}, {now().gone} not there any more,{" "}
          {now().failed.length} could not be, {now().left} left.
        </p>
        <Show when={now().stopped}>{(why) => <p class="mt-1 text-danger">It stopped: {why()}</p>}</Show>
        <ul class="mt-1 list-disc ps-5 text-ink-soft empty:hidden">
          <For each={now().failed}>
            {({ reason, title }) => (
              <li>
                <bdi>{title}</bdi>: {reason}
              </li>
            )}
          </For>
        </ul>
      </section>
    )}
  </Show>
)

export const LevelSetting = () => {
  const account = watch("WatchAccount", () => ({}))
  const facets = watch("WatchFacets", () => ({}))
  const { busy, doing, problem } = createDoing(sentenceOfError)
  const level = (): Level => account.answer()?.privacy ?? "served"
  const choose = (privacy: Level) =>
    void doing(async () => {
      const userId = account.answer()?.userId
      if (userId !== undefined && privacy !== level()) await command("ChoosePrivacy", { userId, privacy })
    })
  const counts = createMemo(() => {
    const all = facets.answer()
    const sealed = all?.providers.find(({ provider }) => provider === "sealed")?.count ?? 0
    return { sealed, served: (all?.total ?? 0) - sealed }
  })
  const others = () => (level() === "sealed" ? counts().served : counts().sealed)
  return (
    <div class="mt-6">
      <h3 class="mb-2 font-semibold">What comes in from now on</h3>
      <Segments legend="What comes in from now on" of={levels} chosen={level()} onChoose={choose} />
      <p class="mt-3 max-w-[56ch] text-ink-soft">{words[level()]}</p>
      <p class="mt-3 text-ink-soft">
        {counted(counts().served, "conversation")} served, {counts().sealed} sealed.
      </p>
      <Show when={others() > 0}>
        <Button
          class="mt-3 h-auto min-h-10 whitespace-normal"
          busy={busy() || running() !== undefined}
          onClick={() => void doing(() => bring(level()))}
        >
          {level() === "sealed"
            ? `Seal ${counted(others(), "conversation")} that the node can read`
            : `Let the node read ${counted(others(), "sealed conversation")}`}
        </Button>
      </Show>
      <Problem problem={problem()} />
      <Outcome />
    </div>
  )
}
