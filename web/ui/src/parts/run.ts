import { ref } from 'vue'

/** Does one thing at a time, and keeps why the last one failed. */
export function useRun() {
  const busy = ref(false)
  const error = ref<unknown>()

  async function run(act: () => unknown): Promise<void> {
    if (busy.value) return
    busy.value = true
    error.value = undefined
    try {
      await act()
    } catch (err) {
      error.value = err
    } finally {
      busy.value = false
    }
  }
  return { busy, error, run }
}
