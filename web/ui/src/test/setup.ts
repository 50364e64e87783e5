import { beforeAll } from 'vitest'
import { useLanguage } from '@/i18n'

beforeAll(async () => {
  await useLanguage('en')
})
