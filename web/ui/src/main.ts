import { createApp } from 'vue'
import { VueQueryPlugin } from '@tanstack/vue-query'
import App from './App.vue'
import { i18n, rememberedLanguage, useLanguage } from './i18n'
import { queries } from './api/queries'
import { router } from './router'
import { startTheme } from './theme/theme'
import './theme/base.css'

startTheme()
await useLanguage(rememberedLanguage())
createApp(App).use(i18n).use(router).use(VueQueryPlugin, { queryClient: queries }).mount('#app')
