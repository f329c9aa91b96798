/** A parcel on its way to the node. */
import X from "lucide-solid/icons/x"
import { Show } from "solid-js"
import { IconButton } from "../ui/Button.tsx"
import { bytes } from "../ui/Counts.ts"
import { Progress } from "../ui/Progress.tsx"
import { dismiss, type Upload } from "./Uploads.ts"

const words: Record<Upload["state"], string> = {
  waiting: "Waiting its turn",
  packing: "Packing the folder",
  sending: "Sending to your node",
  taken: "Taken in",
  failed: "Not sent"
}

export const UploadView = (props: { readonly upload: Upload }) => (
  <article class="rounded-lg border border-line bg-raised p-4">
    <div class="flex items-start gap-3">
      <div class="min-w-0 flex-1">
        <h2 class="truncate font-medium" dir="auto">{props.upload.name}</h2>
        <p class="text-sm text-ink-soft">
          {words[props.upload.state]}
          <Show when={props.upload.state === "sending" || props.upload.state === "packing"}>
            , {bytes(props.upload.done)} of {bytes(props.upload.bytes)}
          </Show>
        </p>
      </div>
      <IconButton
        label={props.upload.state === "failed" ? "Dismiss" : "Cancel"}
        onClick={() => dismiss(props.upload.id)}
      >
        <X size={16} aria-hidden="true" />
      </IconButton>
    </div>
    <Show
      when={props.upload.problem}
      fallback={
        <div class="mt-3">
          <Progress label={`Sending ${props.upload.name}`} value={props.upload.done} max={props.upload.bytes} />
        </div>
      }
    >
      {(problem) => <p role="alert" class="mt-2 rounded-md bg-danger-wash px-3 py-2 text-sm text-danger">{problem()}
      </p>}
    </Show>
  </article>
)
