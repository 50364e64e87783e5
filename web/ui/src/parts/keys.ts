/** Does the key belong to a field in which somebody writes? */
export const typing = (e: KeyboardEvent): boolean =>
  e.isComposing ||
  (e.target instanceof Element && e.target.closest('input, textarea, select, [contenteditable]') !== null)

/** Does a dialog lie over the page? Those that are closed stay in the document. */
export const covered = (): boolean =>
  [...document.querySelectorAll('[role="dialog"], dialog[open]')].some((d) => d.checkVisibility())

/** Is it one press of a single key, for the page and nobody else? A key that is held down is not pressed again. */
export const plainKey = (e: KeyboardEvent): boolean =>
  !e.repeat && !e.defaultPrevented && !e.ctrlKey && !e.metaKey && !e.altKey && !e.shiftKey && !typing(e) && !covered()
