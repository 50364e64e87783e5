// Draws the icons of the installed console from public/favicon.svg, in the sizes that browsers ask for:
// node scripts/icons.mjs
import { readFileSync, writeFileSync } from 'node:fs'
import { chromium } from '@playwright/test'

const publicFolder = new URL('../public/', import.meta.url)
const drawing = readFileSync(new URL('favicon.svg', publicFolder), 'utf8')
const ground = '#0f4c5c'

/** Name, width in pixels, and the part of the width that the drawing takes: systems cut the edge of what is maskable. */
const icons = [
  ['icon-180.png', 180, 1, true],
  ['icon-192.png', 192, 1, false],
  ['icon-512.png', 512, 1, false],
  ['icon-maskable-512.png', 512, 0.72, true],
]

const browser = await chromium.launch({ executablePath: process.env.GATEHOUSE_CHROMIUM ?? '/usr/bin/chromium' })
try {
  for (const [name, width, part, filled] of icons) {
    const page = await browser.newPage({ viewport: { width, height: width } })
    const side = Math.round(width * part)
    await page.setContent(
      `<body style="margin:0;width:100vw;height:100vh;display:grid;place-items:center;background:${filled ? ground : 'none'}">` +
        drawing.replace('<svg ', `<svg width="${side}" height="${side}" `),
    )
    writeFileSync(new URL(name, publicFolder), await page.screenshot({ omitBackground: true }))
    await page.close()
  }
} finally {
  await browser.close()
}
