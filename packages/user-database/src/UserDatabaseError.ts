/** How a user's database can say no, or fail. */
import * as Schema from "effect/Schema"

/** Nobody with this DID was ever created here, or they were deleted. */
export class NoSuchUser extends Schema.TaggedError<NoSuchUser>()("NoSuchUser", { did: Schema.String }) {}

/** The file is sealed, and its owner's keys are not here. */
export class UserLocked extends Schema.TaggedError<UserLocked>()("UserLocked", { did: Schema.String }) {}

/** The user is here, but no file of this view can be read yet: it is still being built. */
export class ViewNotBuilt extends Schema.TaggedError<ViewNotBuilt>()("ViewNotBuilt", {
  did: Schema.String,
  view: Schema.String,
  version: Schema.Int
}) {}

/** The file built beside has seen less than the one being read: swapping would take readers back in time. */
export class ViewBehind extends Schema.TaggedError<ViewBehind>()("ViewBehind", {
  did: Schema.String,
  view: Schema.String,
  built: Schema.Int,
  serving: Schema.Int
}) {}

/** The file or the disk failed, or the file is not what its name says. The log still holds everything: rebuild the view. */
export class UserDatabaseError extends Schema.TaggedError<UserDatabaseError>()("UserDatabaseError", {
  doing: Schema.String,
  cause: Schema.Defect
}) {
  override get message() {
    return `cannot ${this.doing}: ${this.cause instanceof Error ? this.cause.message : String(this.cause)}`
  }
}

/** The view cannot take this event, and never will: its own code threw. Nothing of the batch is in the file. */
export class EventNotApplied extends Schema.TaggedError<EventNotApplied>()("EventNotApplied", {
  view: Schema.String,
  position: Schema.Int,
  type: Schema.String,
  cause: Schema.Defect
}) {
  override get message() {
    return `${this.view} cannot apply ${this.type} at ${this.position}`
  }
}

/** The file is torn, overwritten, somebody else's or gone. The log still holds everything: set it aside and build it anew. */
export class FileDamaged extends Schema.TaggedError<FileDamaged>()("FileDamaged", {
  did: Schema.String,
  view: Schema.String,
  cause: Schema.Defect
}) {}
