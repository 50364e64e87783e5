import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { createRouter, createMemoryHistory, RouterView } from 'vue-router'
import { defineComponent, h, ref } from 'vue'
import { useLanguage } from '@/i18n'
import { me } from '@/session/session'
import ConfirmDialog from './ConfirmDialog.vue'
import LeaveGuard from './LeaveGuard.vue'

const unsaved = ref(false)

async function opened() {
  const Editor = defineComponent({ render: () => h(LeaveGuard, { unsaved: unsaved.value }) })
  const Other = defineComponent({ render: () => h('p') })
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: Editor },
      { path: '/other', component: Other },
    ],
  })
  await router.push('/')
  const app = mount(RouterView, { global: { plugins: [router], stubs: { ConfirmDialog: true } } })
  await flushPromises()
  const go = async () => {
    const gone = router.push('/other')
    await flushPromises()
    return gone
  }
  return { router, go, dialog: () => app.findComponent(ConfirmDialog) }
}

describe('leaving a page with something that is not saved', () => {
  beforeEach(async () => {
    await useLanguage('en')
    me.value = { id: 'o1' } as never
  })

  it('asks first, and stays if nobody wants to leave', async () => {
    unsaved.value = true
    const { router, go, dialog } = await opened()
    const gone = go()
    await flushPromises()
    expect(dialog().props('modelValue')).toBe(true)
    dialog().vm.$emit('update:modelValue', false)
    await gone
    expect(router.currentRoute.value.path).toBe('/')
  })

  it('goes on if somebody does', async () => {
    unsaved.value = true
    const { router, go, dialog } = await opened()
    const gone = go()
    await flushPromises()
    await dialog().props('run')()
    await gone
    expect(router.currentRoute.value.path).toBe('/other')
  })

  it('asks nothing when all is saved, nor of somebody who was signed out', async () => {
    unsaved.value = false
    let page = await opened()
    await page.go()
    expect(page.router.currentRoute.value.path).toBe('/other')
    unsaved.value = true
    me.value = null
    page = await opened()
    await page.go()
    expect(page.router.currentRoute.value.path).toBe('/other')
  })
})
