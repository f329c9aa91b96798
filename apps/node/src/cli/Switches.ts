/** The switches that several commands share, with one meaning each. */
import * as Options from "@effect/cli/Options"

export const actAs = Options.text("as").pipe(
  Options.withDescription("Act as the account with this handle"),
  Options.optional
)

export const json = Options.boolean("json").pipe(Options.withDescription("Print the result as JSON on stdout"))
