/** How many digits a PIN has; the server decides. */
export const pinLength = 6

/** What of a text a PIN can be: its digits, also those of an input method, and no more than there are. */
export const digits = (text: string): string => text.normalize('NFKC').replace(/\D/g, '').slice(0, pinLength)
