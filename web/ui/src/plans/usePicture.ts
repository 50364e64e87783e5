import { computed, onBeforeUnmount, onMounted, reactive, ref, watch, type Ref } from 'vue'
import { clamped, farthest, fitted, nearest, panned, shown, step, zoomed, type Size, type View } from './view'

/** How far a finger or the mouse may stray and still press what is under it, in CSS pixels. */
const slip = 5
/** How far an arrow key moves the picture. */
const stride = 80

/**
 * A picture in a room that it is moved and zoomed in: by wheel, by one finger or the mouse, by two fingers, by keys and
 * by buttons.
 */
export function usePicture(el: Readonly<Ref<HTMLElement | null>>, picture: () => Size) {
  const room = reactive<Size>({ w: 0, h: 0 })
  const fit = computed(() => fitted(room, picture()))
  const view = ref<View>({ zoom: 1, x: 0, y: 0 })
  const keep = () => (view.value = clamped(view.value, room, fit.value))
  watch(fit, keep)

  const middle = () => ({ x: room.w / 2, y: room.h / 2 })
  const zoom = (factor: number, at = middle()) => (view.value = zoomed(view.value, factor, at, room, fit.value))
  const whole = () => (view.value = clamped({ zoom: 1, x: 0, y: 0 }, room, fit.value))

  /** The place of the picture that is under a point of the window. */
  function placeAt(clientX: number, clientY: number): { x: number; y: number } {
    const box = el.value!.getBoundingClientRect()
    const { x, y, zoom } = view.value
    return {
      x: (clientX - box.left - x) / (fit.value.w * zoom),
      y: (clientY - box.top - y) / (fit.value.h * zoom),
    }
  }

  function onWheel(e: WheelEvent): void {
    const factor = Math.exp(-e.deltaY * (e.deltaMode === 1 ? 0.05 : 0.0015))
    const end = factor < 1 ? farthest : nearest
    if (view.value.zoom === end) return // at its end the page scrolls
    e.preventDefault()
    const box = el.value!.getBoundingClientRect()
    zoom(factor, { x: e.clientX - box.left, y: e.clientY - box.top })
  }

  const fingers = new Map<number, { x: number; y: number }>()
  /** Whether what is held down has moved the picture: then its end presses nothing. */
  let moved = false

  function onDown(e: PointerEvent): void {
    if (e.button !== 0) return
    fingers.set(e.pointerId, { x: e.clientX, y: e.clientY })
    if (fingers.size === 1) moved = false
  }

  function onMove(e: PointerEvent): void {
    const was = fingers.get(e.pointerId)
    if (!was) return
    const is = { x: e.clientX, y: e.clientY }
    if (!moved && fingers.size === 1) {
      if (Math.hypot(is.x - was.x, is.y - was.y) < slip) return
      moved = true
      el.value!.setPointerCapture(e.pointerId)
    }
    if (fingers.size === 1) view.value = panned(view.value, is.x - was.x, is.y - was.y, room, fit.value)
    else pinch(e.pointerId, was, is)
    fingers.set(e.pointerId, is)
  }

  function pinch(id: number, was: { x: number; y: number }, is: { x: number; y: number }): void {
    moved = true
    const other = [...fingers].find(([x]) => x !== id)![1]
    const apart = Math.hypot(was.x - other.x, was.y - other.y)
    const box = el.value!.getBoundingClientRect()
    const at = { x: (is.x + other.x) / 2 - box.left, y: (is.y + other.y) / 2 - box.top }
    view.value = panned(view.value, (is.x - was.x) / 2, (is.y - was.y) / 2, room, fit.value)
    if (apart > 0) zoom(Math.hypot(is.x - other.x, is.y - other.y) / apart, at)
  }

  const onUp = (e: PointerEvent) => fingers.delete(e.pointerId)

  /** Ends a press that moved the picture. */
  function onClick(e: MouseEvent): void {
    if (!moved) return
    moved = false
    e.preventDefault()
    e.stopPropagation()
  }

  function onKey(e: KeyboardEvent): void {
    if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return
    const acts: Record<string, () => unknown> = {
      '+': () => zoom(step),
      '=': () => zoom(step),
      '-': () => zoom(1 / step),
      '0': whole,
    }
    const way = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[e.key]
    if (way && e.target === el.value)
      acts[e.key] = () => (view.value = panned(view.value, way[0]! * stride, way[1]! * stride, room, fit.value))
    if (!acts[e.key]) return
    e.preventDefault()
    acts[e.key]!()
  }

  const measure = new ResizeObserver(([entry]) => {
    room.w = entry!.contentRect.width
    room.h = entry!.contentRect.height
  })
  onMounted(() => {
    measure.observe(el.value!)
    el.value!.addEventListener('wheel', onWheel, { passive: false })
    el.value!.addEventListener('click', onClick, { capture: true })
  })
  onBeforeUnmount(() => measure.disconnect())

  return {
    view,
    fit,
    zoom,
    whole,
    placeAt,
    show: (place: { x: number; y: number }) => (view.value = shown(view.value, place, room, fit.value)),
    /** The place in the middle of what is seen. */
    centre: () => {
      const { x, y, zoom } = view.value
      return { x: (room.w / 2 - x) / (fit.value.w * zoom), y: (room.h / 2 - y) / (fit.value.h * zoom) }
    },
    on: { pointerdown: onDown, pointermove: onMove, pointerup: onUp, pointercancel: onUp, keydown: onKey },
  }
}
