import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { h, nextTick, ref, useTemplateRef, type Ref } from 'vue'
import { useKept } from './useKept'

it('a tile takes the focus with it when the columns change, and what had it or was opened last is kept', async () => {
  const columns = ref(3)
  const selected = ref('')
  const seen: { kept?: Ref<string> } = {}
  const wall = {
    setup() {
      const el = useTemplateRef<HTMLElement>('wall')
      const of = useKept(el, columns, () => selected.value)
      seen.kept = of.kept
      const tile = (id: string) => h('a', { href: '#', 'data-device': id, key: `${id}${columns.value}` })
      return () => h('div', { ref: 'wall', onFocusin: of.keep }, ['a', 'b'].map(tile)) // drawn anew with other columns
    },
  }
  const w = mount(wall, { attachTo: document.body })
  w.get<HTMLElement>('[data-device="b"]').element.focus()
  expect(seen.kept?.value).toBe('b')
  columns.value = 5
  await nextTick()
  await nextTick()
  expect(document.activeElement).toBe(w.get('[data-device="b"]').element)
  selected.value = 'a'
  await nextTick()
  selected.value = ''
  await nextTick()
  expect(seen.kept?.value).toBe('a')
  w.unmount()
})
