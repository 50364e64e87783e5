import { disableAutoUnmount, enableAutoUnmount } from '@vue/test-utils'
import { afterEach, beforeAll } from 'vitest'
import { useLanguage } from '@/i18n'

beforeAll(async () => {
  await useLanguage('en')
})

// Files share a document: what a test mounted is gone before the next one begins.
disableAutoUnmount() // of the file before: it can be asked for once
enableAutoUnmount(afterEach)
