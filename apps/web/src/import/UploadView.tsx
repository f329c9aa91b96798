/** A parcel on its way to the node. */
import X from "lucide-solid/icons/x"
import { Match, Show, Switch } from "solid-js"
import { Button, IconButton } from "../ui/Button.tsx"
import { bytes } from "../ui/Counts.ts"
import { Field } from "../ui/Field.tsx"
import { Form } from "../ui/Form.tsx"
import { Progress } from "../ui/Progress.tsx"
import { dismiss, unseal, type Upload } from "./Uploads.ts"

const words: Record<Upload["state"], string> = {
  waiting: "Waiting its turn",
  packing: "Packing the folder",
  sealed: "Sealed with age",
  opening: "Opening in this browser",
  sending: "Sending to your node",
  taken: "Taken in",
  failed: "Not sent"
}

/** The node never hears it: the file is opened in this browser. */
const Passphrase = (props: { readonly upload: Upload }) => (
  <Form
    class="mt-3 space-y-3"
    onTyped={(typed) => typed("passphrase") !== "" && void unseal(props.upload.id, typed("passphrase"))}
  >
    <Field
      label="Passphrase of the file"
      name="passphrase"
      type="password"
      autocomplete="off"
      required
      help="It opens the file in this browser; the node does not hear of it."
      problem={props.upload.problem === "" ? undefined : props.upload.problem}
    />
    <Button type="submit" size="small">Open and import</Button>
  </Form>
)

export const UploadView = (props: { readonly upload: Upload }) => (
  <article class="rounded-lg border border-line bg-raised p-4">
    <div class="flex items-start gap-3">
      <div class="min-w-0 flex-1">
        <h2 class="truncate font-medium" dir="auto">{props.upload.name}</h2>
        <p class="text-sm text-ink-soft">
          {words[props.upload.state]}
          <Show
            when={props.upload.state === "sending" || props.upload.state === "packing" ||
              props.upload.state === "opening"}
          >
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
    <Switch
      fallback={
        <div class="mt-3">
          <Progress
            label={`${words[props.upload.state]}: ${props.upload.name}`}
            value={props.upload.done}
            max={props.upload.bytes}
          />
        </div>
      }
    >
      <Match when={props.upload.state === "sealed"}>
        <Passphrase upload={props.upload} />
      </Match>
      <Match when={props.upload.problem}>
        {(problem) => (
          <p role="alert" class="mt-2 rounded-md bg-danger-wash px-3 py-2 text-sm text-danger">{problem()}</p>
        )}
      </Match>
    </Switch>
  </article>
)
