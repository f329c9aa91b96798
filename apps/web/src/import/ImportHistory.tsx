/** Every import there has been, newest first, each with what came of it in one line. */
import { A } from "@solidjs/router"
import CircleCheck from "lucide-solid/icons/circle-check"
import CircleSlash from "lucide-solid/icons/circle-slash"
import CircleX from "lucide-solid/icons/circle-x"
import { For, Match, Switch } from "solid-js"
import { counted } from "../ui/Counts.ts"
import { exactTime, nearTime } from "../ui/Times.ts"
import { formatName } from "./Formats.ts"
import type { Status } from "./RunningImport.tsx"

export const outcomeOf = ({ state, counts: { conversations, nodes }, refusal }: Status): string => {
  if (state === "refused") return refusal ?? "Refused"
  const quarantined = conversations.quarantined + nodes.quarantined
  return [
    state === "cancelled" ? "Stopped" : "",
    counted(conversations.imported, "new conversation"),
    conversations.merged > 0 ? `${counted(conversations.merged, "conversation")} known already` : "",
    quarantined > 0 ? `${quarantined} quarantined` : ""
  ].filter((part) => part !== "").join(", ")
}

export const ImportHistory = (props: { readonly imports: ReadonlyArray<Status> }) => (
  <ul class="divide-y divide-line border-y border-line">
    <For each={props.imports} fallback={<li class="py-4 text-ink-faint">Nothing has been imported yet.</li>}>
      {(status) => (
        <li class="relative flex items-start gap-3 px-1 py-3 hover:bg-raised">
          <span class="pt-0.5">
            <Switch>
              <Match when={status.state === "imported"}>
                <CircleCheck size={18} class="text-accent" aria-label="Imported" role="img" />
              </Match>
              <Match when={status.state === "refused"}>
                <CircleX size={18} class="text-danger" aria-label="Refused" role="img" />
              </Match>
              <Match when={status.state === "cancelled"}>
                <CircleSlash size={18} class="text-ink-faint" aria-label="Stopped" role="img" />
              </Match>
            </Switch>
          </span>
          <div class="min-w-0 flex-1">
            <A
              href={`/import/${encodeURIComponent(status.importId)}`}
              class="block truncate font-medium before:absolute before:inset-0 hover:underline"
              dir="auto"
            >
              {status.name}
            </A>
            <p class="text-sm text-ink-soft">
              <span class="me-1.5 text-ink-faint">{formatName(status.format)}.</span>
              {outcomeOf(status)}
            </p>
          </div>
          <time
            datetime={new Date(status.startedAt).toISOString()}
            title={exactTime(status.startedAt)}
            class="pt-0.5 text-xs text-ink-faint"
          >
            {nearTime(status.startedAt)}
          </time>
        </li>
      )}
    </For>
  </ul>
)
