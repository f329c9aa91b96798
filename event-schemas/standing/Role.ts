/** What an account may be on a node beside a user, and how it stands there. */
import * as Schema from "effect/Schema"
import { Text } from "../ids.ts"

/** A moderator answers for people, an operator for machines; an admin is both, and says who is what. */
export const Role = Schema.Literal("moderator", "operator", "admin")
export type Role = typeof Role.Type

/** Why, for those who may know: free text, sealed. */
export const Reason = Text.pipe(Schema.maxLength(1_024))
