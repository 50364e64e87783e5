import { ref } from 'vue'

export type Theme = 'auto' | 'light' | 'dark'
export const themes: readonly Theme[] = ['auto', 'light', 'dark']

const store = 'gatehouse.theme'
const system = matchMedia('(prefers-color-scheme: dark)')

/** What the user chose; auto follows the system. */
export const theme = ref<Theme>(themes.find((x) => x === localStorage.getItem(store)) ?? 'auto')

function apply(): void {
  const dark = theme.value === 'dark' || (theme.value === 'auto' && system.matches)
  // Element Plus and theme/tokens.css look at this class.
  document.documentElement.classList.toggle('dark', dark)
  // The frame that a phone, or an installed console, draws around the page.
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', dark ? '#16202c' : '#ffffff')
}

/** Shows a theme and remembers it in this browser. */
export function setTheme(next: Theme): void {
  theme.value = next
  localStorage.setItem(store, next)
  apply()
}

export function startTheme(): void {
  system.addEventListener('change', apply)
  apply()
}
