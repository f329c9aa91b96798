/** Where a kit on paper is typed, or pasted, whole. */
import { LongField } from "../ui/Field.tsx"

interface KitFieldProps {
  readonly class?: string
  readonly label?: string
  /** What else there is to know of it. */
  readonly help?: string
}

export const KitField = (props: KitFieldProps) => (
  <LongField
    class={props.class}
    look="font-mono tracking-wider"
    label={props.label ?? "Recovery kit"}
    name="kit"
    rows={4}
    autocomplete="off"
    autocapitalize="characters"
    spellcheck={false}
    maxlength={400}
    dir="ltr"
    help={`All 14 groups. Capital or small, with dashes, spaces or neither; O counts as 0, and I and L as 1. ${
      props.help ?? ""
    }`.trim()}
  />
)
