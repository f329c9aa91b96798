/** A code that shows once more who one is: typed from an authenticator, or from the list of recovery codes. */
import { sentenceOf } from "../account/Sentences.ts"
import { Refused } from "../node/Calls.ts"
import { Field, type FieldProps } from "../ui/Field.tsx"

export type CodeMeans = "totp" | "recovery-code"

/** Codes are read and typed in groups. */
export const codeIn = (typed: string): string => typed.replaceAll(/\s/g, "")

const labels: Readonly<Record<CodeMeans, string>> = {
  totp: "Six digits from your authenticator",
  "recovery-code": "One of your recovery codes"
}

const refused: Readonly<Record<CodeMeans, string>> = {
  totp: "That is not the code of just now. See that your phone's clock is right, and type the next one.",
  "recovery-code": "That is not one of your recovery codes, or it was used before."
}

/** What the node refuses here is the code, not the session. */
export const problemWith = (means: CodeMeans) => (error: unknown): string =>
  error instanceof Refused && error.refusal._tag === "NotSignedIn" ? refused[means] : sentenceOf(error)

export const CodeField = (props: Partial<FieldProps> & { readonly means: CodeMeans }) => (
  <Field
    class="mt-4"
    label={labels[props.means]}
    name="code"
    required
    autocomplete="one-time-code"
    inputmode={props.means === "totp" ? "numeric" : "text"}
    spellcheck={false}
    maxlength={64}
    autofocus={props.autofocus}
    problem={props.problem}
  />
)
