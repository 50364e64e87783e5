import { ref, shallowRef } from 'vue'
import { asProblem } from '@/api/problem'

/** True while the user is asked to show once more who they are. */
export const proving = ref(false)

const waiting = shallowRef<{ proved: () => void; given: (up: unknown) => void }>()

/**
 * Does what may ask for a fresh proof of who the user is: if it does, the dialog asks for one, and it is done again. Whoever
 * closes the dialog gets the refusal.
 */
export async function withProof<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (err) {
    if (asProblem(err).code !== 'proof_needed') throw err
    await new Promise<void>((proved, given) => {
      waiting.value?.given(err)
      waiting.value = { proved, given: () => given(err) }
      proving.value = true
    })
    return act()
  }
}

/** The user showed who they are. */
export function proved(): void {
  waiting.value?.proved()
  waiting.value = undefined
  proving.value = false
}

/** The dialog was closed without a proof. */
export function notProved(): void {
  waiting.value?.given(undefined)
  waiting.value = undefined
}

/** Nobody is there any more who could be asked: the dialog goes, as if it were closed. */
export function noProof(): void {
  notProved()
  proving.value = false
}
