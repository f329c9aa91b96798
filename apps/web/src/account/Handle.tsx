/** The name of an account, as people type it. */
import { Field, type FieldProps } from "../ui/Field.tsx"

/** A handle as people type it: the sign before it and capitals are no mistakes. */
export const handleIn = (typed: string): string => typed.trim().replace(/^@/, "").toLowerCase()

export const HandleField = (props: Partial<FieldProps>) => (
  <Field
    label="Username"
    name="handle"
    autocomplete="username"
    autocapitalize="none"
    spellcheck={false}
    maxlength={41}
    dir="ltr"
    {...props}
  />
)
