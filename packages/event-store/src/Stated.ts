/** What an event may carry beside what is kept of it. */

/**
 * Under this name an event carries itself as it was stated, both parts open, to those who follow the log in the process that
 * stated it: they need not open what was sealed a moment ago. It is never written and never sent.
 */
export const stated: unique symbol = Symbol("@vivim/event-store/stated")
