import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

const seen = new WeakMap<Element, (entry: IntersectionObserverEntry) => void>()
let observer: IntersectionObserver | undefined

/** One observer for all: it looks a whole screen beyond what is seen, above and below. */
const watcher = () =>
  (observer ??= new IntersectionObserver((all) => all.forEach((entry) => seen.get(entry.target)?.(entry)), {
    rootMargin: '100% 0px',
  }))

/**
 * Whether an element is on the screen or less than a screen away from it, and how high it was when it went. Until the
 * browser says, it is what `first` says.
 */
export function useNear(el: Readonly<Ref<HTMLElement | null>>, first: boolean) {
  const near = ref(first)
  const height = ref(0)
  onMounted(() => {
    const element = el.value!
    seen.set(element, (entry) => {
      if (!entry.isIntersecting) height.value = entry.boundingClientRect.height
      near.value = entry.isIntersecting
    })
    watcher().observe(element)
    onBeforeUnmount(() => watcher().unobserve(element))
  })
  return { near, height }
}
